"""Follows submissions: grades each on its pinned release, judges the set, and says so in the log.

The attempt's row, the grade's entry and the cursor are one transaction. What a machine cannot decide is kept for a
person with its reason; no attempt is ever discarded.
"""

import json
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from sqlalchemy import Connection, Row, bindparam, insert, select, tuple_, update

from conflict.attempts import Attempt, Policy, Verdict, standing
from offline_bundles import GradedAttempt, grade
from server.log.entries import ServerEntry, append_server_entries
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
        """A slice at a time: its cost is a few statements, however many attempts came."""
        touched: dict[Sitting, Quiz] = {}
        rows = [self._row(entry, touched) for entry in entries]
        connection.execute(insert(ATTEMPT), rows)
        fresh = {row["hash"] for row in rows}
        settled = [
            one
            for sitting, attempts in _sets(connection, touched).items()
            for one in _judged(attempts, touched[sitting], fresh)
        ]
        _keep(connection, settled)

    def _row(self, entry: Row[Any], touched: "dict[Sitting, Quiz]") -> dict[str, Any]:
        """The attempt's row; what it was an attempt at goes to `touched`."""
        try:
            submission = Submission.read(entry.body)
        except SyncError as error:
            return _unjudged(entry, Submission("", "", 0, 0, 0, 0, {}), str(error))
        quiz = self._quizzes.quiz(entry.organisation_id, submission.course, submission.release, submission.activity)
        if quiz is None:
            return _unjudged(entry, submission, "no such quiz in this release")
        touched[Sitting(entry.learner_id, submission.course, submission.activity)] = quiz
        return _graded(entry, submission, grade(quiz.content, quiz.key, submission.answers))


class Sitting(NamedTuple):
    """One learner's attempts at one quiz stand and fall together."""

    learner: str
    course: str
    activity: str


def _sets(connection: Connection, touched: Iterable[Sitting]) -> dict[Sitting, list[Row[Any]]]:
    """All attempts at what was touched: a new one may change what another is worth."""
    sets: dict[Sitting, list[Row[Any]]] = {sitting: [] for sitting in touched}
    place = tuple_(ATTEMPT.c.learner_id, ATTEMPT.c.course_id, ATTEMPT.c.activity_id)
    if sets:
        for row in connection.execute(select(ATTEMPT).where(place.in_(list(sets)))):
            sets[Sitting(row.learner_id, row.course_id, row.activity_id)].append(row)
    return sets


@dataclass(frozen=True, slots=True)
class _Settled:
    """An attempt with what it is worth now."""

    row: Row[Any]
    state: AttemptState
    counts: bool
    passed: bool


def _judged(rows: Sequence[Row[Any]], quiz: Quiz, fresh: Container[bytes]) -> Iterator[_Settled]:
    """The attempts that are new, or whose worth has changed."""
    judged = standing(
        (_attempt(row) for row in rows),
        limit=quiz.content.get("attempts"),
        policy=Policy(quiz.content.get("policy", Policy.BEST)),
    )
    for row in rows:
        state, counts = STATES[judged.verdicts[row.hash]], row.hash == judged.scored
        if row.hash in fresh or (row.state, row.counts) != (state, counts):
            passed = row.score * 100 >= quiz.content["pass_mark"] * row.score_max
            yield _Settled(row, state, counts, passed)


def _keep(connection: Connection, settled: Sequence[_Settled]) -> None:
    """Writes what attempts are worth, and says so to their learners."""
    if not settled:
        return
    here = (ATTEMPT.c.learner_id == bindparam("at_learner"), ATTEMPT.c.hash == bindparam("at_hash"))
    connection.execute(
        update(ATTEMPT).where(*here).values(state=bindparam("to"), counts=bindparam("so"), passed=bindparam("did")),
        [
            {
                "at_learner": one.row.learner_id,
                "at_hash": one.row.hash,
                "to": one.state,
                "so": one.counts,
                "did": one.passed,
            }
            for one in settled
        ],
    )
    append_server_entries(connection, [_said(one) for one in settled])


def _said(one: _Settled) -> ServerEntry:
    return ServerEntry(
        organisation=one.row.organisation_id,
        learner=one.row.learner_id,
        course=one.row.course_id,
        kind=FrameKind.GRADE,
        body=_grade_body(one.row, one.state, one.counts, one.passed),
    )


def _attempt(row: Row[Any]) -> Attempt:
    chain = (row.device_id, row.profile, row.chain)
    return Attempt(row.hash, chain, row.number, row.started_s, row.score, gradable=row.graded_ms is not None)


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
