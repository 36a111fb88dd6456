"""The process that packs: `python -m server.packs.worker`. It ends when nothing waits any more.

One at a time for each home: whoever holds the lock works, and the system drops the lock of a process that dies. Being
a process of its own, encoding takes neither memory nor turns from the server that answers phones.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from server import logs
from server.backup.home import hold
from server.composition import open_database, open_keys, open_objects, open_outlines, open_readying
from server.database import Database
from server.errors import SetupError
from server.packs import asking
from server.packs.durable import durable
from server.packs.work import Work
from server.settings import Settings

LOCK = "packing.lock"
NAME = "packing.id"
NAME_BYTES = 6


def work_off(settings: Settings) -> None:
    """Packs what waits, the oldest first. Does nothing where another works already."""
    with open_database(settings) as database, _alone(settings.home) as alone:
        if not alone or not _unfinished(database):
            return
        work = Work(
            database=database,
            store=open_objects(settings),
            cache=settings.home / "cache",
            keys=open_keys(settings),
            outlines=open_outlines(settings),
            readying=open_readying(settings, database),
        )
        _sweep(work.cache)
        with durable(work, url=_place(settings), schema=f"packing_{_name(settings.home)}") as run:
            while packs := _unfinished(database):
                run(packs[0])


def _unfinished(database: Database) -> list[str]:
    with database.reading() as session:
        return asking.unfinished(session)


@contextmanager
def _alone(home: Path) -> Iterator[bool]:
    with (home / LOCK).open("a") as lock:
        try:
            hold(lock, "Another packs here.")
        except SetupError:
            yield False
        else:
            yield True


def _place(settings: Settings) -> str:
    """Where the durable steps are kept: a file beside the database, or PostgreSQL where the database is one."""
    if settings.database.startswith("postgresql"):
        return settings.database
    return f"sqlite:///{settings.home.absolute() / 'packing.db'}"


def _name(home: Path) -> str:
    """Of this home, where several share one PostgreSQL: a folder to pack and what is encoded of it are here alone."""
    path = home / NAME
    if not path.exists():
        path.write_text(secrets.token_hex(NAME_BYTES))
    return path.read_text()


def _sweep(cache: Path) -> None:
    """What a worker that was killed left half made. Nobody else makes rungs while the lock is held."""
    for draft in cache.glob("??/.*.mp4"):
        draft.unlink(missing_ok=True)


def main() -> None:
    settings = Settings()
    logs.start(settings.log_level)
    os.nice(10)  # phones are answered first
    work_off(settings)


if __name__ == "__main__":
    main()
