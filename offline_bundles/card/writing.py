"""Writes a card: first the index, then every text of all its releases, then the rest in the courses' order.

The same releases give the same bytes. What several releases share stands there once. Every object is hashed as it is
copied: a store that has rotted is found here and not in the village. A card that was cut short therefore lacks media
before it lacks a course's structure, and the last course before the first.
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from hashlib import sha256
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
from offline_bundles.errors import BrokenCard, TamperedObject
from offline_bundles.opening.contents import ObjectRef, objects_of
from offline_bundles.records import ReleaseRecord
from offline_bundles.stores import ObjectSource

PART_BYTES_MAX = FILE_BYTES_MAX
CHUNK_BYTES = 1 << 20


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
    releases: Sequence[ReleaseRecord], source: ObjectSource, target: Path, *, bytes_max: int = PART_BYTES_MAX
) -> Written:
    """Writes `target`, and beside it `name-2.zip`, `name-3.zip`… where one file would be larger than `bytes_max`.

    Raises `BrokenCard` for what does not fit, `MissingObject` and `TamperedObject` for a store that is not whole.
    """
    records = tuple(sorted(set(releases), key=lambda record: (record.course, record.number, record.root)))
    if not 0 < len(records) <= RELEASES_MAX:
        raise BrokenCard(f"A card holds from 1 to {RELEASES_MAX} releases.")
    return write_objects(records, _in_order(records, source), source, target, bytes_max=bytes_max)


def write_objects(
    records: tuple[ReleaseRecord, ...],
    digests: Sequence[str],
    source: ObjectSource,
    target: Path,
    *,
    bytes_max: int = PART_BYTES_MAX,
) -> Written:
    """The same for chosen objects, each named once, in the order given."""
    plan = [_Planned(digest, source.size(digest)) for digest in digests]
    parts = _split(plan, _index_bytes_max(records), min(bytes_max, FILE_BYTES_MAX))
    paths = tuple(_path(target, number) for number in range(1, len(parts) + 1))
    for number, (path, objects) in enumerate(zip(paths, parts, strict=True), 1):
        _write_part(path, Index(records, number, len(parts)), objects, source)
    return Written(paths, len(plan), sum(path.stat().st_size for path in paths))


def _in_order(records: Sequence[ReleaseRecord], source: ObjectSource) -> list[str]:
    """Texts first, so that the first part alone says what every course is made of."""
    texts: dict[str, ObjectRef] = {}
    others: dict[str, ObjectRef] = {}
    for record in records:
        for ref in objects_of(record.root, source):
            (texts if ref.is_text else others).setdefault(ref.digest, ref)
    return [*texts, *(digest for digest in others if digest not in texts)]


def _index_bytes_max(records: tuple[ReleaseRecord, ...]) -> int:
    return len(Index(records, PARTS_MAX, PARTS_MAX).raw())


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
    """One file while it is written. Hashing runs beside writing: both leave the interpreter alone."""

    def __init__(self, file: BinaryIO, beside: ThreadPoolExecutor) -> None:
        self._file = file
        self._beside = beside
        self._entries: list[Entry] = []
        self._at = 0

    def add_index(self, raw: bytes) -> None:
        entry = Entry(INDEX_NAME, len(raw), crc32(raw), self._at)
        self._write(entry.local() + raw)
        self._entries.append(entry)

    def add_object(self, planned: _Planned, source: ObjectSource) -> None:
        """Small objects in one write; of large ones the header is written again, once their CRC is known."""
        entry = Entry(object_name(planned.digest), planned.size, 0, self._at)
        with source.open(planned.digest) as content:
            first = content.read(CHUNK_BYTES)
            if len(first) == planned.size:
                entry = replace(entry, crc=self._checked(planned, first))
                self._write(entry.local() + first)
            else:
                entry = self._stream(entry, planned, first, content)
        self._entries.append(entry)

    def _checked(self, planned: _Planned, content: bytes) -> int:
        if sha256(content).hexdigest() != planned.digest:
            raise _rotten(planned.digest)
        return crc32(content)

    def _stream(self, entry: Entry, planned: _Planned, chunk: bytes, content: BinaryIO) -> Entry:
        self._write(entry.local())
        digest, crc, left = sha256(), 0, planned.size

        def hash_chunk(raw: bytes, before: int) -> int:
            digest.update(raw)
            return crc32(raw, before)

        while chunk and left >= len(chunk):
            hashing = self._beside.submit(hash_chunk, chunk, crc)
            self._write(chunk)
            left -= len(chunk)
            following = content.read(CHUNK_BYTES)
            crc = hashing.result()
            chunk = following
        if left or chunk or digest.hexdigest() != planned.digest:
            raise _rotten(planned.digest)
        entry = replace(entry, crc=crc)
        os.pwrite(self._file.fileno(), entry.local(), entry.offset)
        return entry

    def finish(self) -> None:
        start = self._at
        directory = b"".join(entry.central() for entry in self._entries)
        self._write(directory + End(len(self._entries), len(directory), start).raw())
        os.fsync(self._file.fileno())

    def _write(self, raw: bytes) -> None:
        _write_all(self._file.write, raw)
        self._at += len(raw)


def _write_all(write: Callable[[memoryview], int], raw: bytes) -> None:
    """An unbuffered file may take less than it is given."""
    rest = memoryview(raw)
    while rest:
        rest = rest[write(rest) :]


def _rotten(digest: str) -> TamperedObject:
    return TamperedObject(f"The object {digest[:12]} is not what its name says. Pack the course again, then export.")
