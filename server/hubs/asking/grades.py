"""What attempts are worth, at a hub: as the upstream said.

A hub has no answer keys, so it marks nothing and tells no phone a grade of its own. It keeps the attempts that came to
it, and of each, whichever way it went, what the grades say that came down the log. A grade names its attempt by the
beginning of its hash: of one that went past this hub, that is all there is, and its row stands under it until the
attempt itself comes.
"""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from conflict.grades import Word
from server.grading.attempts import AS_TOLD, ATTEMPT, Marked
from server.grading.marking import ungraded
from server.grading.rulings import RULING
from server.grading.settling import NAME_CHARACTERS
from server.log.entries import Logged, insert_once
from server.tables import AttemptState
from sync.errors import SyncError
from sync.submissions import Submission
from sync.wire import FrameKind

AT_UPSTREAM = "at_upstream"  # why an attempt waits: its grade comes down with a round
WORTH = ("state", "reason", "score", "score_max", "passed", "counts", "questions", "graded_ms")
NAME_BYTES = NAME_CHARACTERS // 2
STATES = {state.value: state for state in AttemptState}
Told = dict[str, Any]


class GradesFromUpstream:
    """In the place of `server.consumers.grades`, which needs answer keys."""

    name = "grades_from_upstream"
    kinds = frozenset({int(FrameKind.SUBMISSIONS), int(FrameKind.GRADE)})

    def consume(self, connection: Connection, entries: Sequence[Logged]) -> None:
        for entry in entries:
            if entry.kind == FrameKind.SUBMISSIONS:
                _keep(connection, _sealed(entry))
            else:
                _hear(connection, entry)


def _sealed(entry: Logged) -> Marked:
    try:
        submission = Submission.read(entry.body)
    except SyncError as error:
        return ungraded(entry, Submission(entry.course_id, "", 0, 0, 0, 0, {}), str(error))
    return ungraded(entry, submission, AT_UPSTREAM)._replace(state=AttemptState.WAITING)


def _keep(connection: Connection, attempt: Marked) -> None:
    """Under its whole name; what a grade said of it before it came is its own from now on."""
    insert_once(connection, ATTEMPT, [attempt._asdict()])
    alone = _row(attempt.learner_id, attempt.hash[:NAME_BYTES])
    if heard := connection.execute(select(*(ATTEMPT.c[name] for name in WORTH)).where(*alone)).first():
        connection.execute(update(ATTEMPT).where(*_row(attempt.learner_id, attempt.hash)).values(heard._asdict()))
        connection.execute(delete(ATTEMPT).where(*alone))


def _hear(connection: Connection, entry: Logged) -> None:
    told = json.loads(entry.body)
    if "submission" not in told:
        _keep_word(connection, entry, told)
        return
    worth = _worth(told, entry.received_ms)
    name = bytes.fromhex(told["submission"])
    known = _named(connection, entry.learner_id, entry.course_id, name)
    if known is not None:
        connection.execute(update(ATTEMPT).where(*_row(entry.learner_id, known)).values(worth))
        return
    place = {"organisation_id": entry.organisation_id, "learner_id": entry.learner_id, "course_id": entry.course_id}
    connection.execute(insert(ATTEMPT).values(hash=name, **place, **_passed_by(told, entry.received_ms), **worth))


def _keep_word(connection: Connection, entry: Logged, told: Told) -> None:
    """What stands of all that trainers said of the whole quiz; who said it, the upstream's audit knows."""
    values = {Word.SCORE: told["score"], Word.EXCUSED: told["state"] == "excused", Word.EXTRA: told["extra"]}
    about = {"organisation_id": entry.organisation_id, "learner_id": entry.learner_id, "course_id": entry.course_id}
    common = {**about, "activity_id": told["activity"], "account_id": "", "at_ms": told["at"]}
    nothing = {"subject": "", "question": "", "release": None, "comment": ""}
    rows = [{"id": f"{entry.hash.hex()[:24]}-{word}", "word": word.value, "value": values[word]} for word in values]
    insert_once(connection, RULING, [{**common, **nothing, **row} for row in rows])


def _named(connection: Connection, learner: str, course: str, name: bytes) -> bytes | None:
    hers = select(ATTEMPT.c.hash).where(ATTEMPT.c.learner_id == learner, ATTEMPT.c.course_id == course)
    return next((bytes(digest) for digest in connection.scalars(hers) if digest.startswith(name)), None)


def _row(learner: str, digest: bytes) -> tuple[ColumnElement[bool], ...]:
    return ATTEMPT.c.learner_id == learner, ATTEMPT.c.hash == digest


def _worth(told: Told, received_ms: int) -> dict[str, Any]:
    state, questions = STATES[told["state"]], [_questions(told)]
    worth = (told["score"], told["max"], told["passed"], told["counts"], questions, received_ms)
    return dict(zip(WORTH, (state, "", *worth), strict=True))


def _questions(told: Told) -> dict[str, Any]:
    """Points in the quiz's order, and comments: a grade names no question, and its quiz may not be here yet."""
    return {"id": AS_TOLD, "points": told["points"], "comments": told.get("comments", {})}


def _passed_by(told: Told, received_ms: int) -> dict[str, Any]:
    """What a grade tells of an attempt that never came here. When it began is not said."""
    ended = told.get("ended", received_ms // 1_000)
    return {
        "activity_id": told["activity"],
        "release": told["release"],
        "number": told["number"],
        "device_id": "",
        "profile": 0,
        "chain": 0,
        "answers": {},
        "started_s": ended,
        "ended_s": ended,
        "received_ms": received_ms,
    }
