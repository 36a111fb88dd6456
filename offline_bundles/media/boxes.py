"""Reads the boxes of a fragmented MP4: where its initialisation ends, where each segment lies, what codec it holds.

Hostile-safe: a box never reaches beyond its parent, every number is read inside its box, and only `moov` and `moof`
are read into memory, each of a bounded size. Whatever the bytes are, the answer is a layout or a `MediaError`.
Source: ISO/IEC 14496-12 (boxes), 14496-15 5.3.3 (avcC), RFC 6381 (names of codecs); AV1 Codec ISO Media File Format
Binding, 2.3 (av1C) and 5 (its name).
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import BinaryIO

from offline_bundles.errors import MediaError

HEADER_BYTES = 8
LARGE_HEADER_BYTES = 16
TOP_BOXES_MAX = 20_000  # four hours are 1,440 segments of two boxes; this is far beyond
MOOV_BYTES_MAX = 1 << 20  # a fragmented file's moov has a few hundred bytes for each track
MOOF_BYTES_MAX = 1 << 20  # ten seconds of samples, sixteen bytes each


@dataclass(frozen=True, slots=True)
class Box:
    """A box inside another: its type, and what it holds."""

    kind: str
    content: memoryview

    def number(self, at: int, width: int) -> int:
        """An unsigned integer; raises `MediaError` where the box ends before it."""
        if at + width > len(self.content):
            raise MediaError(f"The MP4's {self.kind} box is cut short.")
        return int.from_bytes(self.content[at : at + width], "big")

    def child(self, *path: str) -> "Box":
        """The first box at a path of types; raises `MediaError` where there is none."""
        found = self
        for kind in path:
            inner = next((box for box in boxes(found.content) if box.kind == kind), None)
            if inner is None:
                raise MediaError(f"The MP4's {found.kind} box holds no {kind}.")
            found = inner
        return found


@dataclass(frozen=True, slots=True)
class Place:
    """A box of the file itself: bytes from its start, header included."""

    kind: str
    start: int
    length: int
    header: int

    @property
    def end(self) -> int:
        return self.start + self.length


@dataclass(frozen=True, slots=True)
class Fragments:
    """A fragmented file's layout: `init` is (offset, length), `segments` (offset, length, duration in ms)."""

    init: tuple[int, int]
    segments: tuple[tuple[int, int, int], ...]
    codecs: str


def boxes(content: memoryview) -> Iterator[Box]:
    """The boxes that lie side by side in a stretch of bytes."""
    at = 0
    while at < len(content):
        length, header = _extent(bytes(content[at : at + LARGE_HEADER_BYTES]), len(content) - at)
        yield Box(_kind(content[at + 4 : at + 8]), content[at + header : at + length])
        at += length


def places(file: BinaryIO) -> Iterator[Place]:
    """The file's own boxes, headers alone read."""
    size, at = file.seek(0, os.SEEK_END), 0
    for _ in range(TOP_BOXES_MAX):
        if at == size:
            return
        file.seek(at)
        head = file.read(LARGE_HEADER_BYTES)
        length, header = _extent(head, size - at)
        yield Place(_kind(head[4:8]), at, length, header)
        at += length
    raise MediaError(f"The MP4 holds more than {TOP_BOXES_MAX} boxes.")


def _extent(head: bytes, room: int) -> tuple[int, int]:
    """A box's length and its header's, from its first bytes and the room that its parent has left."""
    if len(head) < HEADER_BYTES:
        raise MediaError("The MP4 is cut inside a box.")
    length, header = int.from_bytes(head[:4], "big"), HEADER_BYTES
    if length == 1:
        length, header = int.from_bytes(head[8:16], "big"), LARGE_HEADER_BYTES
    elif length == 0:  # to the end of what holds it
        length = room
    if not header <= length <= room:
        raise MediaError("A box of the MP4 is longer than what holds it, or shorter than its own header.")
    return length, header


def _kind(four: bytes | memoryview) -> str:
    return bytes(four).decode("latin-1")


def fragments(file: BinaryIO) -> Fragments:
    """The layout of one fragmented file that holds one track: `moov` first, then `moof` and `mdat` by turns."""
    top = list(places(file))
    moov_place = next((place for place in top if place.kind == "moov"), None)
    pairs = [(moof, mdat) for moof, mdat in pairwise(top) if (moof.kind, mdat.kind) == ("moof", "mdat")]
    if moov_place is None or not pairs or pairs[0][0].start != moov_place.end:
        raise MediaError("This is no MP4 whose initialisation is followed by its segments.")
    moov = _read(file, moov_place, MOOV_BYTES_MAX)
    track = _Track.of(moov)
    spans = [track.span(_read(file, moof, MOOF_BYTES_MAX)) for moof, _ in pairs]
    segments = tuple(
        (moof.start, mdat.end - moof.start, milliseconds)
        for (moof, mdat), milliseconds in zip(pairs, _durations(spans, track.timescale), strict=True)
    )
    return Fragments((0, moov_place.end), segments, _codecs(moov))


