"""The process that packs: `python -m server.packs.worker`. It ends when nothing waits any more.

One at a time for each home: whoever holds the lock works, and the system drops the lock of a process that dies. Being
a process of its own, encoding takes neither memory nor turns from the server that answers phones.
"""

import os
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path

from server import logs
from server.backup.home import hold
from server.composition import open_database, open_keys, open_objects, open_outlines, open_readying
from server.database import Database
from server.errors import SetupError
from server.packs import asking
from server.packs.durable import Run, durable
from server.packs.homes import name_of
from server.packs.work import Work
from server.settings import Settings

LOCK = "packing.lock"
PACKS_AT_ONCE = 8  # each is a thread that waits; how much is encoded at a time is bounded by the queue of rungs
LOOK_SECONDS = 1.0  # between two looks for a pack that was asked for meanwhile
Course = tuple[str, str]  # of an organisation


def work_off(settings: Settings) -> None:
    """Packs what waits in this home, the oldest first. Does nothing where another works already."""
    with open_database(settings) as database, _alone(settings.home) as alone:
        home = name_of(settings.home)
        if not alone or not _taken_up(database, home):
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
        with durable(work, url=_place(settings), schema=f"packing_{home}") as run:
            _run_all(database, home, run)


def _taken_up(database: Database, home: str) -> bool:
    """Whether anything is to be done, once what the last worker ended over is counted."""
    with database.writing() as session:
        asking.count_deaths(session, home)
        return bool(asking.unfinished(session, home))


def _run_all(database: Database, home: str, run: Run) -> None:
    """Several packs at a time, so that a short one does not wait for a long one; of a course, one after the other."""
    under_way: dict[Future[None], Course] = {}
    with ThreadPoolExecutor(PACKS_AT_ONCE) as threads:
        while True:
            with database.reading() as session:
                unfinished = asking.unfinished(session, home)
            for pack in unfinished:
                course = (pack.organisation_id, pack.course_id)
                if len(under_way) < PACKS_AT_ONCE and course not in under_way.values():
                    under_way[threads.submit(run, pack.id)] = course
            if not under_way:
                return
            ended, _ = wait(under_way, LOOK_SECONDS, FIRST_COMPLETED)
            for future in ended:
                future.result()
                del under_way[future]


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
