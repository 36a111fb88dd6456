"""A home with a school in it, opened and closed as a server does from one life to the next."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from offline_bundles import FolderStore
from server.backup.home import in_use
from server.database import Database
from server.exchange.service import ExchangeService
from server.keys import KeyRing
from server.settings import Settings
from sync.client import Replica
from sync.events import Event, Verb
from tests.server.school import COURSE, NOW_S, OneQuiz, School, attempt, school, study

OBJECTS = (b"a picture of a well", b"a page on boiling water")


def settings_of(home: Path, database_url: str = "") -> Settings:
    return Settings(home=home, database_url=database_url)


def furnish(home: Path) -> None:
    """Keys and objects, as a server that has packed a course has them."""
    keys = KeyRing(home / "keys")
    keys.join_secret()
    keys.release_seed("organisation")
    keys.trust("organisation", b"k" * 32)
    for content in OBJECTS:
        FolderStore(home / "objects").put(content)


@contextmanager
def founded(home: Path, database_url: str = "") -> Iterator[School]:
    """The first life of a home."""
    home.mkdir(parents=True, exist_ok=True)
    furnish(home)
    with in_use(home), school(settings_of(home, database_url).database, home) as opened:
        yield opened


@contextmanager
def reopened(here: School, home: Path, database_url: str = "") -> Iterator[School]:
    """The next life: the same people, whatever the tables hold now."""
    with in_use(home):
        here.database = Database(settings_of(home, database_url).database)
        here.service = ExchangeService(here.database.engine, analytics=home / "analytics", quizzes=OneQuiz())
        here.service.start()
        try:
            yield here
        finally:
            here.service.stop()
            here.database.close()


def a_day(phone: Replica, day: int) -> None:
    """What a learner does on one day: an attempt, progress, notes, events."""
    study(phone, at=NOW_S + 86_400 * day)
    phone.note(COURSE, "lecture", f"day{day}", f"what day {day} taught")
    phone.submit(attempt(day, right=day % 2 == 1, started=NOW_S + 86_400 * day))
    phone.happened(COURSE, Event(Verb.PLAYED, "lecture", NOW_S + 86_400 * day, 60))
