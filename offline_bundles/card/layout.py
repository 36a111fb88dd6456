"""The three structures of a stored ZIP, as bytes (PKWARE APPNOTE 6.3.10, 4.3.7, 4.3.12, 4.3.16).

Of all that ZIP allows a card uses one form: stored, no flags, no extra fields, no comments, no ZIP64, dates of 1980.
So two exports are the same bytes, and whatever has another form was not written by us.
"""

import re
import struct
from dataclasses import dataclass
from typing import NamedTuple

from offline_bundles.errors import BrokenCard

LOCAL = struct.Struct("<IHHHHHIIIHH")
CENTRAL = struct.Struct("<IHHHHHHIIIHHHHHII")
END = struct.Struct("<IHHHHIIH")
LOCAL_SIGNATURE, CENTRAL_SIGNATURE, END_SIGNATURE = 0x04034B50, 0x02014B50, 0x06054B50
VERSION = 10  # 1.0: nothing of this needs a newer reader
DATE = 1 << 5 | 1  # 1980-01-01, the first day that ZIP knows

INDEX_NAME = "card.json"
OBJECT_NAME = re.compile(r"objects/([0-9a-f]{2})/(\1[0-9a-f]{62})")
NAME_BYTES_MAX = len("objects/ab/") + 64
ENTRIES_MAX = 0xFFFF - 1  # 65,535 would announce ZIP64
FILE_BYTES_MAX = (1 << 32) - 2  # FAT32's largest file less a byte, and the largest that plain ZIP counts
DIRECTORY_BYTES_MAX = ENTRIES_MAX * (CENTRAL.size + NAME_BYTES_MAX)
ENTRY_BYTES = LOCAL.size + CENTRAL.size + 2 * NAME_BYTES_MAX  # what an object costs beside its bytes, at most


@dataclass(frozen=True, slots=True)
class Entry:
    """One file on the card. `offset` is that of its local header; its bytes follow the header and its name."""

    name: str
    size: int
    crc: int
    offset: int

    @property
    def start(self) -> int:
        return self.offset + LOCAL.size + len(self.name)

    @property
    def end(self) -> int:
        return self.start + self.size

    @property
    def digest(self) -> str:
        """Of an object; empty for the index."""
        match = OBJECT_NAME.fullmatch(self.name)
        return match[2] if match else ""

    def local(self) -> bytes:
        sizes = (self.crc, self.size, self.size, len(self.name), 0)
        return LOCAL.pack(LOCAL_SIGNATURE, VERSION, 0, 0, 0, DATE, *sizes) + self.name.encode("ascii")

    def central(self) -> bytes:
        sizes = (self.crc, self.size, self.size, len(self.name), 0, 0)
        head = CENTRAL.pack(CENTRAL_SIGNATURE, VERSION, VERSION, 0, 0, 0, DATE, *sizes, 0, 0, 0, self.offset)
        return head + self.name.encode("ascii")


class End(NamedTuple):
    """Where the directory stands, from the last 22 bytes."""

    entries: int
    size: int
    offset: int

    def raw(self) -> bytes:
        return END.pack(END_SIGNATURE, 0, 0, self.entries, self.entries, self.size, self.offset, 0)


def object_name(digest: str) -> str:
    return f"objects/{digest[:2]}/{digest}"


def read_end(tail: bytes, file_bytes: int) -> End | None:
    """The end of a whole card file; None when these are other bytes, as when the file was cut short.

    The directory must reach exactly to the end, so that the end of a ZIP inside an object is not taken for the card's.
    """
    if len(tail) != END.size:
        return None
    signature, disk, first_disk, here, entries, size, offset, comment = END.unpack(tail)
    is_ours = signature == END_SIGNATURE and (disk, first_disk, comment) == (0, 0, 0) and here == entries
    return End(entries, size, offset) if is_ours and offset + size + END.size == file_bytes else None


def read_central(raw: bytes, entries: int) -> list[Entry]:
    """Raises `BrokenCard` for whatever has another form than ours."""
    found = []
    at = 0
    for _ in range(entries):
        if at + CENTRAL.size > len(raw):
            raise BrokenCard("The card's directory is shorter than it says.")
        head = CENTRAL.unpack_from(raw, at)
        name = raw[at + CENTRAL.size : at + CENTRAL.size + head[10]]
        entry = Entry(_checked_name(name), head[8], head[7], head[16])
        if raw[at : at + CENTRAL.size + len(name)] != entry.central():
            raise BrokenCard(f"{entry.name} is not stored as a card stores it. {REPACKED}")
        found.append(entry)
        at += CENTRAL.size + len(name)
    if at != len(raw):
        raise BrokenCard("The card's directory is longer than it says.")
    return found


def read_local(raw: bytes, offset: int) -> Entry | None:
    """A local header with its name; None where these are other bytes. Raises `BrokenCard` for another form of it."""
    if len(raw) < LOCAL.size:
        return None
    head = LOCAL.unpack_from(raw)
    name = raw[LOCAL.size : LOCAL.size + head[9]]
    if head[0] != LOCAL_SIGNATURE or len(name) < head[9]:
        return None
    entry = Entry(_checked_name(name), head[7], head[6], offset)
    if raw[: LOCAL.size + len(name)] != entry.local():
        raise BrokenCard(f"{entry.name} is not stored as a card stores it. {REPACKED}")
    return entry


REPACKED = "Another program may have packed it anew: export the card again."


def _checked_name(raw: bytes) -> str:
    """Names are never used as paths; but whatever carries others was not written by us."""
    name = raw.decode("ascii", "backslashreplace")
    if name != INDEX_NAME and not OBJECT_NAME.fullmatch(name):
        raise BrokenCard(f"The card holds {name[:NAME_BYTES_MAX]!r}, which is no object. {REPACKED}")
    return name
