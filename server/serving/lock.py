"""Who serves a home: beside SQLite one process, beside PostgreSQL as many as are started.

Much of a server is in its memory: which life of the log it tells phones of, how often somebody tried a password, how
many exchanges the machine can take. Two that serve one home from SQLite would each know half of it. Those that share
PostgreSQL are started on purpose, and count in Redis what they have to count together.

The lock is the system's (flock): it ends with the process that has it, however that ends. Commands do not take it;
what they may do beside a server is theirs to know (`server.backup.home`).
"""

import fcntl
import os
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from server.errors import SetupError
from server.settings import Settings

LOCK = "serving.lock"
HOLDER_CHARACTERS_MAX = 1_000  # of what is read: a process and an address


@contextmanager
def serving(settings: Settings) -> Iterator[None]:
    """Held for as long as a process serves. Raises `SetupError` that names the one that does already."""
    settings.home.mkdir(parents=True, exist_ok=True)
    alone = settings.database.startswith("sqlite")
    with (settings.home / LOCK).open("a+") as lock:
        if not _taken(lock, fcntl.LOCK_EX if alone else fcntl.LOCK_SH):
            raise SetupError(_refusal(settings.home, lock))
        if alone:
            _write_holder(lock, settings)
        yield


@contextmanager
def unserved(home: Path, why: str) -> Iterator[None]:
    """Keeps servers from starting meanwhile. Raises `SetupError` with who serves, and `why` that must end first."""
    with (home / LOCK).open("a+") as lock:
        if not _taken(lock, fcntl.LOCK_EX):
            raise SetupError(f"{home} is served{_holder(lock)}. {why}")
        lock.truncate(0)
        yield


def _taken(lock: IO[str], how: int) -> bool:
    try:
        fcntl.flock(lock, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _write_holder(lock: IO[str], settings: Settings) -> None:
    """For people only: who holds the lock is the system's to know."""
    lock.truncate(0)
    lock.write(f"{os.getpid()} {settings.address}")
    lock.flush()


def _holder(lock: IO[str]) -> str:
    lock.seek(0)
    process, _, address = lock.read(HOLDER_CHARACTERS_MAX).partition(" ")
    return f" by process {process}, at {address}" if process.isdecimal() and address.isprintable() else ""


def _refusal(home: Path, lock: IO[str]) -> str:
    another = shlex.quote(f"{home}-2")
    return (
        f"{home} is served already{_holder(lock) or ', or becomes a hub just now'}. "
        "One process serves a home with SQLite: stop that one first, with Ctrl-C where it runs, as a service with "
        "systemctl stop tiffin. Another server needs a home and a port of its own: "
        f"TIFFIN_HOME={another} TIFFIN_PORT=8001 tiffin serve"
    )
