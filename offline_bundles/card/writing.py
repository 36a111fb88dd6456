"""Writes a card: first the index, then every text of all its releases, then the rest in the courses' order.

The same releases give the same bytes. What several releases share stands there once. A card that was cut short lacks
media before it lacks a course's structure, and the last course before the first.

Objects are copied, not hashed: SHA-256 would take three times as long as the writing. What was written is found right
or wrong by reading the card itself back (`verify_release` on `open_card`), which finds a failing card as well.
"""

import os
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO
from zlib import crc32

from offline_bundles.card.index import PARTS_MAX, RELEASES_MAX, Index
from offline_bundles.card.layout import (
    END,
    ENTRIES_MAX,
    ENTRY_BYTES,
    FILE_BYTES_MAX,
    INDEX_NAME,
    End,
    Entry,
    object_name,
)
from offline_bundles.errors import BrokenCard, MissingObject
from offline_bundles.opening.contents import ObjectRef, objects_of
from offline_bundles.records import ReleaseRecord
from offline_bundles.rotation import Endorsement
from offline_bundles.stores import ObjectSource

PART_BYTES_MAX = FILE_BYTES_MAX
CHUNK_BYTES = 256 << 10  # fits a core's cache, where it is written and counted
CHUNKS_BEHIND_MAX = 4


@dataclass(frozen=True, slots=True)
class Written:
    """`parts` in their order; `bytes` of all of them together."""

    parts: tuple[Path, ...]
    objects: int
    bytes: int


@dataclass(frozen=True, slots=True)
class _Planned:
    digest: str
    size: int


def write_card(
    releases: Sequence[ReleaseRecord],
    source: ObjectSource,
    target: Path,
    *,
    keys: tuple[Endorsement, ...] = (),
    bytes_max: int = PART_BYTES_MAX,
) -> Written:
    """Writes `target`, and beside it `name-2.zip`, `name-3.zip`… where one file would be larger than `bytes_max`.

    Raises `BrokenCard` for what does not fit, and `MissingObject` for a store that is not whole.
    """
    records = tuple(sorted(set(releases), key=lambda record: (record.course, record.number, record.root)))
    if not 0 < len(records) <= RELEASES_MAX:
        raise BrokenCard(f"A card holds from 1 to {RELEASES_MAX} releases.")
    return write_objects(records, _in_order(records, source), source, target, keys=keys, bytes_max=bytes_max)


def write_objects(
    records: tuple[ReleaseRecord, ...],
    digests: Sequence[str],
    source: ObjectSource,
    target: Path,
    *,
    keys: tuple[Endorsement, ...] = (),
    bytes_max: int = PART_BYTES_MAX,
) -> Written:
    """The same for chosen objects, each named once, in the order given."""
    plan = [_Planned(digest, source.size(digest)) for digest in digests]
    parts = _split(plan, _index_bytes_max(records, keys), min(bytes_max, FILE_BYTES_MAX))
    paths = tuple(_path(target, number) for number in range(1, len(parts) + 1))
    for number, (path, objects) in enumerate(zip(paths, parts, strict=True), 1):
        _write_part(path, Index(records, number, len(parts), keys), objects, source)
    return Written(paths, len(plan), sum(path.stat().st_size for path in paths))


def _in_order(records: Sequence[ReleaseRecord], source: ObjectSource) -> list[str]:
    """Texts first, so that the first part alone says what every course is made of."""
    texts: dict[str, ObjectRef] = {}
    others: dict[str, ObjectRef] = {}
    for record in records:
        for ref in objects_of(record.root, source):
            (texts if ref.is_text else others).setdefault(ref.digest, ref)
    return [*texts, *(digest for digest in others if digest not in texts)]


def _index_bytes_max(records: tuple[ReleaseRecord, ...], keys: tuple[Endorsement, ...]) -> int:
    return len(Index(records, PARTS_MAX, PARTS_MAX, keys).raw())


