"""What attempts are worth, after all that machine and trainers said, written down and told to their learners.

Called in the transaction of whatever changed: new attempts, or a trainer's word. The rules are `conflict.grades`; here
is only reading, comparing and writing, a few statements for however many attempts.
"""

import json
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, bindparam, select, tuple_, update

from conflict.attempts import Attempt, Policy, Verdict
from conflict.grades import Item, Ruling, Sheet, Terms, Worth, settled
from server.grading.rulings import Assessment, about, note_rejudged
from server.grading.source import QuizSource
from server.log.bulk import run_many
from server.log.entries import ServerEntry, append_server_entries, lock_log
from server.tables import Attempt as AttemptRow
from server.tables import AttemptState
from server.tables.core import table_of
from server.tables.ids import now_ms
from sync.wire import FrameKind

ATTEMPT = table_of(AttemptRow)
JUDGED = tuple(column for column in ATTEMPT.c if column.name != "answers")  # they were graded, and are the largest
KEEP = "UPDATE attempt SET state = ?, counts = ?, passed = ? WHERE learner_id = ? AND hash = ?"
NAME_CHARACTERS = 16  # of a submission's hash, in a grade: its device knows which one that is
STATES = {
    Verdict.COUNTS: AttemptState.GRADED,
    Verdict.WAITS: AttemptState.WAITING,
    Verdict.EXCESS: AttemptState.EXCESS,
    Verdict.REVIEW: AttemptState.REVIEW,
    Verdict.REFUSED: AttemptState.REFUSED,
}
SAID_STATES = {AttemptState.WAITING: "review"}  # to a learner both are: a person looks at it
GIVEN = frozenset({"given", "voided", "comment"})  # what trainers add to a question's entry


class Sitting(NamedTuple):
    """One learner's attempts at one quiz stand and fall together."""

    organisation: str
    learner: str
    course: str
    activity: str

    @property
    def assessment(self) -> Assessment:
        return Assessment(self.organisation, self.course, self.activity)


def settle(
    connection: Connection, sittings: Iterable[Sitting], quizzes: QuizSource, fresh: Container[bytes] = ()
) -> int:
    """Judges whole sittings and writes what has changed; `fresh` attempts are told of in any case. Says how many."""
    lock_log(connection)  # two that settle one sitting at once would each miss what the other wrote
    touched = list(dict.fromkeys(sittings))
    attempts = _attempts(connection, touched)
    words = about(connection, {one.assessment for one in touched}, {one.learner for one in touched})
    changed = [
        one
        for sitting, rows in attempts.items()
        for one in _judged(rows, _words(words, sitting), quizzes)
        if one.row.hash in fresh or one.differs
    ]
    _keep(connection, changed)
    if fresh:
        _note_rejudged(connection, [one for one in changed if one.row.hash not in fresh])
    append_server_entries(connection, [_told(one, again=one.row.hash not in fresh) for one in changed])
    return len(changed)


def _note_rejudged(connection: Connection, changed: "Iterable[_Settled]") -> None:
    """A late arrival changes no grade silently: trainers read in the audit what it did to the ones before it."""
    for one in changed:
        if one.row.state != one.state:
            place = Sitting(one.row.organisation_id, one.row.learner_id, one.row.course_id, one.row.activity_id)
            note_rejudged(connection, place, one.row.hash.hex(), one.row.state.value, one.state.value)


def _attempts(connection: Connection, touched: Sequence[Sitting]) -> dict[Sitting, list[Row[Any]]]:
    """All attempts at what was touched: a new one may change what another is worth."""
    sets: dict[Sitting, list[Row[Any]]] = {sitting: [] for sitting in touched}
    place = tuple_(ATTEMPT.c.learner_id, ATTEMPT.c.course_id, ATTEMPT.c.activity_id)
    if sets:
        for row in connection.execute(select(*JUDGED).where(place.in_([sitting[1:] for sitting in sets]))):
            sets[Sitting(row.organisation_id, row.learner_id, row.course_id, row.activity_id)].append(row)
    return sets


def _words(words: Mapping[tuple[Assessment, str], list[Ruling]], sitting: Sitting) -> list[Ruling]:
    everyones, hers = (words.get((sitting.assessment, learner), []) for learner in ("", sitting.learner))
    return [*everyones, *hers]


@dataclass(frozen=True, slots=True)
class _Settled:
    """An attempt with what it is worth now."""

    row: Row[Any]
    worth: Worth
    questions: list[dict[str, Any]]

    @property
    def state(self) -> AttemptState:
        return STATES[self.worth.verdict]

    @property
    def rescored(self) -> bool:
        return (self.row.score, self.row.questions) != (self.worth.score, self.questions)

    @property
    def differs(self) -> bool:
        before = (self.row.state, self.row.counts, self.row.passed)
        return self.rescored or before != (self.state, self.worth.counts, self.worth.passed)


