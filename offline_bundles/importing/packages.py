"""Opens what people hand over - a folder, a ZIP, a tar.gz, or one file - as a `Package`: read-only and bounded.

What it is, its first bytes say: a Moodle backup (.mbz) is a ZIP or a tar.gz by its age. A file that is no archive is a
package of that one file, so that a quiz or captions alone can be imported too.
"""

import io
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from offline_bundles.errors import BrokenPackage, MissingFile
from offline_bundles.importing.archives import (
    CHUNK_BYTES,
    FILES_MAX,
    UNPACKED_BYTES_MAX,
    Members,
    open_tar,
    open_tar_gz,
    open_zip,
)
from offline_bundles.importing.paths import checked_path, is_ignored
from offline_bundles.importing.ports import Package

ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
GZIP_MAGIC = b"\x1f\x8b"
TAR_MAGIC = b"ustar"
TAR_MAGIC_AT = 257


class FilesPackage(Members):
    """Files on the disk, by their name in the package."""

    def __init__(self, name: str, paths: dict[str, Path]) -> None:
        super().__init__(name, {each: path.stat().st_size for each, path in paths.items()})
        self._paths = paths

    def open(self, name: str) -> BinaryIO:
        self.size(name)
        try:
            return self._paths[name].open("rb")
        except OSError as error:
            raise MissingFile(f"{name} in {self.name} cannot be read: {error.strerror}.") from error


@contextmanager
def open_package(path: Path) -> Iterator[Package]:
    """Raises `BrokenPackage` for what cannot be read, or not within bounds; nothing is written beside it."""
    if path.is_dir():
        yield FilesPackage(path.resolve().name, dict(_walk(path)))
    elif path.is_file():
        with path.open("rb", buffering=0) as raw, _open_raw(path, raw) as package:
            package.name = _stem(path)
            yield package
    else:
        raise BrokenPackage(f"{path} is not there. Give a folder or a file.")


@contextmanager
def open_package_inside(package: Package, name: str) -> Iterator[Package]:
    """An archive inside a package (H5P in a Moodle backup). Raises `BrokenPackage`."""
    with tempfile.TemporaryDirectory(prefix="tiffin-import-") as folder:
        path = Path(folder, Path(name).name)
        copy_out(package, name, path, UNPACKED_BYTES_MAX)
        with open_package(path) as inner:
            yield inner


def copy_out(package: Package, name: str, to: Path, bytes_max: int) -> int:
    """Copies a file of the package, chunk by chunk; its bytes. Raises `BrokenPackage`, and then leaves nothing."""
    copied = 0
    try:
        with package.open(name) as source, to.open("wb") as target:
            while chunk := source.read(CHUNK_BYTES):
                copied += len(chunk)
                if copied > bytes_max:
                    raise BrokenPackage(f"{name} in {package.name} has more than {bytes_max >> 20} MB.")
                target.write(chunk)
    except BaseException:
        to.unlink(missing_ok=True)
        raise
    return copied


@contextmanager
def on_disk(package: Package, name: str, bytes_max: int) -> Iterator[tuple[Path, int]]:
    """A file of the package for programs that open files by name, and the bytes that this took: none where it lies on
    the disk itself, all of it else. Raises `BrokenPackage`.
    """
    with package.open(name) as file:
        itself = getattr(file, "name", None)  # of a file on the disk its path; what an archive gives has none
    if isinstance(itself, str) and Path(itself).is_file():
        yield Path(itself), 0
        return
    with tempfile.TemporaryDirectory(prefix="tiffin-import-") as folder:
        path = Path(folder, Path(name).name)
        yield path, copy_out(package, name, path, bytes_max)


def _stem(path: Path) -> str:
    name = path.name
    return name[: -len(".tar.gz")] if name.lower().endswith(".tar.gz") else path.stem or name


@contextmanager
def _open_raw(path: Path, raw: io.FileIO) -> Iterator[Members]:
    """What is wrong with it is told by its whole name; once it is open it is called by its name as a course."""
    name = path.name
    start = raw.read(512)
    raw.seek(0)
    stored = os.fstat(raw.fileno()).st_size
    if start.startswith(ZIP_MAGIC):
        yield open_zip(name, raw, stored)
    elif start.startswith(GZIP_MAGIC):
        with open_tar_gz(name, raw) as package:
            yield package
    elif start[TAR_MAGIC_AT:].startswith(TAR_MAGIC):
        with open_tar(name, cast(io.RawIOBase, raw), stored) as package:
            yield package
    else:
        yield FilesPackage(name, {checked_path(path.name, name): path})


def _walk(folder: Path) -> Iterator[tuple[str, Path]]:
    """Every file, without following links to folders; a link to a file must stay inside."""
    root = folder.resolve()
    count = 0
    for inside, folders, files in os.walk(root):
        folders[:] = [each for each in folders if not is_ignored(each)]
        for each in (*files, *(one for one in folders if Path(inside, one).is_symlink())):
            path = Path(inside, each)
            name = checked_path(path.relative_to(root).as_posix(), folder.name)
            if not path.resolve().is_relative_to(root):
                raise BrokenPackage(
                    f"{folder.name}: {name} is a link that leads out of the folder. Put the file there."
                )
            if is_ignored(each) or not path.is_file():
                continue
            count += 1
            if count > FILES_MAX:
                raise BrokenPackage(f"{folder.name} holds more than {FILES_MAX} files. Give the course's own folder.")
            yield name, path


def text_of(package: Package, name: str, bytes_max: int) -> str:
    """A text file in UTF-8, with or without its mark; other bytes become U+FFFD. Raises `BrokenPackage`."""
    return package.read(name, bytes_max).decode("utf-8-sig", "replace")


def files_under(package: Package, folder: str) -> Sequence[str]:
    """Every file in a folder of the package, sorted."""
    return [name for name in package.names() if name.startswith(f"{folder}/")]
