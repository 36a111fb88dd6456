"""Objects in a folder: `ab/abcdef…`, written beside and renamed, so that a power cut leaves all of one or nothing.

An object's time is that of its last use. What nobody used for long may be collected, also while others write: who puts
an object, holds it or reads it by `used` makes it young, and the collector looks again once it has it out of reach.
"""

import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import file_digest, sha256
from pathlib import Path
from typing import BinaryIO, TypeVar

from offline_bundles.errors import MissingObject
from offline_bundles.forms import DIGEST

COPY_BYTES = 1 << 20
USE_NOTED_SECONDS = 86_400  # collecting counts in weeks
GRAVE = ".collected-"
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class FolderStore:
    root: Path

    def _path(self, digest: str) -> Path:
        if not DIGEST.fullmatch(digest):
            raise MissingObject(f"{digest[:80]!r} is no object's name.")
        return self.root / digest[:2] / digest

    def has(self, digest: str) -> bool:
        return self._path(digest).is_file()

    def put(self, content: bytes) -> str:
        digest = sha256(content).hexdigest()
        self._keep(digest, lambda file: _write(file, content))
        return digest

    def put_file(self, path: Path) -> str:
        with path.open("rb") as source:
            digest = file_digest(source, "sha256").hexdigest()
            source.seek(0)
            self._keep(digest, lambda file: shutil.copyfileobj(source, file, COPY_BYTES))
        return digest

    def put_from(self, content: BinaryIO) -> str:
        """The digest is known only once everything is written, so that no byte is kept that was not hashed."""
        digest = sha256()

        def write(file: BinaryIO) -> None:
            content.seek(0)
            while chunk := content.read(COPY_BYTES):
                digest.update(chunk)
                file.write(chunk)

        self._written(write, lambda: digest.hexdigest())
        return digest.hexdigest()

    def hold(self, digest: str) -> bool:
        try:
            os.utime(self._path(digest))
        except FileNotFoundError:
            return False
        return True

    def last_used(self, digest: str) -> float:
        """In seconds since 1970. Raises `MissingObject`."""
        return self._stat(digest).st_mtime

    def used(self, digest: str, *, at: float) -> None:
        """Notes that an object was asked for, about once a day: it costs nothing to be asked often."""
        path = self._path(digest)
        with suppress(FileNotFoundError):
            if at - path.stat().st_mtime > USE_NOTED_SECONDS:
                os.utime(path, (at, at))

    def collect(self, digest: str, *, unused_since: float) -> int:
        """Removes an object that was not used since; gives its bytes, or 0 when it stays."""
        path = self._path(digest)
        grave = path.with_name(f"{GRAVE}{digest}")
        try:
            if path.stat().st_mtime >= unused_since:
                return 0
            path.rename(grave)
            dead = grave.stat()
        except FileNotFoundError:
            return 0
        if dead.st_mtime >= unused_since:
            grave.rename(path)
            return 0
        grave.unlink()
        return dead.st_size

    def sweep(self, *, unused_since: float) -> None:
        """Removes what a power cut left of writing and of collecting."""
        for path in (*self.root.glob(".*"), *self.root.glob(f"[0-9a-f][0-9a-f]/{GRAVE}*")):
            with suppress(FileNotFoundError):
                if path.is_file() and path.stat().st_mtime < unused_since:
                    path.unlink()

    def _keep(self, digest: str, write: Callable[[BinaryIO], None]) -> None:
        if not self.hold(digest):
            self._written(write, lambda: digest)

    def _written(self, write: Callable[[BinaryIO], None], name: Callable[[], str]) -> None:
        """Writes beside the objects, and renames once every byte is on the disk."""
        self.root.mkdir(parents=True, exist_ok=True)
        unfinished = self.root / f".{secrets.token_hex(8)}"
        try:
            with unfinished.open("wb") as file:
                write(file)
                file.flush()
                os.fsync(file.fileno())
            path = self._path(name())
            path.parent.mkdir(exist_ok=True)
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)

    def open(self, digest: str) -> BinaryIO:
        return self._found(digest, lambda path: path.open("rb"))

    def _found(self, digest: str, act: Callable[[Path], Found]) -> Found:
        """A collector may have it aside for a moment, and puts back what it finds in use. Raises `MissingObject`."""
        path = self._path(digest)
        for place in (path, path.with_name(f"{GRAVE}{digest}"), path):
            with suppress(FileNotFoundError):
                return act(place)
        raise MissingObject(f"Object {digest} is not here.")

    def size(self, digest: str) -> int:
        return self._stat(digest).st_size

    def _stat(self, digest: str) -> os.stat_result:
        return self._found(digest, Path.stat)

    def read(self, digest: str, offset: int = 0, length: int | None = None) -> bytes:
        with self.open(digest) as file:
            file.seek(offset)
            return file.read(-1 if length is None else length)

    def digests(self) -> Iterator[str]:
        for path in sorted(self.root.glob("[0-9a-f][0-9a-f]/*")):
            if DIGEST.fullmatch(path.name):
                yield path.name


def _write(file: BinaryIO, content: bytes) -> None:
    file.write(content)
