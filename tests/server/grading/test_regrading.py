"""Voiding a question is said at once and done behind the requests, a slice of learners at a time."""

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue

import pytest
from sqlalchemy import Connection

from server.consumers.pace import SLICE_MIN, SLICE_SECONDS
from server.exchange.service import ExchangeService
from server.grading import saying
from server.grading.attempts import Marked, add
from server.grading.regrading import Regrading
from server.grading.rulings import Assessment
from server.grading.source import Quiz
from server.metrics import Metrics
from server.shapes.grading import Voiding
from server.tables import Attempt, AttemptState, LogEntry, QuizKey
from server.tables import Regrading as Due
from sync.wire import FrameKind
from tests.server.grading.test_trainers_words import trainer
from tests.server.school import COURSE, NOW_S, OneQuiz, School, attempt

LEARNERS = 80  # more than a first slice holds
WRONG = {"q1": "a", "q2": "12"}


class Heeded(OneQuiz):
    """Quizzes that tell when they are asked for the first time by who grades again."""

    def __init__(self, then: Callable[[], None]) -> None:
        self._then: Callable[[], None] | None = then

    def quiz(self, organisation: str, course: str, release: int, activity: str) -> Quiz | None:
        if self._then and threading.current_thread().name == "writer":
            then, self._then = self._then, None
            then()
        return super().quiz(organisation, course, release, activity)


def handed_in(here: School, learners: int) -> None:
    """Each has one attempt with nothing right, as it lies in the table when it was graded and told long ago."""
    marks = Quiz(OneQuiz.content, OneQuiz.key).grade(WRONG)
    rows = [
        Marked(
            organisation_id=here.organisation.id,
            learner_id=f"learner-{number:03}",
            course_id=COURSE,
            activity_id="exam",
            hash=number.to_bytes(32, "big"),
            release=1,
            number=1,
            device_id="",
            profile=1,
            chain=0,
            started_s=NOW_S,
            ended_s=NOW_S + 300,
            received_ms=1000 * NOW_S,
            state=AttemptState.GRADED,
            reason="",
            score=0,
            score_max=2000,
            passed=False,
            counts=True,
            questions=marks,
            graded_ms=1000 * NOW_S,
            answers=WRONG,
        )
        for number in range(learners)
    ]
    with here.database.writing() as session:
        add(session.connection(), rows)


def void(here: School) -> int:
    key = {"organisation_id": here.organisation.id, "course_id": COURSE, "activity_id": "exam"}
    with here.database.writing() as session:
        session.add(QuizKey(**key, number=1, quiz_object="-", key=OneQuiz.key))
        session.flush()
    who = trainer(here)
    with here.database.writing() as session:
        voiding = Voiding(question="q1", reason="Its picture was missing.")
        return saying.void(session, who, Assessment(here.organisation.id, COURSE, "exam"), voiding)


def graded_again(here: School) -> list[str]:
    """The learners whose attempts have the voided question's points."""
    return sorted(row.learner_id for row in here.rows(Attempt) if row.score == 1000)


def figure(here: School) -> float:
    """How many attempts are still to be graded again, by /metrics."""
    home = here.service.analytics.folder.parent
    lines = Metrics(here.database, here.service, home).exposition().decode().splitlines()
    [found] = [line for line in lines if line.startswith("tiffin_regrading_attempts{")]
    return float(found.rpartition(" ")[2])


def smallest_slice(connection: Connection) -> None:
    assert Regrading(OneQuiz()).step(connection, 0)


def test_killed_between_two_slices_it_goes_on_where_it_was(here: School) -> None:
    here.service.stop()
    handed_in(here, 2 * SLICE_MIN + 1)
    assert void(here) == 2 * SLICE_MIN + 1
    assert graded_again(here) == []

    with here.database.writing() as session:
        smallest_slice(session.connection())
    with pytest.raises(KeyboardInterrupt), here.database.writing() as session:
        smallest_slice(session.connection())
        raise KeyboardInterrupt
    assert graded_again(here) == [f"learner-{number:03}" for number in range(SLICE_MIN)]
    assert figure(here) == SLICE_MIN + 1, "those who are left"
    assert [row.after_learner for row in here.rows(Due)] == [f"learner-{SLICE_MIN - 1:03}"]

    next_life = ExchangeService(here.database.engine, analytics=here.service.analytics.folder, quizzes=OneQuiz())
    next_life.start()
    asyncio.run(next_life.settled())
    next_life.stop()
    assert len(graded_again(here)) == 2 * SLICE_MIN + 1
    assert here.rows(Due) == []
    assert figure(here) == 0
    told = [row.learner_id for row in here.rows(LogEntry) if row.kind == FrameKind.GRADE]
    assert sorted(told) == graded_again(here), "each is told once"


def test_an_exchange_gets_through_while_everyone_is_graded_again(here: School) -> None:
    """It comes while the first slice is being done, and stands in the log between that slice and the next."""
    here.service.stop()
    phone = here.device(here.learner())
    phone.submit(attempt())
    request = phone.request(1000 * NOW_S)
    handed_in(here, LEARNERS)
    void(here)

    brought: SimpleQueue[Future[bytes]] = SimpleQueue()
    with ThreadPoolExecutor(1) as carrier:

        def bring() -> None:
            """Returns when it waits for the writer, and the slice has used up its time."""
            began = time.thread_time()
            brought.put(carrier.submit(lambda: asyncio.run(service.exchange(request))))
            while not service.waiting()["immediate"] or time.thread_time() - began < SLICE_SECONDS:
                pass

        service = ExchangeService(here.database.engine, analytics=here.service.analytics.folder, quizzes=Heeded(bring))
        service.start()
        phone.accept(brought.get().result())
        asyncio.run(service.settled())
        service.stop()

    entries = sorted(here.rows(LogEntry), key=lambda row: row.position)
    [came] = [place for place, row in enumerate(entries) if row.kind == FrameKind.SUBMISSIONS]
    after = [row for row in entries[came:] if row.learner_id.startswith("learner-")]
    assert 0 < len(after) < LEARNERS
    assert len(graded_again(here)) == LEARNERS
    assert phone.grades[-1]["score"] == 2000
