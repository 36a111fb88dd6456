"""Made once: the file that a recipe gives for a source, kept by what determines its bytes.

Invariants: a name in the cache stands for a whole file, and what is cut short lies under another name until it is
removed; of several threads that want the same file at the same time, one makes it.
"""

import os
import secrets
from collections.abc import Callable, Sequence
from hashlib import file_digest, sha256
from pathlib import Path

from offline_bundles.media.claims import Claims, patiently

KEY_CHARACTERS = 40
MAKING: Claims[Path] = Claims()


def source_digest(source: Path) -> str:
    with source.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def made_once(
    cache: Path,
    parts: Sequence[str],
    suffix: str,
    make: Callable[[Path], None],
    meanwhile: Callable[[], None] = patiently,
) -> tuple[Path, bool]:
    """The file, and whether it was there already. `parts` are everything that its bytes depend on.

    While another thread makes it, this waits, and takes it over if that one fails; `meanwhile` as in `Claims.wait`.
    """
    path = place(cache, parts, suffix)
    while not path.is_file():
        with MAKING.claim(path) as is_ours:
            if is_ours and not path.is_file():
                _make(path, make)
                return path, False
        if not is_ours:
            MAKING.wait(path, meanwhile)
    return path, True


def _make(path: Path, make: Callable[[Path], None]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.stem}-{secrets.token_hex(4)}{path.suffix}")
    try:
        make(unfinished)
        _settle(unfinished)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


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
