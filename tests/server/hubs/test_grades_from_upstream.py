"""What a hub makes of the grades that come down its log: whichever comes first, a grade or its attempt."""

import json
from itertools import count
from typing import Any

import pytest

from conflict.grades import Said
from server.database import Database
from server.grading.attempts import AS_TOLD, Sitting
from server.grading.saying import standing_of
from server.hubs.asking.grades import GradesFromUpstream
from server.log.entries import Logged
from server.tables import Attempt, AttemptState, Course, Learner, Organisation
from server.tables.core import table_of
from sync.submissions import Submission
from sync.wire import FrameKind

ATTEMPT = table_of(Attempt)
HASH = bytes(range(32))
COLUMNS = (ATTEMPT.c.hash, ATTEMPT.c.state, ATTEMPT.c.score, ATTEMPT.c.counts, ATTEMPT.c.answers, ATTEMPT.c.questions)


def told(points: int) -> list[dict[str, Any]]:
    return [{"id": AS_TOLD, "points": [points], "comments": {"q1": "Well done"}}]


class Hub:
    """One learner's log at a hub, followed by its grades."""

    def __init__(self, database: Database) -> None:
        self.database, self.positions = database, count(1)
        self.organisation = Organisation(name="A school")
        self.learner = Learner(organisation_id=self.organisation.id, name="Amina")
        with database.writing() as session:
            session.add(self.organisation)
            session.flush()
            session.add_all((self.learner, Course(organisation_id=self.organisation.id, id="small", title={})))

    def follow(self, kind: FrameKind, body: bytes, name: bytes = HASH) -> None:
        here = (next(self.positions), self.organisation.id, self.learner.id, "small", "", 1, int(kind), name)
        with self.database.writing() as session:
            GradesFromUpstream().consume(session.connection(), [Logged(*here, b"", 1, body, None, 1_790_000_000_000)])

    def attempt(self) -> None:
        self.follow(FrameKind.SUBMISSIONS, Submission("small", "exam", 1, 1, 10, 70, {"q1": "a"}).write())

    def grade(self, score: int, state: str = "graded") -> None:
        told: dict[str, Any] = {"submission": HASH.hex()[:16], "course": "small", "activity": "exam", "release": 1}
        told |= {"number": 1, "state": state, "score": score, "max": 2000, "passed": score > 999, "counts": True}
        self.follow(
            FrameKind.GRADE,
            json.dumps(
                told | {"points": [score], "feedback": {}, "ended": 70, "comments": {"q1": "Well done"}}
            ).encode(),
        )

    def rows(self) -> list[tuple[Any, ...]]:
        with self.database.reading() as session:
            found = session.connection().execute(ATTEMPT.select().where(ATTEMPT.c.learner_id == self.learner.id))
            return [tuple(row._mapping[column] for column in COLUMNS) for row in found]


@pytest.fixture
def hub(database: Database) -> Hub:
    return Hub(database)


def test_an_attempt_waits_until_its_grade_comes_and_the_last_word_stands(hub: Hub) -> None:
    hub.attempt()
    assert hub.rows() == [(HASH, AttemptState.WAITING, 0, False, {"q1": "a"}, [])]

    hub.grade(0, "review")
    hub.grade(2000)

    assert hub.rows() == [(HASH, AttemptState.GRADED, 2000, True, {"q1": "a"}, told(2000))]


def test_a_grade_that_comes_before_its_attempt_is_shown_and_then_is_the_attempts(hub: Hub) -> None:
    hub.grade(1000)
    assert hub.rows() == [(HASH[:8], AttemptState.GRADED, 1000, True, {}, told(1000))]

    for _ in range(2):
        hub.attempt()

    assert hub.rows() == [(HASH, AttemptState.GRADED, 1000, True, {"q1": "a"}, told(1000))]


def test_what_a_trainer_said_of_a_whole_quiz_stands_here_too(hub: Hub) -> None:
    sitting = Sitting(hub.organisation.id, hub.learner.id, "small", "exam")
    words = (
        {"state": "standing", "score": 1500, "extra": 2, "at": 1},
        {"state": "excused", "score": None, "extra": 2, "at": 2},
    )

    for number, told in enumerate(words):
        body = json.dumps({"course": "small", "activity": "exam", **told}).encode()
        for _ in range(2):
            hub.follow(FrameKind.GRADE, body, bytes([number]) * 32)

    with hub.database.reading() as session:
        assert standing_of(session, sitting) == Said(score=None, excused=True, extra=2)
    assert hub.rows() == []
