"""A home folder's lock, and the last step of a restore: what was staged takes the place of what was there.

Whoever has the tables open holds the lock together with others; a restore holds it alone. The system drops the lock of
a process that dies. The swap is several renames, so it is written down before it begins: once `READY` stands in the
staging folder, the next who opens the home goes on where the last one was killed. Before that, nothing has happened.
But tables of PostgreSQL were put back before the restore began, and go by their old epoch until it is through: while
`EPOCH_DUE` stands, nobody serves them.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from server.errors import SetupError

LOCK = "in-use.lock"
STAGING = ".restoring"
READY = "ready"
EPOCH_DUE = ".epoch-due"
DATABASE = "tiffin.db"
FOLDERS = ("keys", "analytics")
BESIDE_THE_DATABASE = (f"{DATABASE}-wal", f"{DATABASE}-shm")  # another database's would spoil the one that is put back
UNDER_WAY = "A restore is under way here. Wait a moment, then try again."
CUT_OFF = (
    "A restore was cut off here: the tables are those of the backup, and their log has no epoch of its own yet. "
    "Run tiffin restore with the same file again, then start."
)
REPLACED_MAX = 1_000  # restores of one home, each with what it replaced


@contextmanager
def in_use(home: Path) -> Iterator[None]:
    """Holds the home together with others that use it; finishes a restore that was cut off. Raises `SetupError`."""
    with (home / LOCK).open("a") as lock:
        _take(lock, fcntl.LOCK_SH, UNDER_WAY)
        if (home / STAGING / READY).exists():  # whoever wrote it is dead, or we would not hold the lock
            _take(lock, fcntl.LOCK_EX, UNDER_WAY)
            finish_restore(home)
            _take(lock, fcntl.LOCK_SH, UNDER_WAY)
        if (home / EPOCH_DUE).exists():
            raise SetupError(CUT_OFF)
        yield


@contextmanager
def alone(home: Path) -> Iterator[None]:
    """Holds the home alone. Raises `SetupError` when a server or a command uses it."""
    with (home / LOCK).open("a") as lock:
        _take(lock, fcntl.LOCK_EX, f"{home} is in use. Stop the server and what else works there, then restore.")
        finish_restore(home)
        yield


def hold(lock: IO[str], otherwise: str) -> None:
    """Takes a file's lock alone, until it is closed; raises `SetupError` when another process has it."""
    _take(lock, fcntl.LOCK_EX, otherwise)


def _take(lock: IO[str], how: int, otherwise: str) -> None:
    try:
        fcntl.flock(lock, how | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise SetupError(otherwise) from error


def name_for_replaced(home: Path) -> str:
    """Where what is replaced goes: nothing is deleted."""
    numbers = range(1, REPLACED_MAX + 1)
    free = next((number for number in numbers if not (home / f"replaced-{number}").exists()), None)
    if free is None:
        raise SetupError(f"{home} holds {REPLACED_MAX} replaced copies. Remove those that nobody needs.")
    return f"replaced-{free}"


@contextmanager
def staging(home: Path, *, tables_are_elsewhere: bool) -> Iterator[Path]:
    """An empty folder for what is put back. An error in the block leaves all as it was."""
    was_cut_off = (home / EPOCH_DUE).exists()
    if tables_are_elsewhere:
        (home / EPOCH_DUE).touch()
        sync(home)
    discard_staged(home)
    folder = home / STAGING
    folder.mkdir(mode=0o700)
    try:
        yield folder
    except BaseException:
        discard_staged(home)
        if not was_cut_off:
            (home / EPOCH_DUE).unlink(missing_ok=True)
        raise


def begin_swap(home: Path, replaced: str) -> None:
    """From here on the restore happens, whoever is killed."""
    staged = home / STAGING
    draft = staged / f".{READY}"
    draft.write_text(replaced)
    sync(draft)
    sync(staged)
    draft.replace(staged / READY)
    sync(staged)


def finish_restore(home: Path) -> None:
    """Swaps in what was staged, as far as that is not done yet; without a restore under way does nothing."""
    staged = home / STAGING
    if not (staged / READY).exists():
        return
    replaced = home / (staged / READY).read_text()
    replaced.mkdir(exist_ok=True)
    if (staged / DATABASE).exists():
        for name in (*BESIDE_THE_DATABASE, DATABASE):
            _put_away(home, replaced, name)
        (staged / DATABASE).rename(home / DATABASE)
    for name in FOLDERS:
        if (staged / name).exists():
            _put_away(home, replaced, name)
            (staged / name).rename(home / name)
    sync(replaced)
    (home / EPOCH_DUE).unlink(missing_ok=True)
    sync(home)
    (staged / READY).unlink()
    discard_staged(home)
    if not any(replaced.iterdir()):
        replaced.rmdir()


def _put_away(home: Path, replaced: Path, name: str) -> None:
    if (home / name).exists():
        (home / name).rename(replaced / name)


def discard_staged(home: Path) -> None:
    shutil.rmtree(home / STAGING, ignore_errors=True)


def sync(path: Path) -> None:
    """Makes a file's bytes, or a folder's names, survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
