"""What encoding gives: files and where in them everything lies."""

from dataclasses import dataclass
from pathlib import Path

MS_PER_MINUTE = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendition:
    """One stream of one quality in one file. Places are byte offsets.

    `init` is (offset, length), `segments` are (offset, length, ms). `width`, `height` and `frame_rate` are 0 for
    sound; `language` is what the source's own label says (ISO 639), "" where it says nothing. `vmaf` is
    measured against the source, 0 to 100; sound has none.
    """

    name: str
    width: int = 0
    height: int = 0
    frame_rate: float = 0
    codecs: str
    language: str = ""
    path: Path
    bytes: int
    init: tuple[int, int]
    segments: tuple[tuple[int, int, int], ...]
    vmaf: float | None = None

    @property
    def is_base(self) -> bool:
        """Whether every phone plays it, the oldest too."""
        return not self.codecs.startswith("av01")

    @property
    def duration_ms(self) -> int:
        return sum(duration for _, _, duration in self.segments)

    @property
    def bytes_a_minute(self) -> int:
        return round(self.bytes * MS_PER_MINUTE / self.duration_ms) if self.duration_ms else self.bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodedVideo:
    """Renditions in ascending order of bytes; `notes` say what was dropped or degraded, in a sentence each.

    `failed` says, rung by rung, what could not be made and why; `following` names what was left for later.
    `encoded` and `reused` count files: what was made now, and what the cache held.
    """

    duration_ms: int
    video: tuple[Rendition, ...]
    audio: tuple[Rendition, ...]
    poster: Path | None
    notes: tuple[str, ...]
    failed: tuple[str, ...] = ()
    following: tuple[str, ...] = ()
    encoded: int
    reused: int


@dataclass(frozen=True, slots=True)
class Picture:
    """A WebP file; sizes in pixels."""

    path: Path
    width: int
    height: int
    bytes: int
    reused: bool
