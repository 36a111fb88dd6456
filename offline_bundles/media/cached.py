"""Made once: the file that a recipe gives for a source, kept by what determines its bytes."""

import secrets
from collections.abc import Callable, Sequence
from hashlib import file_digest, sha256
from pathlib import Path

KEY_CHARACTERS = 40


def source_digest(source: Path) -> str:
    with source.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def made_once(cache: Path, parts: Sequence[str], suffix: str, make: Callable[[Path], None]) -> tuple[Path, bool]:
    """The file, and whether it was there already. What is cut short leaves nothing behind under its name."""
    key = sha256("\n".join(parts).encode()).hexdigest()[:KEY_CHARACTERS]
    path = cache / key[:2] / f"{key}{suffix}"
    if path.is_file():
        return path, True
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{key}-{secrets.token_hex(4)}{suffix}")
    try:
        make(unfinished)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return path, False