def _split(plan: Sequence[_Planned], index_bytes: int, bytes_max: int) -> list[list[_Planned]]:
    empty = END.size + ENTRY_BYTES + index_bytes
    parts: list[list[_Planned]] = [[]]
    filled = empty
    for planned in plan:
        cost = ENTRY_BYTES + planned.size
        if empty + cost > bytes_max:
            raise BrokenCard(
                f"An object of {planned.size} bytes does not fit into a file of {bytes_max}. Allow larger files."
            )
        if filled + cost > bytes_max or len(parts[-1]) + 1 == ENTRIES_MAX:
            parts.append([])
            filled = empty
        parts[-1].append(planned)
        filled += cost
    if len(parts) > PARTS_MAX:
        raise BrokenCard(f"The card would have {len(parts)} files; the limit is {PARTS_MAX}. Allow larger files.")
    return parts


def _path(target: Path, number: int) -> Path:
    return target if number == 1 else target.with_name(f"{target.stem}-{number}{target.suffix}")


def _write_part(path: Path, index: Index, objects: Sequence[_Planned], source: ObjectSource) -> None:
    """Whole or not at all: a file of this name was written to its end and is on the disk."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        with unfinished.open("wb", buffering=0) as file, ThreadPoolExecutor(1, "hashing") as beside:
            part = _Part(file, beside)
            part.add_index(index.raw())
            for planned in objects:
                part.add_object(planned, source)
            part.finish()
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


class _Part:
    """One file while it is written. Checksums are made beside writing: both leave the interpreter alone."""

    def __init__(self, file: BinaryIO, beside: ThreadPoolExecutor) -> None:
        self._file = file
        self._beside = beside
        self._entries: list[Entry] = []
        self._at = 0

    def add_index(self, raw: bytes) -> None:
        self._add_whole(Entry(INDEX_NAME, len(raw), crc32(raw), self._at), raw)

    def add_object(self, planned: _Planned, source: ObjectSource) -> None:
        """Small objects in one write; of large ones the header is written again, once their checksum is known."""
        entry = Entry(object_name(planned.digest), planned.size, 0, self._at)
        with source.open(planned.digest) as content:
            first = content.read(CHUNK_BYTES)
            if len(first) == planned.size:
                self._add_whole(replace(entry, crc=crc32(first)), first)
            else:
                self._add_stream(entry, first, content)

    def _add_whole(self, entry: Entry, raw: bytes) -> None:
        self._write(entry.local() + raw)
        self._entries.append(entry)

    def _add_stream(self, entry: Entry, chunk: bytes, content: BinaryIO) -> None:
        self._write(entry.local())
        checksum = _Checksum(self._beside)
        while chunk and self._at < entry.end:
            checksum.add(chunk)
            self._write(chunk)
            chunk = content.read(CHUNK_BYTES)
        if chunk or self._at != entry.end:
            raise MissingObject(f"The object {entry.digest[:12]} changed its size. Pack the course again, then export.")
        entry = replace(entry, crc=checksum.whole())
        os.pwrite(self._file.fileno(), entry.local(), entry.offset)
        self._entries.append(entry)

    def finish(self) -> None:
        start = self._at
        directory = b"".join(entry.central() for entry in self._entries)
        self._write(directory + End(len(self._entries), len(directory), start).raw())
        os.fsync(self._file.fileno())

    def _write(self, raw: bytes) -> None:
        _write_all(self._file.write, raw)
        self._at += len(raw)


class _Checksum:
    """The CRC-32 of one object, made by the one thread beside, a few chunks behind the writing."""

    def __init__(self, beside: ThreadPoolExecutor) -> None:
        self._beside = beside
        self._waiting: deque[Future[None]] = deque()
        self._crc = 0

    def add(self, chunk: bytes) -> None:
        if len(self._waiting) == CHUNKS_BEHIND_MAX:
            self._waiting.popleft().result()
        self._waiting.append(self._beside.submit(self._count, chunk))

    def _count(self, chunk: bytes) -> None:
        self._crc = crc32(chunk, self._crc)

    def whole(self) -> int:
        while self._waiting:
            self._waiting.popleft().result()
        return self._crc


def _write_all(write: Callable[[memoryview], int], raw: bytes) -> None:
    """An unbuffered file may take less than it is given."""
    rest = memoryview(raw)
    while rest:
        rest = rest[write(rest) :]
