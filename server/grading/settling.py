"""What attempts are worth, after all that machine and trainers said, written down and told to their learners.

Called in the transaction of whatever changed: new attempts, or a trainer's word. The rules are `conflict.grades`; here
is only reading, comparing and writing, a few statements for however many attempts.
"""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, update

from conflict.attempts import Attempt, Policy, Verdict
from conflict.grades import Item, Ruling, Sheet, Terms, Worth, settled
from server.bulk import run_many
from server.grading import attempts
from server.grading.attempts import ATTEMPT, Marked, Sitting
from server.grading.rulings import EVERYONE, Assessment, about, note_rejudged
from server.grading.source import Mark, Quiz, QuizSource, compact
from server.log.entries import ServerEntry, append_server_entries, lock_log
from server.tables import AttemptState
from server.tables.ids import now_ms
from sync.wire import FrameKind

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
NO_TERMS = Terms(None, Policy.BEST)  # of what no release here has
GIVEN = frozenset({"given", "voided", "comment"})  # what trainers add to a question's entry


def settle(
    connection: Connection, sittings: Iterable[Sitting], quizzes: QuizSource, fresh: Sequence[Marked] = ()
) -> int:
    """Judges whole sittings and writes what has changed; says how many attempts that are.

    `fresh` attempts are in no table yet: they are judged beside those that are, written, and told of in any case.
    """
    lock_log(connection)  # two that settle one sitting at once would each miss what the other wrote
    sets, unjudged = _sets(connection, sittings, fresh)
    words = about(connection, [(sitting.assessment, sitting.learner) for sitting in sets])
    new = {(one.learner_id, one.hash) for one in fresh}
    first, again = _parted(
        (one for sitting, marked in sets.items() for one in _judged(marked, _words(words, sitting), quizzes)), new
    )
    attempts.add(connection, [*unjudged, *(one.now for one in first)])
    _keep(connection, again)
    if fresh:
        _note_rejudged(connection, again)
    append_server_entries(connection, [_told(one) for one in first] + [_told(one, again=True) for one in again])
    return len(first) + len(again)


def _sets(
    connection: Connection, sittings: Iterable[Sitting], fresh: Sequence[Marked]
) -> tuple[dict[Sitting, list[Marked]], list[Marked]]:
    """By sitting what it holds now; and the fresh ones that belong to none, since nobody could read or place them."""
    sets = attempts.made_at(connection, sittings)
    unjudged: list[Marked] = []
    for one in fresh:
        sets.get(one.sitting, unjudged).append(one)
    return sets, unjudged


def _parted(judged: "Iterable[_Settled]", new: Container[tuple[str, bytes]]) -> "tuple[list[_Settled], list[_Settled]]":
    """Those that are new, and of the others those that changed."""
    first, again = [], []
    for one in judged:
        if (one.row.learner_id, one.row.hash) in new:
            first.append(one)
        elif one.differs:
            again.append(one)
    return first, again


def _note_rejudged(connection: Connection, changed: "Iterable[_Settled]") -> None:
    """A late arrival changes no grade silently: trainers read in the audit what it did to the ones before it."""
    for one in changed:
        if one.row.state != one.state:
            note_rejudged(connection, one.row.sitting, one.row.hash.hex(), one.row.state.value, one.state.value)


def _words(words: Mapping[tuple[Assessment, str], list[Ruling]], sitting: Sitting) -> list[Ruling]:
    everyones, hers = (words.get((sitting.assessment, learner), []) for learner in (EVERYONE, sitting.learner))
    return [*everyones, *hers]


class _Settled(NamedTuple):
    """An attempt with what it is worth now."""

    row: Marked
    worth: Worth
    questions: tuple[Mark, ...]

    @property
    def state(self) -> AttemptState:
        return STATES[self.worth.verdict]

    @property
    def now(self) -> Marked:
        """The attempt as its row shall be."""
        worth = self.worth
        return self.row._replace(
            state=self.state, counts=worth.counts, passed=worth.passed, score=worth.score, questions=self.questions
        )

    @property
    def rescored(self) -> bool:
        return (self.row.score, self.row.questions) != (self.worth.score, self.questions)

    @property
    def differs(self) -> bool:
        before = (self.row.state, self.row.counts, self.row.passed)
        return self.rescored or before != (self.state, self.worth.counts, self.worth.passed)


def _judged(rows: Sequence[Marked], words: Sequence[Ruling], quizzes: QuizSource) -> Iterator[_Settled]:
    tried = {row.release: quiz for row in rows if (quiz := _quiz(row, quizzes))}
    terms = tried[max(tried)].terms if tried else NO_TERMS
    outcome = settled([_sheet(row, tried.get(row.release)) for row in rows], words, terms)
    for row in rows:
        worth = outcome.worths[row.hash]
        yield _Settled(row, worth, _marks(row, worth) if words else row.questions)


def _quiz(row: Marked, quizzes: QuizSource) -> Quiz | None:
    return quizzes.quiz(row.organisation_id, row.course_id, row.release, row.activity_id)


def _sheet(row: Marked, quiz: Quiz | None) -> Sheet:
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
    pass_mark = quiz.content.get("pass_mark", 0) if quiz else 0
    return Sheet(attempt, row.release, pass_mark, tuple([mark.item for mark in row.questions]))


def _marks(row: Marked, worth: Worth) -> tuple[Mark, ...]:
    """What the machine found stays; what a trainer gave stands beside it."""
    pairs = zip(row.questions, worth.items, strict=True)
    return tuple(mark if _is_as_found(mark.entry, item) else Mark.of(_entry(mark.entry, item)) for mark, item in pairs)


def _entry(found: dict[str, Any], item: Item) -> dict[str, Any]:
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
        "questions": [mark.entry for mark in one.questions],
    }
    here = {"at_learner": one.row.learner_id, "at_hash": one.row.hash}
    return here | {f"to_{name}": columns[name] for name in values}


def _told(one: _Settled, *, again: bool = False) -> ServerEntry:
    return ServerEntry(
        organisation=one.row.organisation_id,
        learner=one.row.learner_id,
        course=one.row.course_id,
        kind=FrameKind.GRADE,
        body=_grade_body(one, again=again),
    )


def _grade_body(one: _Settled, *, again: bool) -> bytes:
    row, worth = one.row, one.worth
    fields = {
        "submission": row.hash.hex()[:NAME_CHARACTERS],
        "course": row.course_id,
        "activity": row.activity_id,
        "release": row.release,
        "number": row.number,
        "state": SAID_STATES.get(one.state, one.state.value),
        "score": worth.score,
        "max": worth.score_max,
        "passed": worth.passed,
        "counts": worth.counts,
        "points": [item.points for item in worth.items],
        "feedback": {mark.item.id: said for mark in one.questions if (said := mark.entry["feedback"])},
        "ended": row.ended_s,
    }
    if comments := {item.id: item.comment for item in worth.items if item.comment}:
        fields["comments"] = comments
    if again:
        # A grade may come back to what it was, and the log keeps the same words only once.
        fields["at"] = now_ms()
    return compact(fields).encode()
