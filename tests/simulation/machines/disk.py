"""The disk below SQLite: every write, sync, truncation and deletion passes here, and may be the last.

A VFS of our own stands before SQLite's. It knows what each file would hold after a power cut: what was synced, and of
what was written since then whatever part the disk happened to keep. So a crash needs no dying: its image of the disk is
taken in the middle, what comes after never happened, and the next life begins on that image.

Source: https://www.sqlite.org/vfs.html and sqlite3.h; crash semantics as in ALICE (Pillai et al., OSDI 2014), without
torn metadata.
"""

import _sqlite3
import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from threading import Event
from typing import Any, ClassVar

OK, IO_ERROR, FULL = 0, 10, 13
CODES = {"io": IO_ERROR, "full": FULL}
NAME = b"tiffin-disk"
SHARED_MEMORY = "-shm"  # an index made anew at the next opening; no process outlives its own

_OPEN = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)
_DELETE = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int)
_CLOSE = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)
_WRITE = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_int64)
_TRUNCATE = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int64)
_SYNC = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int)


class _Vfs(ctypes.Structure):
    """`sqlite3_vfs`, version 3."""

    _fields_: ClassVar = [
        *((name, ctypes.c_int) for name in ("version", "file_bytes", "path_bytes_max")),
        ("next", ctypes.c_void_p),
        ("name", ctypes.c_char_p),
        ("app", ctypes.c_void_p),
        ("open", _OPEN),
        ("delete", _DELETE),
        *((f"other{i}", ctypes.c_void_p) for i in range(14)),
    ]


class _Methods(ctypes.Structure):
    """`sqlite3_io_methods`, version 3."""

    _fields_: ClassVar = [
        ("version", ctypes.c_int),
        ("close", _CLOSE),
        ("read", ctypes.c_void_p),
        ("write", _WRITE),
        ("truncate", _TRUNCATE),
        ("sync", _SYNC),
        *((f"other{i}", ctypes.c_void_p) for i in range(13)),
    ]


class _OpenFile(ctypes.Structure):
    _fields_: ClassVar = [("methods", ctypes.POINTER(_Methods))]


@dataclass
class _Content:
    """A file: what is safe, and what was written since (offset and bytes, or a length to cut it to)."""

    synced: bytearray
    since: list[tuple[int, bytes | None]] = field(default_factory=list)

    def after(self, kept: Callable[[], bool]) -> bytes:
        content = bytearray(self.synced)
        for at, written in self.since:
            if kept():
                _apply(content, at, written)
        return bytes(content)


def _apply(content: bytearray, at: int, written: bytes | None) -> None:
    if written is None:
        del content[at:]
        return
    if len(content) < at:
        content.extend(bytes(at - len(content)))
    content[at : at + len(written)] = written


@dataclass(frozen=True, slots=True)
class Image:
    """What a disk holds at one moment, by path below its folder."""

    files: dict[str, bytes]

    def write(self, folder: Path) -> None:
        for name, content in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


class Disk:
    """The files below one folder, while it is plugged in. `before` hears of every operation and may refuse it.

    With `syncs` false the machine's own disk is spared: only this model knows what was synced.
    """

    def __init__(self, folder: Path, *, syncs: bool = False) -> None:
        self.folder = folder
        self.syncs = syncs
        self.operations = 0
        self.image: Image | None = None
        self.before: Callable[[str, str], int] = lambda operation, path: OK
        self._gate: Event | None = None
        self._files: dict[str, _Content] = {}
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                self.holds(str(path))

    def cut_power_after(self, operations: int, random: Random | None) -> None:
        """Takes the image before one of the next operations; `random` decides what of the unsynced is lost.

        Without `random` the process dies and the machine lives: nothing that was written is lost.
        """
        last = self.operations + operations

        def look(_: str, __: str) -> int:
            if self.image is None and self.operations >= last:
                self.image = self.as_it_is(random)
            return OK

        self.image, self.before = None, look

    def fail_after(self, operations: int, how: str) -> None:
        """Refuses everything from some operation on: full, or broken."""
        last = self.operations + operations
        self.before = lambda operation, path: CODES[how] if self.operations >= last and operation != "delete" else OK

    def mend(self) -> None:
        self.before = lambda operation, path: OK

    @contextmanager
    def held(self) -> Iterator[None]:
        """Whoever writes waits until the block ends; reading goes on."""
        self._gate = Event()
        try:
            yield
        finally:
            gate, self._gate = self._gate, None
            gate.set()

    def as_it_is(self, random: Random | None = None) -> Image:
        """What a crash in this moment leaves."""
        kept = (lambda: True) if random is None else (lambda: random.random() < 0.5)
        return Image(
            {str(Path(name).relative_to(self.folder)): content.after(kept) for name, content in self._files.items()}
        )

    def unsynced(self) -> dict[Path, bytes]:
        """Files of which something is not synced, with what a power cut would leave of each at least."""
        return {Path(name): bytes(content.synced) for name, content in self._files.items() if content.since}

    # What SQLite tells.

    def holds(self, name: str) -> None:
        if name not in self._files and not name.endswith(SHARED_MEMORY):
            path = Path(name)
            self._files[name] = _Content(bytearray(path.read_bytes() if path.exists() else b""))

    def passes(self, operation: str, name: str) -> int:
        if gate := self._gate:
            gate.wait()
        refused = self.before(operation, name)
        self.operations += 1
        return refused

    def written(self, name: str, at: int, content: bytes | None) -> None:
        self._files[name].since.append((at, content))

    def synced(self, name: str) -> None:
        file = self._files[name]
        for at, content in file.since:
            _apply(file.synced, at, content)
        file.since.clear()

    def deleted(self, name: str) -> None:
        self._files.pop(name, None)


