"""Made once: the file that a recipe gives for a source, kept by what determines its bytes.

Invariant: a name in the cache stands for a whole file. What is cut short lies under another name until it is removed.
"""

import os
import secrets
from collections.abc import Callable, Sequence
from hashlib import file_digest, sha256
from pathlib import Path

KEY_CHARACTERS = 40


def source_digest(source: Path) -> str:
    with source.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def made_once(cache: Path, parts: Sequence[str], suffix: str, make: Callable[[Path], None]) -> tuple[Path, bool]:
    """The file, and whether it was there already. `parts` are everything that its bytes depend on."""
    path = place(cache, parts, suffix)
    if path.is_file():
        return path, True
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.stem}-{secrets.token_hex(4)}{suffix}")
    try:
        make(unfinished)
        _settle(unfinished)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return path, False


def is_made(cache: Path, parts: Sequence[str], suffix: str) -> bool:
    return place(cache, parts, suffix).is_file()


def place(cache: Path, parts: Sequence[str], suffix: str) -> Path:
    """Where in the cache that file is, or would be."""
    key = sha256("\n".join(parts).encode()).hexdigest()[:KEY_CHARACTERS]
    return cache / key[:2] / f"{key}{suffix}"


def _settle(path: Path) -> None:
    """Onto the disk before it gets its name: a power cut may leave no file, never an empty one."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
