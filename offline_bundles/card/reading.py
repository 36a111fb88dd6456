"""The directory of one card file: read from its end, or from its start when it was cut short.

The file is hostile until checked: all bounds are checked against the file's own size before anything is read by them,
entries may neither overlap nor share a name, and nothing is ever unpacked, so that no bomb goes off. Whether an
object's bytes are right is for whoever uses them to say, by their digest.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from offline_bundles.canonical import MANIFEST_BYTES_MAX
from offline_bundles.card.index import Index, read_index
from offline_bundles.card.layout import (
    DIRECTORY_BYTES_MAX,
    END,
    ENTRIES_MAX,
    INDEX_NAME,
    LOCAL,
    NAME_BYTES_MAX,
    End,
    Entry,
    read_central,
    read_end,
    read_local,
)
from offline_bundles.errors import BrokenCard


@dataclass(frozen=True, slots=True)
class CardFile:
    """One part. `objects` by digest. `is_cut`: its end is missing, and with it perhaps objects."""

    path: Path
    index: Index
    objects: dict[str, Entry]
    is_cut: bool


def is_card(path: Path) -> bool:
    """By its first file's name; whether it is a right one, reading it says. Raises `OSError`."""
    with path.open("rb") as file:
        return file.read(LOCAL.size + len(INDEX_NAME))[LOCAL.size :] == INDEX_NAME.encode()


def read_card_file(path: Path) -> CardFile:
    """Raises `BrokenCard`, and `OSError` for what is no file."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        end = _end(file, size)
        entries = _from_end(file, end) if end else list(_from_start(file, size))
        if not entries or entries[0].name != INDEX_NAME or entries[0].size > MANIFEST_BYTES_MAX:
            raise BrokenCard(f"{path.name} is no card, or was cut off before its index.")
        file.seek(entries[0].start)
        index = read_index(file.read(entries[0].size))
    return CardFile(path, index, _objects(entries), is_cut=end is None)


def _end(file: BinaryIO, size: int) -> End | None:
    file.seek(max(0, size - END.size))
    return read_end(file.read(END.size), size)


def _from_end(file: BinaryIO, end: End) -> list[Entry]:
    if end.entries > ENTRIES_MAX or end.size > DIRECTORY_BYTES_MAX:
        raise BrokenCard(f"The card's directory says more than {ENTRIES_MAX} files.")
    file.seek(end.offset)
    entries = read_central(file.read(end.size), end.entries)
    _check_places(entries, end.offset)
    return entries


def _check_places(entries: list[Entry], directory: int) -> None:
    """They stand one after the other, without gaps, up to the directory: so they neither overlap nor reach outside."""
    at = 0
    for entry in entries:
        if entry.offset != at:
            raise BrokenCard(f"{entry.name} does not stand where the file before it ends.")
        at = entry.end
    if at != directory:
        raise BrokenCard("The card's files do not end where its directory begins.")


def _from_start(file: BinaryIO, size: int) -> Iterator[Entry]:
    """What is whole of a file that was cut short, or that something was added to."""
    at = 0
    for _ in range(ENTRIES_MAX):
        file.seek(at)
        entry = read_local(file.read(LOCAL.size + NAME_BYTES_MAX), at)
        if entry is None or entry.end > size:
            return
        yield entry
        at = entry.end


def _objects(entries: list[Entry]) -> dict[str, Entry]:
    found: dict[str, Entry] = {}
    for entry in entries[1:]:
        if not entry.digest or entry.digest in found:
            raise BrokenCard(f"{entry.name} stands on the card twice.")
        found[entry.digest] = entry
    return found
