"""A small organisation with learners and devices, on a real database, without a running server."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

from sqlalchemy import Row, select
from sqlmodel import SQLModel

from conflict.rules import LessonState
from server.consumers.grades import Quiz
from server.database import Database
from server.exchange.service import ExchangeService
from server.tables import Course, Device, Enrolment, Learner, Organisation, Profile
from server.tables.core import table_of
from server.tables.ids import now_ms
from sync.client import Replica
from sync.identity import DeviceKey
from sync.submissions import Submission
from sync.wire import Reply
from tests.services.tables import lay_tables

SQLITE = "sqlite:///"
COURSE = "water-and-health"
NOW_S = 1_790_000_000


class OneQuiz:
    """A quiz source that knows one graded quiz, `exam`, of the releases 1 and 2."""

    content: ClassVar[dict[str, Any]] = {
        "quiz": "graded",
        "pass_mark": 50,
        "attempts": 2,
        "policy": "best",
        "questions": [
            {"id": "q1", "kind": "single_choice", "points": 1},
            {"id": "q2", "kind": "numeric", "points": 1},
        ],
    }
    key: ClassVar[dict[str, Any]] = {
        "q1": {"correct": ["b"], "feedback": {"en": "Boil it."}, "choices": {}},
        "q2": {"answer": "60", "tolerance": "1", "feedback": {}},
    }

    def quiz(self, organisation: str, course: str, release: int, activity: str) -> Quiz | None:
        return Quiz(self.content, self.key) if (course, activity) == (COURSE, "exam") and release in (1, 2) else None


class School:
    """The server's half: tables, service, and who there is."""

    def __init__(self, database: Database, service: ExchangeService) -> None:
        self.database = database
        self.service = service
        self.organisation = Organisation(name="Rural Health")
        with database.writing() as session:
            session.add(self.organisation)
            session.flush()
            session.add(Course(organisation_id=self.organisation.id, id=COURSE, title={"en": "Water and health"}))

    def learner(self, name: str = "Amina") -> Learner:
        learner = Learner(organisation_id=self.organisation.id, name=name)
        enrolment = Enrolment(learner_id=learner.id, course_id=COURSE, organisation_id=self.organisation.id)
        with self.database.writing() as session:
            session.add(learner)
            session.flush()
            session.add(enrolment)
        return learner

    def device(self, learner: Learner, key: DeviceKey | None = None, profile: int = 1) -> Replica:
        """A phone that has joined as this learner."""
        key = key or DeviceKey.generate()
        organisation = self.organisation.id
        with self.database.writing() as session:
            session.merge(Device(id=key.device.hex(), organisation_id=organisation, public_key=key.public_key))
            session.flush()
            session.add(
                Profile(device_id=key.device.hex(), number=profile, organisation_id=organisation, learner_id=learner.id)
            )
        return Replica(key, profile)

    def carry(self, request: bytes) -> bytes:
        """A request as some carrier brings it; gives the reply's bytes."""
        return asyncio.run(self.service.exchange(request))

    def exchange(self, replica: Replica) -> Reply:
        return replica.accept(self.carry(replica.request(now_ms())))

    def settle(self) -> None:
        asyncio.run(self.service.settled())

    def rows(self, model: type[SQLModel]) -> list[Row[Any]]:
        with self.database.engine.connect() as connection:
            return list(connection.execute(select(table_of(model))).all())


@contextmanager
def school(url: str, folder: Path, **options: Any) -> Iterator[School]:
    """`options`: what else the service is told."""
    if url.startswith(SQLITE):
        lay_tables(Path(url.removeprefix(SQLITE)))
    database = Database(url)
    database.migrate()
    service = ExchangeService(database.engine, analytics=folder / "analytics", quizzes=OneQuiz(), **options)
    service.start()
    try:
        yield School(database, service)
    finally:
        service.stop()
        database.close()


def attempt(number: int = 1, *, right: bool = True, started: int = NOW_S) -> Submission:
    answers = {"q1": "b", "q2": "60"} if right else {"q1": "a", "q2": "12"}
    return Submission(COURSE, "exam", 1, number, started, started + 300, answers, (41, 230))


def study(replica: Replica, *, at: int = NOW_S) -> None:
    """A little of everything that a learner leaves behind."""
    replica.reach(COURSE, "lecture", LessonState.COMPLETED)
    replica.watch(COURSE, "lecture", [(0, 120)])
    replica.place(COURSE, "lecture", 120, at)
    replica.bookmark(COURSE, "lecture", 42)
    replica.note(COURSE, "lecture", "n1", "Boil for one minute")
