"""A home folder's lock, and the last step of a restore: what was staged takes the place of what was there.

Whoever has the tables open holds the lock together with others; a restore holds it alone. The system drops the lock of
a process that dies. The swap is several renames, so it is written down before it begins: once `READY` stands in the
staging folder, the next who opens the home goes on where the last one was killed. Before that, nothing has happened.
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
DATABASE = "tiffin.db"
FOLDERS = ("keys", "analytics")
BESIDE_THE_DATABASE = (f"{DATABASE}-wal", f"{DATABASE}-shm")  # another database's would spoil the one that is put back
UNDER_WAY = "A restore is under way here. Wait a moment, then try again."
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


def begin_swap(home: Path, replaced: str) -> None:
    """From here on the restore happens, whoever is killed."""
    staging = home / STAGING
    draft = staging / f".{READY}"
    draft.write_text(replaced)
    sync(draft)
    sync(staging)
    draft.replace(staging / READY)
    sync(staging)


def finish_restore(home: Path) -> None:
    """Swaps in what was staged, as far as that is not done yet; without a restore under way does nothing."""
    staging = home / STAGING
    if not (staging / READY).exists():
        return
    replaced = home / (staging / READY).read_text()
    replaced.mkdir(exist_ok=True)
    if (staging / DATABASE).exists():
        for name in (*BESIDE_THE_DATABASE, DATABASE):
            _put_away(home, replaced, name)
        (staging / DATABASE).rename(home / DATABASE)
    for name in FOLDERS:
        if (staging / name).exists():
            _put_away(home, replaced, name)
            (staging / name).rename(home / name)
    sync(replaced)
    sync(home)
    (staging / READY).unlink()
    discard_staged(home)
    if not any(replaced.iterdir()):
        replaced.rmdir()


def _put_away(home: Path, replaced: Path, name: str) -> None:
    if (home / name).exists():
        (home / name).rename(replaced / name)


def discard_staged(home: Path) -> None:
    """What a restore that was killed before its swap left behind."""
    shutil.rmtree(home / STAGING, ignore_errors=True)


def sync(path: Path) -> None:
    """Makes a file's bytes, or a folder's names, survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
