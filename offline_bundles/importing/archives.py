"""ZIP and tar archives as packages: their index is read once and bounded; nothing is unpacked to a name of theirs.

A compressed tar cannot be read at random, so it is inflated into an unnamed temporary file. Bounds come before bytes:
the index's size, the number of files, what they unpack to, and how far that is from what is on the disk.
Source: PKWARE APPNOTE 6.3.10, sections 4.3 and 4.4; POSIX pax interchange format.
"""

import gzip
import io
import stat
import struct
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import IO, BinaryIO, cast

from offline_bundles.errors import BrokenPackage, MissingFile
from offline_bundles.importing.paths import checked_path, is_ignored

FILES_MAX = 50_000  # the largest real course here has some 5,000
UNPACKED_BYTES_MAX = 8 << 30  # a year's course with its videos; more does not go onto a card
RATIO_MAX = 200  # XML shrinks 10 to 40 times; a bomb 1,000 times
RATIO_FREE_BYTES = 64 << 20  # below this nothing can hurt, whatever the ratio
INDEX_BYTES_MAX = 16 << 20  # a ZIP's index of 50,000 files has some 8 MB; also one tar header with its long names
CHUNK_BYTES = 1 << 20
# What the libraries raise for bytes that someone broke: OSError and ValueError are seeks to where nothing can be.
DAMAGE = (
    *(zipfile.BadZipFile, tarfile.TarError, zlib.error, gzip.BadGzipFile, EOFError, NotImplementedError),
    *(OSError, ValueError, OverflowError, struct.error, RuntimeError, LookupError),
)
DAMAGED = "is damaged or cut short. Copy it again, or export the course once more."


class BoundedReads(io.BufferedReader):
    """Reads of at most `INDEX_BYTES_MAX` at once: libraries read an index whole, at the length that it claims."""

    def __init__(self, raw: io.RawIOBase, where: str) -> None:
        super().__init__(raw)
        self._where = where

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > INDEX_BYTES_MAX:
            most = f"{INDEX_BYTES_MAX >> 20} MB"
            raise BrokenPackage(f"{self._where} lists more files than any course has: its index is above {most}.")
        return super().read(size)


class Telling(io.RawIOBase):
    """A member's bytes; damage in them is told as `BrokenPackage`."""

    def __init__(self, inner: IO[bytes], where: str) -> None:
        self._inner, self._where = inner, where

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object, /) -> int:
        view = memoryview(cast(bytearray, buffer))[:CHUNK_BYTES]
        try:
            chunk = self._inner.read(len(view))
        except DAMAGE as error:
            raise BrokenPackage(f"{self._where} {DAMAGED}") from error
        view[: len(chunk)] = chunk
        return len(chunk)

    def close(self) -> None:
        self._inner.close()
        super().close()


class Members:
    """What archives share: names to sizes. Subclasses open one."""

    def __init__(self, name: str, sizes: Mapping[str, int]) -> None:
        self.name = name
        self._sizes = sizes
        self._sorted = sorted(sizes)

    def names(self) -> Sequence[str]:
        return self._sorted

    def has(self, name: str) -> bool:
        return name in self._sizes

    def size(self, name: str) -> int:
        try:
            return self._sizes[name]
        except KeyError as error:
            raise MissingFile(f"{self.name} holds no file {name}.") from error

    def read(self, name: str, bytes_max: int) -> bytes:
        if self.size(name) > bytes_max:
            raise BrokenPackage(f"{name} in {self.name} has {self.size(name)} bytes; at most {bytes_max} are read.")
        size = self.size(name)
        with self.open(name) as member:
            raw = member.read(size + 1)  # no more: a reader takes as much memory as it is asked for
        if len(raw) != size:
            raise BrokenPackage(
                f"{name} in {self.name} is damaged: it has not the {size} bytes that are listed for it."
            )
        return raw

    def open(self, name: str) -> BinaryIO:
        raise NotImplementedError


class ZipPackage(Members):
    def __init__(self, name: str, archive: zipfile.ZipFile, infos: Mapping[str, zipfile.ZipInfo]) -> None:
        super().__init__(name, {each: info.file_size for each, info in infos.items()})
        self._archive, self._infos = archive, infos

    def open(self, name: str) -> BinaryIO:
        self.size(name)
        where = f"{name} in {self.name}"
        try:
            return io.BufferedReader(Telling(self._archive.open(self._infos[name]), where))
        except DAMAGE as error:
            raise BrokenPackage(f"{where} {DAMAGED}") from error


