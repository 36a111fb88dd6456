"""Grading everyone's attempts at a quiz again, after a word that is about all of them; behind the requests.

What is to be graded again is a row, written with the word itself. A slice settles some learners and moves the row past
them in one transaction, so that whoever is killed goes on where the last slice ended, and an exchange waits for one
slice at most. A learner who hands in meanwhile is judged by the new word at once: judging again changes nothing.
"""

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from server.bulk import run, run_many
from server.consumers.apart import do_all_or_each
from server.consumers.pace import Pace
from server.grading.attempts import Sitting
from server.grading.rulings import Assessment
from server.grading.settling import settle
from server.grading.source import QuizSource

# Said again while it is being done, it begins anew.
BEGIN = """
    INSERT INTO regrading (organisation_id, course_id, activity_id, after_learner) VALUES (?, ?, ?, '')
    ON CONFLICT (organisation_id, course_id, activity_id) DO UPDATE SET after_learner = ''
"""
NEXT = "SELECT organisation_id, course_id, activity_id, after_learner FROM regrading LIMIT 1"
_HERE = "organisation_id = ? AND course_id = ? AND activity_id = ?"
COUNT = f"SELECT count(*) FROM attempt WHERE {_HERE}"  # noqa: S608  # text of our own
LEARNERS = f"SELECT DISTINCT learner_id FROM attempt WHERE {_HERE} AND learner_id > ? ORDER BY learner_id LIMIT ?"  # noqa: S608
MOVE = f"UPDATE regrading SET after_learner = ? WHERE {_HERE}"  # noqa: S608
END = f"DELETE FROM regrading WHERE {_HERE}"  # noqa: S608
# Of an organisation; a count of index entries, and rarely of any.
LEFT = """
    SELECT r.course_id, r.activity_id, r.after_learner, count(a.learner_id)
    FROM regrading r LEFT JOIN attempt a ON a.organisation_id = r.organisation_id AND a.course_id = r.course_id
    AND a.activity_id = r.activity_id AND a.learner_id > r.after_learner
    WHERE r.organisation_id = ? GROUP BY r.course_id, r.activity_id, r.after_learner
"""
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Left:
    """What is still to be graded again at one assessment: so many attempts, of the learners after that one."""

    attempts: int
    after_learner: str


NOTHING_LEFT = Left(0, "")


def begin(connection: Connection, where: Assessment) -> int:
    """Has all attempts at it graded again; says how many they are."""
    run_many(connection, BEGIN, [where])
    [(count,)] = run(connection, COUNT, where)
    return int(count)


def left(connection: Connection, organisation: str) -> Mapping[Assessment, Left]:
    """Where points may still be those of before a trainer's word."""
    rows = run(connection, LEFT, (organisation,))
    return {
        Assessment(organisation, course, activity): Left(int(attempts), after)
        for course, activity, after, attempts in rows
    }


class Regrading:
    """Does what was begun, a slice of learners at a time; see `server.consumers.turns.Worker`."""

    def __init__(self, quizzes: QuizSource) -> None:
        self._quizzes = quizzes
        self._pace = Pace()

    def step(self, connection: Connection, seconds: float) -> bool:
        began, limit = time.thread_time(), self._pace.fitting(seconds)
        for *named, after in run(connection, NEXT):
            where = Assessment(*named)
            learners = [learner for (learner,) in run(connection, LEARNERS, (*where, after, limit))]
            if learners:
                self._grade(connection, [Sitting(where.organisation, one, *where[1:]) for one in learners])
                run_many(connection, MOVE, [(learners[-1], *where)])
                self._pace.took(len(learners), time.thread_time() - began, of=seconds)
            else:
                run_many(connection, END, [where])
            return True
        return False

    def _grade(self, connection: Connection, sittings: Sequence[Sitting]) -> None:
        def grade(some: Sequence[Sitting]) -> None:
            settle(connection, some, self._quizzes)

        do_all_or_each(connection, sittings, grade, _leave)


def _leave(sitting: Sitting, error: Exception) -> None:
    log.error("attempts of %s at %s cannot be graded again", sitting.learner, sitting.assessment, exc_info=error)
