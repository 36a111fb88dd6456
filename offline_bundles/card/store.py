"""A card of one or several files as a source of objects, read in place and never unpacked.

An object is named by its bytes, so files of a card may be given in any order, and files of several cards at once. The
directory's word is checked against the object's own header before its bytes are given.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from offline_bundles.card.layout import LOCAL, Entry, read_local
from offline_bundles.card.reading import CardFile, read_card_file
from offline_bundles.errors import BrokenCard, MissingObject
from offline_bundles.records import ReleaseRecord
from offline_bundles.rotation import Endorsement
from offline_bundles.stores.placed import Placed

FILES_MAX = 1_000


@dataclass(frozen=True, slots=True)
class Card:
    """An `ObjectSource`. Files are opened for each reading: a card may be pulled out at any moment."""

    files: tuple[CardFile, ...]
    places: dict[str, CardFile]

    @property
    def releases(self) -> tuple[ReleaseRecord, ...]:
        """Each once, by course and number."""
        found = {record for file in self.files for record in file.index.releases}
        return tuple(sorted(found, key=lambda record: (record.course, record.number, record.root)))

    @property
    def keys(self) -> tuple[Endorsement, ...]:
        """How keys follow each other, as far as the files say."""
        return tuple({link: None for file in self.files for link in file.index.keys})

    @property
    def faults(self) -> tuple[str, ...]:
        """What is missing as far as the files say: sentences for whoever holds the card."""
        cut = [
            f"{file.path.name} was cut short; what stands before the cut is used." for file in self.files if file.is_cut
        ]
        return (*cut, *_absent_parts(self.files))

    def has(self, digest: str) -> bool:
        return digest in self.places

    def open(self, digest: str) -> BinaryIO:
        place = self._place(digest)
        file = place.path.open("rb")
        try:
            entry = place.objects[digest]
            _check_header(file, entry)
            return io.BufferedReader(Stretch(file, entry.start, entry.size))
        except BaseException:
            file.close()
            raise

    def size(self, digest: str) -> int:
        return self._place(digest).objects[digest].size

    def read(self, digest: str, offset: int = 0, length: int | None = None) -> bytes:
        with self.open(digest) as file:
            file.seek(offset)
            return file.read(-1 if length is None else length)

    def digests(self) -> Iterator[str]:
        yield from sorted(self.places)

    def _place(self, digest: str) -> CardFile:
        try:
            return self.places[digest]
        except KeyError as error:
            raise MissingObject(f"Object {digest[:80]} is not on the card.") from error


def open_card(paths: Sequence[Path]) -> Card:
    """Raises `BrokenCard`, and `OSError` for what is no file."""
    if not 0 < len(paths) <= FILES_MAX:
        raise BrokenCard(f"A card has from 1 to {FILES_MAX} files.")
    files = tuple(read_card_file(path) for path in paths)
    places: dict[str, CardFile] = {}
    for file in files:
        for digest in file.objects:
            places.setdefault(digest, file)
    return Card(files, places)


def _absent_parts(files: Sequence[CardFile]) -> Iterator[str]:
    here: dict[tuple[int, tuple[ReleaseRecord, ...]], set[int]] = {}
    for file in files:
        here.setdefault((file.index.parts, file.index.releases), set()).add(file.index.part)
    for (parts, _), numbers in here.items():
        if len(numbers) < parts:
            absent = [str(number) for number in range(1, parts + 1) if number not in numbers]
            yield f"Of this card's {parts} files these are not here: {', '.join(absent)}."


def _check_header(file: BinaryIO, entry: Entry) -> None:
    file.seek(entry.offset)
    if read_local(file.read(LOCAL.size + len(entry.name)), entry.offset) != entry:
        raise BrokenCard(f"{entry.name} is not where the card's directory says. Export the card again.")


class Stretch(Placed):
    """A part of a file as a file of its own; closes the file with itself."""

    def __init__(self, file: BinaryIO, start: int, length: int) -> None:
        super().__init__(length)
        self._file = file
        self._start = start

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # io says only "some buffer"
        self._file.seek(self._start + self._at)
        content = self._file.read(min(len(buffer), max(0, self._size - self._at)))
        buffer[: len(content)] = content
        self._at += len(content)
        return len(content)

    def close(self) -> None:
        self._file.close()
        super().close()