class TarPackage(Members):
    def __init__(self, name: str, archive: tarfile.TarFile, infos: Mapping[str, tarfile.TarInfo]) -> None:
        super().__init__(name, {each: info.size for each, info in infos.items()})
        self._archive, self._infos = archive, infos

    def open(self, name: str) -> BinaryIO:
        self.size(name)
        member = self._archive.extractfile(self._infos[name])
        if member is None:
            raise MissingFile(f"{name} in {self.name} is no file.")
        return io.BufferedReader(Telling(member, f"{name} in {self.name}"))


def open_zip(name: str, raw: io.RawIOBase, stored_bytes: int) -> ZipPackage:
    """Raises `BrokenPackage`."""
    try:
        archive = zipfile.ZipFile(BoundedReads(raw, name))
        found = {checked_path(info.filename, name): info for info in _zip_files(name, archive)}
    except DAMAGE as error:
        raise BrokenPackage(f"{name} {DAMAGED}") from error
    total = sum(info.file_size for info in found.values())
    check_unpacked(name, total, stored_bytes)
    return ZipPackage(name, archive, found)


def _zip_files(name: str, archive: zipfile.ZipFile) -> Iterator[zipfile.ZipInfo]:
    """The members that are files, each checked, no name twice."""
    known: set[str] = set()
    for info in archive.infolist():
        if info.is_dir() or is_ignored(info.filename.replace("\\", "/")):
            checked_path(info.filename, name)
            continue
        if info.flag_bits & 0x1:
            raise BrokenPackage(f"{name}: {info.filename} is encrypted. Export the course without a password.")
        if stat.S_ISLNK(info.external_attr >> 16):
            raise BrokenPackage(f"{name}: {info.filename} is a link. Pack the file that it stands for.")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise BrokenPackage(f"{name}: {info.filename} is packed in a way that few read. Use plain ZIP (deflate).")
        _check_new(name, checked_path(info.filename, name), known)
        yield info


def _check_new(name: str, member: str, known: set[str]) -> None:
    if member in known:
        raise BrokenPackage(f"{name}: two files are named {member}. Which one counts cannot be told.")
    known.add(member)
    if len(known) > FILES_MAX:
        raise BrokenPackage(f"{name} holds more than {FILES_MAX} files.")


def check_unpacked(name: str, unpacked: int, stored: int) -> None:
    if unpacked > UNPACKED_BYTES_MAX:
        raise BrokenPackage(f"{name} unpacks to more than {UNPACKED_BYTES_MAX >> 30} GB. Cut the course into parts.")
    if unpacked > RATIO_FREE_BYTES and unpacked > RATIO_MAX * stored:
        raise BrokenPackage(f"{name} unpacks to more than {RATIO_MAX} times its size. No course does: it is a bomb.")


@contextmanager
def open_tar(name: str, raw: io.RawIOBase, stored_bytes: int) -> Iterator[TarPackage]:
    """A plain tar, read where it is. Raises `BrokenPackage`."""
    try:
        archive = tarfile.open(fileobj=BoundedReads(raw, name), mode="r:")  # noqa: SIM115 (closed below)
        found = dict(_tar_files(name, archive, stored_bytes))
    except DAMAGE as error:
        raise BrokenPackage(f"{name} {DAMAGED}") from error
    with archive:
        yield TarPackage(name, archive, found)


def _tar_files(name: str, archive: tarfile.TarFile, stored_bytes: int) -> Iterator[tuple[str, tarfile.TarInfo]]:
    known: set[str] = set()
    for info in archive:
        member = checked_path(info.name, name)
        if info.isdir() or is_ignored(member):
            continue
        if not info.isreg() or info.issparse():
            raise BrokenPackage(f"{name}: {member} is a link or a device. Pack the file that it stands for.")
        if info.offset_data + info.size > stored_bytes:
            raise BrokenPackage(f"{name} {DAMAGED}")
        _check_new(name, member, known)
        yield member, info


@contextmanager
def open_tar_gz(name: str, raw: io.RawIOBase) -> Iterator[TarPackage]:
    """Raises `BrokenPackage`."""
    with tempfile.TemporaryFile(prefix="tiffin-import-") as inflated:
        _inflate(name, raw, inflated)
        size = inflated.tell()
        inflated.seek(0)
        with open_tar(name, cast(io.RawIOBase, inflated), size) as package:
            yield package


def _inflate(name: str, raw: io.RawIOBase, out: IO[bytes]) -> None:
    """A disk that is full while this writes is no damage of the package, and is told as it is."""
    with gzip.GzipFile(fileobj=cast(BinaryIO, raw)) as unpacked, Telling(cast(BinaryIO, unpacked), name) as told:
        while chunk := told.read(CHUNK_BYTES):
            out.write(chunk)
            # what the reader holds ahead of us only makes the ratio milder, by one buffer
            check_unpacked(name, out.tell(), raw.tell())