def _judged(rows: Sequence[Row[Any]], words: Sequence[Ruling], quizzes: QuizSource) -> Iterator[_Settled]:
    contents = {row.release: _content(row, quizzes) for row in rows}
    newest = next((contents[release] for release in sorted(contents, reverse=True) if contents[release]), {})
    terms = Terms(newest.get("attempts"), Policy(newest.get("policy", Policy.BEST)))
    sheets = [_sheet(row, contents[row.release].get("pass_mark", 0)) for row in rows]
    outcome = settled(sheets, words, terms)
    for row in rows:
        worth = outcome.worths[row.hash]
        yield _Settled(row, worth, [_entry(*pair) for pair in zip(row.questions, worth.items, strict=True)])


def _content(row: Row[Any], quizzes: QuizSource) -> Mapping[str, Any]:
    quiz = quizzes.quiz(row.organisation_id, row.course_id, row.release, row.activity_id)
    return quiz.content if quiz else {}


def _sheet(row: Row[Any], pass_mark: int) -> Sheet:
    graded = row.graded_ms is not None
    attempt = Attempt(
        hash=row.hash,
        chain=(row.device_id, row.profile, row.chain),
        number=row.number,
        started_seconds=row.started_s,
        score=row.score,
        gradable=graded,
        held=graded and bool(row.reason),
    )
    items = (Item(one["id"], one["points"], one["max"], one.get("waits", False)) for one in row.questions)
    return Sheet(attempt, row.release, pass_mark, tuple(items))


def _entry(found: dict[str, Any], item: Item) -> dict[str, Any]:
    """What the machine found stays; what a trainer gave stands beside it."""
    if _is_as_found(found, item):
        return found
    entry = {name: value for name, value in found.items() if name not in GIVEN}
    if item.points != found["points"] or item.waits != found.get("waits", False):
        entry["given"] = item.points
    if item.voided:
        entry["voided"] = True
    if item.comment:
        entry["comment"] = item.comment
    return entry


def _is_as_found(found: dict[str, Any], item: Item) -> bool:
    """Nearly all are: nobody had a word to say about them."""
    same = item.points == found["points"] and item.waits == found.get("waits", False)
    return same and not item.voided and not item.comment and GIVEN.isdisjoint(found)


def _keep(connection: Connection, changed: Sequence[_Settled]) -> None:
    """Writes the answers' entries only where they change: most attempts are never looked at by a person."""
    worths = [(*_worth(one), one.row.learner_id, one.row.hash) for one in changed if not one.rescored]
    run_many(connection, KEEP, worths)
    _write(connection, ("state", "counts", "passed", "score", "questions"), [one for one in changed if one.rescored])


def _worth(one: _Settled) -> tuple[str, bool, bool]:
    """The table keeps a state by its name."""
    return one.state.name, one.worth.counts, one.worth.passed


def _write(connection: Connection, columns: Sequence[str], changed: Sequence[_Settled]) -> None:
    if changed:
        here = (ATTEMPT.c.learner_id == bindparam("at_learner"), ATTEMPT.c.hash == bindparam("at_hash"))
        values: dict[str, Any] = {name: bindparam(f"to_{name}") for name in columns}
        connection.execute(update(ATTEMPT).where(*here).values(values), [_written(one, columns) for one in changed])


def _written(one: _Settled, values: Iterable[str]) -> dict[str, Any]:
    worth = one.worth
    columns = {
        "state": one.state,
        "counts": worth.counts,
        "passed": worth.passed,
        "score": worth.score,
        "questions": one.questions,
    }
    here = {"at_learner": one.row.learner_id, "at_hash": one.row.hash}
    return here | {f"to_{name}": columns[name] for name in values}


def _told(one: _Settled, *, again: bool) -> ServerEntry:
    return ServerEntry(
        organisation=one.row.organisation_id,
        learner=one.row.learner_id,
        course=one.row.course_id,
        kind=FrameKind.GRADE,
        body=_grade_body(one, again=again),
    )


def _grade_body(one: _Settled, *, again: bool) -> bytes:
    row, questions = one.row, one.questions
    fields = {
        "submission": row.hash.hex()[:NAME_CHARACTERS],
        "course": row.course_id,
        "activity": row.activity_id,
        "release": row.release,
        "number": row.number,
        "state": SAID_STATES.get(one.state, one.state.value),
        "score": one.worth.score,
        "max": one.worth.score_max,
        "passed": one.worth.passed,
        "counts": one.worth.counts,
        "points": [question.get("given", question["points"]) for question in questions],
        "feedback": {question["id"]: question["feedback"] for question in questions if question["feedback"]},
        "ended": row.ended_s,
    }
    if comments := {question["id"]: question["comment"] for question in questions if "comment" in question}:
        fields["comments"] = comments
    if again:
        # A grade may come back to what it was, and the log keeps the same words only once.
        fields["at"] = now_ms()
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()