class _Shim:
    """Our VFS: SQLite's own, with the operations that change a disk told to whoever watches. One in a process."""

    def __init__(self) -> None:
        self.disks: list[Disk] = []
        self._library = ctypes.CDLL(getattr(_sqlite3, "__file__", None))
        find = self._library.sqlite3_vfs_find
        find.restype, find.argtypes = ctypes.POINTER(_Vfs), [ctypes.c_char_p]
        self._base = find(None)
        self._own = _Vfs.from_buffer_copy(self._base.contents)
        self._own.name, self._own.open, self._own.delete = NAME, _OPEN(self._open), _DELETE(self._delete)
        self._watched: dict[int, tuple[Disk, str]] = {}
        self._methods: dict[int, tuple[_Methods, _Methods]] = {}

    def register(self, *, default: bool) -> None:
        self._library.sqlite3_vfs_register(ctypes.byref(self._own) if default else self._base, 1)

    def unplug(self, disk: Disk) -> None:
        self.disks.remove(disk)
        # Else all that it held stays in memory until SQLite opens another file at the same address.
        self._watched = {file: watched for file, watched in self._watched.items() if watched[0] is not disk}

    def _disk_of(self, name: str) -> Disk | None:
        return next((disk for disk in self.disks if Path(name).is_relative_to(disk.folder)), None)

    def _open(self, vfs: int, name: int | None, file: int, flags: int, out: int | None) -> int:
        path = ctypes.string_at(name).decode() if name else ""
        code = self._base.contents.open(ctypes.addressof(self._base.contents), name, file, flags, out)
        disk = self._disk_of(path) if path else None
        if code == OK and disk is not None:
            disk.holds(path)
            self._watched[file] = disk, path
            self._take_over(file)
        return int(code)

    def _take_over(self, file: int) -> None:
        opened = _OpenFile.from_address(file)
        theirs = ctypes.addressof(opened.methods.contents)
        if theirs not in self._methods:
            base = _Methods.from_address(theirs)
            ours = _Methods.from_buffer_copy(base)
            ours.write = _WRITE(lambda *call: self._write(base, *call))
            ours.truncate = _TRUNCATE(lambda *call: self._truncate(base, *call))
            ours.sync = _SYNC(lambda *call: self._sync(base, *call))
            self._methods[theirs] = base, ours
        opened.methods = ctypes.pointer(self._methods[theirs][1])

    def _write(self, base: _Methods, file: int, content: int, size: int, at: int) -> int:
        disk, path = self._watched[file]
        if refused := disk.passes("write", path):
            return refused
        disk.written(path, at, ctypes.string_at(content, size))
        return int(base.write(file, content, size, at))

    def _truncate(self, base: _Methods, file: int, size: int) -> int:
        disk, path = self._watched[file]
        if refused := disk.passes("truncate", path):
            return refused
        disk.written(path, size, None)
        return int(base.truncate(file, size))

    def _sync(self, base: _Methods, file: int, flags: int) -> int:
        disk, path = self._watched[file]
        if refused := disk.passes("sync", path):
            return refused
        disk.synced(path)
        return int(base.sync(file, flags)) if disk.syncs else OK

    def _delete(self, vfs: int, name: bytes, sync_folder: int) -> int:
        path = name.decode()
        disk = self._disk_of(path)
        if disk is not None:
            if refused := disk.passes("delete", path):
                return refused
            disk.deleted(path)
        return int(self._base.contents.delete(ctypes.addressof(self._base.contents), name, sync_folder))


_shim: Any = None


@contextmanager
def plugged_in(folder: Path, *, syncs: bool = False) -> Iterator[Disk]:
    """A disk at `folder` for all of SQLite in this process. What is open when it is pulled must be closed before."""
    global _shim  # SQLite keeps one list of VFS in a process, and so do we
    _shim = _shim or _Shim()
    disk = Disk(folder, syncs=syncs)
    _shim.disks.append(disk)
    _shim.register(default=True)
    try:
        yield disk
    finally:
        _shim.unplug(disk)
        if not _shim.disks:
            _shim.register(default=False)
