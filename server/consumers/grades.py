"""Follows submissions: grades each on its pinned release, judges the set, and says so in the log.

The attempt's row, the grade's entry and the cursor are one transaction. What a machine cannot decide is kept for a
person with its reason; no attempt is ever discarded.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Connection, Row, insert, select, update

from conflict.attempts import Attempt, Policy, Standing, Verdict, standing
from offline_bundles import GradedAttempt, grade
from server.log.entries import append_server_entry
from server.tables import Attempt as AttemptRow
from server.tables import AttemptState
from server.tables.core import table_of
from server.tables.ids import now_ms
from sync.errors import SyncError
from sync.submissions import Submission
from sync.wire import FrameKind

ATTEMPT = table_of(AttemptRow)
NAME_CHARACTERS = 16  # of a submission's hash, in a grade: its device knows which one that is
STATES = {
    Verdict.COUNTS: AttemptState.GRADED,
    Verdict.EXCESS: AttemptState.EXCESS,
    Verdict.REVIEW: AttemptState.REVIEW,
}


@dataclass(frozen=True, slots=True)
class Quiz:
    """A quiz of one release: its public object and its key."""

    content: Mapping[str, Any]
    key: Mapping[str, Any]


class QuizSource(Protocol):
    def quiz(self, organisation: str, course: str, release: int, activity: str) -> Quiz | None:
        """The quiz that an attempt was made at, or None if this server never had it."""


class Grades:
    name = "grades"
    kinds = frozenset({int(FrameKind.SUBMISSIONS)})

    def __init__(self, quizzes: QuizSource) -> None:
        self._quizzes = quizzes

    def consume(self, connection: Connection, entries: Sequence[Row[Any]]) -> None:
        for entry in entries:
            self._take(connection, entry)

    def _take(self, connection: Connection, entry: Row[Any]) -> None:
        try:
            submission = Submission.read(entry.body)
        except SyncError as error:
            unreadable = Submission("", "", 0, 0, 0, 0, {})
            connection.execute(insert(ATTEMPT), _unjudged(entry, unreadable, str(error)))
            return
        quiz = self._quizzes.quiz(entry.organisation_id, submission.course, submission.release, submission.activity)
        if quiz is None:
            connection.execute(insert(ATTEMPT), _unjudged(entry, submission, "no such quiz in this release"))
            return
        graded = grade(quiz.content, quiz.key, submission.answers)
        connection.execute(insert(ATTEMPT), _graded(entry, submission, graded))
        self._judge(connection, entry, submission, quiz)

    def _judge(self, connection: Connection, entry: Row[Any], submission: Submission, quiz: Quiz) -> None:
        """The whole set again: a new attempt may change what another is worth."""
        rows = _set_of(connection, entry, submission)
        judged = standing(
            (_attempt(row) for row in rows),
            limit=quiz.content.get("attempts"),
            policy=Policy(quiz.content.get("policy", Policy.BEST)),
        )
        for row in rows:
            state, counts = STATES[judged.verdicts[row.hash]], row.hash == judged.scored
            if row.hash == entry.hash or (row.state, row.counts) != (state, counts):
                _settle(connection, row, state, counts, quiz, judged)


def _set_of(connection: Connection, entry: Row[Any], submission: Submission) -> Sequence[Row[Any]]:
    query = select(ATTEMPT).where(
        ATTEMPT.c.learner_id == entry.learner_id,
        ATTEMPT.c.course_id == submission.course,
        ATTEMPT.c.activity_id == submission.activity,
    )
    return connection.execute(query).all()


def _attempt(row: Row[Any]) -> Attempt:
    chain = (row.device_id, row.profile, row.chain)
    return Attempt(row.hash, chain, row.number, row.started_s, row.score, gradable=row.graded_ms is not None)


def _settle(
    connection: Connection, row: Row[Any], state: AttemptState, counts: bool, quiz: Quiz, judged: Standing
) -> None:
    passed = row.score * 100 >= quiz.content["pass_mark"] * row.score_max
    where = (ATTEMPT.c.learner_id == row.learner_id, ATTEMPT.c.hash == row.hash)
    connection.execute(update(ATTEMPT).where(*where).values(state=state, counts=counts, passed=passed))
    append_server_entry(
        connection,
        organisation=row.organisation_id,
        learner=row.learner_id,
        course=row.course_id,
        kind=FrameKind.GRADE,
        body=_grade_body(row, state, counts, passed),
    )


def _grade_body(row: Row[Any], state: AttemptState, counts: bool, passed: bool) -> bytes:
    fields = {
        "submission": row.hash.hex()[:NAME_CHARACTERS],
        "course": row.course_id,
        "activity": row.activity_id,
        "release": row.release,
        "number": row.number,
        "state": state.value,
        "score": row.score,
        "max": row.score_max,
        "passed": passed,
        "counts": counts,
        "points": [question["points"] for question in row.questions],
        "feedback": {question["id"]: question["feedback"] for question in row.questions if question["feedback"]},
        "ended": row.ended_s,
    }
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()


def _graded(entry: Row[Any], submission: Submission, graded: GradedAttempt) -> dict[str, Any]:
    questions = [
        {
            "id": question.id,
            "points": question.points_thousandths,
            "max": question.max_thousandths,
            "correct": question.correct,
            "feedback": question.feedback,
        }
        for question in graded.questions
    ]
    return _row(entry, submission) | {
        "state": AttemptState.WAITING,
        "reason": "",
        "score": graded.score_thousandths,
        "score_max": graded.max_thousandths,
        "questions": questions,
        "graded_ms": now_ms(),
    }


def _unjudged(entry: Row[Any], submission: Submission, reason: str) -> dict[str, Any]:
    return _row(entry, submission) | {
        "state": AttemptState.REVIEW,
        "reason": reason,
        "score": 0,
        "score_max": 0,
        "questions": [],
        "graded_ms": None,
    }


def _row(entry: Row[Any], submission: Submission) -> dict[str, Any]:
    return {
        "hash": entry.hash,
        "organisation_id": entry.organisation_id,
        "learner_id": entry.learner_id,
        "course_id": submission.course,
        "activity_id": submission.activity,
        "release": submission.release,
        "number": submission.number,
        "device_id": entry.device_id,
        "profile": entry.profile,
        "chain": entry.seq,
        "started_s": submission.started,
        "ended_s": submission.ended,
        "received_ms": entry.received_ms,
        "answers": submission.answers,
        "passed": False,
        "counts": False,
    }
