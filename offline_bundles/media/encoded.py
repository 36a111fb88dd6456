"""What encoding gives: files and where in them everything lies."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Rendition:
    """One stream of one quality in one file. Places are byte offsets; `segments` are (offset, length, ms)."""

    name: str
    path: Path
    bytes: int
    codecs: str
    init: tuple[int, int]
    segments: tuple[tuple[int, int, int], ...]
    width: int = 0
    height: int = 0
    frame_rate: float = 0


@dataclass(frozen=True, slots=True)
class EncodedVideo:
    """Renditions in ascending order of bytes; `notes` say what was dropped or degraded, in a sentence each."""

    duration_ms: int
    video: tuple[Rendition, ...]
    audio: tuple[Rendition, ...]
    poster: Path | None
    notes: tuple[str, ...]
    encoded: int
    reused: int


@dataclass(frozen=True, slots=True)
class Picture:
    path: Path
    width: int
    height: int
    bytes: int
    reused: bool
