"""The backup's file: an uncompressed tar (POSIX.1-2001, pax), `manifest.json` first, then what it names, by name.

Nothing in it depends on when or by whom it was written, so the same home gives the same bytes. Whoever reads checks
every name, size and digest against the manifest: a tar may say anything.
"""

import json
import re
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from hashlib import file_digest, sha256
from io import BytesIO
from pathlib import Path
from typing import IO

from server.errors import SetupError

FORMAT, VERSION = "tiffin-backup", 1
MANIFEST = "manifest.json"
MANIFEST_BYTES_MAX = 256 << 20  # a million objects, each named once
COPY_BYTES = 1 << 20
NAME = re.compile(
    r"tiffin\.db|analytics/[0-9]{4}-[0-9]{2}\.db|objects/[0-9a-f]{2}/[0-9a-f]{64}"
    r"|keys/[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)?"
)


@dataclass(frozen=True, slots=True)
class Content:
    """One file of a backup: its bytes, and their SHA-256."""

    size: int
    digest: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds. `database` is `sqlite` when the tables are in it, else the engine that holds them;
    `listed`: objects by digest that it names and does not hold, with their sizes."""

    database: str
    schema: str
    epoch: str
    position: int
    files: Mapping[str, Content]
    listed: Mapping[str, int]

    def write(self) -> bytes:
        fields = {"format": FORMAT, "version": VERSION, **asdict(self)}
        return json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()

    @classmethod
    def read(cls, raw: bytes) -> "Manifest":
        """Raises `ValueError`, `KeyError` or `TypeError` for what does not fit."""
        fields = json.loads(raw)
        if (fields.pop("format"), fields.pop("version")) != (FORMAT, VERSION):
            raise ValueError("another format")
        files = {name: Content(int(one["size"]), str(one["digest"])) for name, one in fields.pop("files").items()}
        if strays := [name for name in files if not NAME.fullmatch(name)]:
            raise ValueError(f"{strays[0]!r} is no name of ours")
        return cls(**fields, files=files)


def _by_name(manifest: Manifest) -> list[tuple[str, Content]]:
    return [(name, manifest.files[name]) for name in sorted(manifest.files)]


def content_of(path: Path) -> Content:
    with path.open("rb") as file:
        digest = file_digest(file, "sha256").hexdigest()
        return Content(file.tell(), digest)


def write_archive(to: Path, manifest: Manifest, sources: Mapping[str, Path]) -> None:
    """Writes a whole backup to a new file that only its owner reads."""
    with tarfile.open(to, "w", format=tarfile.PAX_FORMAT) as tar:
        to.chmod(0o600)  # it holds the keys
        raw = manifest.write()
        tar.addfile(_member(MANIFEST, len(raw)), BytesIO(raw))
        for name, content in _by_name(manifest):
            with sources[name].open("rb") as file:
                tar.addfile(_member(name, content.size), file)


def _member(name: str, size: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    return member


@dataclass(frozen=True, slots=True)
class Archive:
    """A backup that is open for reading."""

    path: Path
    manifest: Manifest
    _tar: tarfile.TarFile

    def contents(self) -> Iterator[tuple[str, "Checked"]]:
        """Each file, to be read to its end before the next; raises `SetupError` where it is not what it should be.

        The last word on a file's bytes is said when the next one is asked for: use nothing before all were read.
        """
        for name, content in _by_name(self.manifest):
            file = Checked(self._member(name, content.size), self.path)
            yield name, file
            if file.digest() != content.digest:
                raise broken(self.path, f"{name} is damaged")
        if _next(self._tar, self.path) is not None:
            raise broken(self.path, "it holds more than it names")

    def _member(self, name: str, size: int) -> IO[bytes]:
        member = _next(self._tar, self.path)
        file = self._tar.extractfile(member) if member and member.isfile() else None
        if member is None or file is None or (member.name, member.size) != (name, size):
            raise broken(self.path, f"{name} is not where it should be")
        return file


class Checked:
    """A file of a backup, digested as it passes by."""

    def __init__(self, file: IO[bytes], of: Path) -> None:
        self._file = file
        self._of = of
        self._digest = sha256()

    def read(self, size: int = COPY_BYTES) -> bytes:
        try:
            chunk = self._file.read(size)
        except tarfile.TarError as error:
            raise broken(self._of, "it is cut short") from error
        self._digest.update(chunk)
        return chunk

    def digest(self) -> str:
        while self.read():
            pass
        return self._digest.hexdigest()


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """A backup with its manifest. Raises `SetupError` for what is none."""
    with ExitStack() as stack:
        try:
            tar = stack.enter_context(tarfile.open(path, "r:"))
        except tarfile.TarError as error:
            raise broken(path, "it is no tar") from error
        yield Archive(path, _read_manifest(tar, path), tar)


def _read_manifest(tar: tarfile.TarFile, path: Path) -> Manifest:
    member = _next(tar, path)
    file = tar.extractfile(member) if member and member.isfile() else None
    if member is None or file is None or member.name != MANIFEST or member.size > MANIFEST_BYTES_MAX:
        raise broken(path, f"it does not begin with {MANIFEST}")
    try:
        return Manifest.read(Checked(file, path).read(MANIFEST_BYTES_MAX))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise broken(path, f"its manifest does not fit ({error})") from error


def _next(tar: tarfile.TarFile, path: Path) -> tarfile.TarInfo | None:
    try:
        return tar.next()
    except tarfile.TarError as error:
        raise broken(path, "it is cut short or damaged") from error


def broken(path: Path, how: str) -> SetupError:
    return SetupError(f"{path} is no whole backup of Tiffin: {how}. Take another copy.")


def check(path: Path) -> Manifest:
    """Reads a backup from its first byte to its last. Raises `SetupError`."""
    with opened(path) as archive:
        for _, file in archive.contents():
            file.digest()
        return archive.manifest
