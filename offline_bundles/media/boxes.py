"""Reads the boxes of a fragmented MP4: where its initialisation ends, where each segment lies, what codec it holds.

Bounded: a box never reaches beyond its parent, and nesting is as deep as the format's own containers.
Source: ISO/IEC 14496-12 (boxes), 14496-15 5.3.3 (avcC).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from offline_bundles.errors import MediaError

HEADER_BYTES = 8
LARGE_HEADER_BYTES = 16
MOOV_BYTES_MAX = 1 << 20  # a fragmented file's moov has a few hundred bytes for each track
MOOF_BYTES_MAX = 1 << 20  # ten seconds of samples


@dataclass(frozen=True, slots=True)
class Box:
    """A box's type, where it starts, how long it is with its header, and where its content starts."""

    kind: str
    start: int
    length: int
    content: int

    @property
    def end(self) -> int:
        return self.start + self.length


@dataclass(frozen=True, slots=True)
class Fragments:
    """A fragmented file's layout: `init` is (offset, length), `segments` (offset, length, duration in ms)."""

    init: tuple[int, int]
    segments: tuple[tuple[int, int, int], ...]
    codecs: str


def boxes(data: bytes, start: int = 0, end: int | None = None) -> Iterator[Box]:
    """The boxes that lie side by side in a stretch of bytes; raises `MediaError`."""
    at, end = start, len(data) if end is None else end
    while at < end:
        box = _box(data, at, end)
        yield box
        at = box.end


def _box(data: bytes, at: int, end: int) -> Box:
    if at + HEADER_BYTES > end:
        raise MediaError("The MP4 is cut inside a box.")
    length, content = int.from_bytes(data[at : at + 4], "big"), at + HEADER_BYTES
    if length == 1 and at + LARGE_HEADER_BYTES <= end:
        length, content = int.from_bytes(data[at + 8 : at + 16], "big"), at + LARGE_HEADER_BYTES
    if length == 0:
        length = end - at
    if at + length < content or at + length > end:
        raise MediaError("A box of the MP4 is longer than what holds it.")
    return Box(data[at + 4 : at + 8].decode("latin-1"), at, length, content)


def find(data: bytes, box: Box, *path: str) -> Box | None:
    """The first box at a path of types inside another."""
    if not path:
        return box
    for child in boxes(data, box.content, box.end):
        if child.kind == path[0]:
            found = find(data, child, *path[1:])
            if found:
                return found
    return None


def fragments(path: Path, duration_ms: int) -> Fragments:
    """The layout of one fragmented file that holds one track."""
    data = path.read_bytes()
    top = list(boxes(data))
    moov = next((box for box in top if box.kind == "moov"), None)
    if moov is None or moov.length > MOOV_BYTES_MAX:
        raise MediaError(f"{path.name} is no fragmented MP4.")
    starts = [(moof, mdat) for moof, mdat in pairwise(top) if (moof.kind, mdat.kind) == FRAGMENT]
    if not starts:
        raise MediaError(f"{path.name} holds no segment.")
    times = [_time(data, moof) * 1000 // _timescale(data, moov) for moof, _ in starts]
    ends = [*times[1:], max(duration_ms, times[-1] + 1)]
    segments = tuple(
        (moof.start, mdat.end - moof.start, end - time)
        for (moof, mdat), time, end in zip(starts, times, ends, strict=True)
    )
    return Fragments((0, moov.end), segments, _codecs(data, moov))


FRAGMENT = ("moof", "mdat")


def _timescale(data: bytes, moov: Box) -> int:
    mdhd = find(data, moov, "trak", "mdia", "mdhd")
    if mdhd is None:
        raise MediaError("The MP4's track has no header.")
    at = mdhd.content + (20 if data[mdhd.content] == 1 else 12)
    return int.from_bytes(data[at : at + 4], "big") or 1


def _time(data: bytes, moof: Box) -> int:
    """When a segment starts, in units of the track's timescale."""
    tfdt = find(data, moof, "traf", "tfdt") if moof.length <= MOOF_BYTES_MAX else None
    if tfdt is None:
        raise MediaError("A segment of the MP4 does not say when it starts.")
    width = 8 if data[tfdt.content] == 1 else 4
    return int.from_bytes(data[tfdt.content + 4 : tfdt.content + 4 + width], "big")


SAMPLE_ENTRIES = 8  # stsd: version, flags, count of entries
VISUAL_ENTRY_BYTES = 78  # what stands in a visual sample entry before its own boxes


def _codecs(data: bytes, moov: Box) -> str:
    """As RFC 6381 names it."""
    stsd = find(data, moov, "trak", "mdia", "minf", "stbl", "stsd")
    entry = next(boxes(data, stsd.content + SAMPLE_ENTRIES, stsd.end), None) if stsd else None
    if entry is None:
        raise MediaError("The MP4 does not say how it is coded.")
    if entry.kind == "avc1":
        for inner in boxes(data, entry.content + VISUAL_ENTRY_BYTES, entry.end):
            if inner.kind == "avcC":
                return f"avc1.{data[inner.content + 1 : inner.content + 4].hex()}"
    return {"Opus": "opus", "mp4a": "mp4a.40.2"}.get(entry.kind, entry.kind)