def _read(file: BinaryIO, place: Place, bytes_max: int) -> Box:
    if place.length > bytes_max:
        raise MediaError(f"The MP4's {place.kind} box has {place.length} bytes; {bytes_max} is the limit.")
    file.seek(place.start + place.header)
    return Box(place.kind, memoryview(file.read(place.length - place.header)))


def _durations(spans: list[tuple[int, int]], timescale: int) -> list[int]:
    """Milliseconds from each segment's start to the next one's, and to the last sample's end.

    Starts are rounded, not lengths, so that rounding never adds up over a long lecture.
    """
    edges = [start for start, _ in spans] + [sum(spans[-1])]
    if any(later <= earlier for earlier, later in pairwise(edges)):
        raise MediaError("The MP4's segments do not follow one another in time.")
    stamps = [edge * 1000 // timescale for edge in edges]
    return [later - earlier for earlier, later in pairwise(stamps)]


@dataclass(frozen=True, slots=True)
class _Track:
    """Units a second, and how many of them a sample lasts that says nothing else."""

    timescale: int
    sample_duration: int

    @classmethod
    def of(cls, moov: Box) -> "_Track":
        mdhd = moov.child("trak", "mdia", "mdhd")
        timescale = mdhd.number(20 if mdhd.number(0, 1) == 1 else 12, 4)
        if timescale == 0:
            raise MediaError("The MP4's track has no timescale.")
        return cls(timescale, moov.child("mvex", "trex").number(12, 4))

    def span(self, moof: Box) -> tuple[int, int]:
        """A segment's start and length in units of the timescale."""
        traf = moof.child("traf")
        tfdt = traf.child("tfdt")
        start = tfdt.number(4, 8 if tfdt.number(0, 1) == 1 else 4)
        default = _default_duration(traf.child("tfhd"), self.sample_duration)
        runs = (box for box in boxes(traf.content) if box.kind == "trun")
        return start, sum(_run_duration(run, default) for run in runs)


# Flags of tfhd and trun, 14496-12 8.8.7 and 8.8.8: which members follow, each in the order of its bit.
BASE_OFFSET, DESCRIPTION_INDEX, DEFAULT_DURATION = 0x1, 0x2, 0x8
DATA_OFFSET, FIRST_FLAGS, SAMPLE_DURATION = 0x1, 0x4, 0x100
SAMPLE_MEMBERS = (SAMPLE_DURATION, 0x200, 0x400, 0x800)  # duration, size, flags, composition offset: four bytes each


def _default_duration(tfhd: Box, otherwise: int) -> int:
    flags = tfhd.number(1, 3)
    if not flags & DEFAULT_DURATION:
        return otherwise
    return tfhd.number(8 + 8 * bool(flags & BASE_OFFSET) + 4 * bool(flags & DESCRIPTION_INDEX), 4)


def _run_duration(trun: Box, default: int) -> int:
    flags, count = trun.number(1, 3), trun.number(4, 4)
    if not flags & SAMPLE_DURATION:
        return count * default
    at = 8 + 4 * bool(flags & DATA_OFFSET) + 4 * bool(flags & FIRST_FLAGS)
    stride = 4 * sum(bool(flags & member) for member in SAMPLE_MEMBERS)
    if at + count * stride > len(trun.content):
        raise MediaError("A run of samples in the MP4 is cut short.")
    return sum(trun.number(at + stride * sample, 4) for sample in range(count))


SAMPLE_ENTRIES = 8  # stsd: version, flags, count of entries
VISUAL_ENTRY_BYTES = 78  # what stands in a visual sample entry before its own boxes


def _codecs(moov: Box) -> str:
    """As RFC 6381 names it."""
    stsd = moov.child("trak", "mdia", "minf", "stbl", "stsd")
    entry = next(boxes(stsd.content[SAMPLE_ENTRIES:]), None)
    if entry is None:
        raise MediaError("The MP4 does not say how it is coded.")
    if entry.kind == "avc1":
        avcc = Box(entry.kind, entry.content[VISUAL_ENTRY_BYTES:]).child("avcC")
        return f"avc1.{avcc.number(1, 3):06x}"
    if entry.kind == "av01":
        return _av1(Box(entry.kind, entry.content[VISUAL_ENTRY_BYTES:]).child("av1C"))
    names = {"Opus": "opus", "mp4a": "mp4a.40.2"}
    if entry.kind not in names:
        raise MediaError("The MP4 is coded in a way that phones do not play.")
    return names[entry.kind]


def _av1(configured: Box) -> str:
    """Profile, level, tier and depth: av01.0.04M.08."""
    kind, depth = configured.number(1, 1), configured.number(2, 1)
    bits = (12 if depth & 0x20 else 10) if depth & 0x40 else 8
    return f"av01.{kind >> 5}.{kind & 0x1F:02d}{'H' if depth & 0x80 else 'M'}.{bits:02d}"
