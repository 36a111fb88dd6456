"""Attempts between the machine's marking and their rows: made fresh, or read back to be judged beside fresh ones."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection

from server.bulk import ask, decoded, run_many
from server.grading.rulings import Assessment
from server.grading.source import Mark, compact
from server.tables import Attempt, AttemptState
from server.tables.core import table_of

ATTEMPT = table_of(Attempt)
AS_TOLD = ""  # the id of the one entry of an attempt whose grade came from an upstream: what it said of all questions


class Sitting(NamedTuple):
    """One learner's attempts at one quiz stand and fall together."""

    organisation: str
    learner: str
    course: str
    activity: str

    @property
    def assessment(self) -> Assessment:
        return Assessment(self.organisation, self.course, self.activity)


class Marked(NamedTuple):
    """An attempt as the machine marked it and as it was last judged; see `server.tables.Attempt`.

    `answers` is None once it was read back: they were graded, and are the largest.
    """

    organisation_id: str
    learner_id: str
    course_id: str
    activity_id: str
    hash: bytes
    release: int
    number: int
    device_id: str
    profile: int
    chain: int
    started_s: int
    ended_s: int
    received_ms: int
    state: AttemptState
    reason: str
    score: int
    score_max: int
    passed: bool
    counts: bool
    questions: tuple[Mark, ...]
    graded_ms: int | None
    answers: dict[str, Any] | None = None

    @property
    def sitting(self) -> Sitting:
        return Sitting(self.organisation_id, self.learner_id, self.course_id, self.activity_id)


READ = Marked._fields[:-1]
STATE, QUESTIONS, ANSWERS = map(Marked._fields.index, ("state", "questions", "answers"))
MADE_AT = f"""
    SELECT {", ".join(f"a.{name}" for name in READ)} FROM {{asked}} JOIN attempt a
    ON a.organisation_id = asked.column1 AND a.learner_id = asked.column2
    AND a.course_id = asked.column3 AND a.activity_id = asked.column4
"""  # noqa: S608  # names of our own


ADD = f"""
    INSERT INTO attempt ({", ".join(Marked._fields)}) VALUES ({", ".join("?" * len(Marked._fields))})
"""  # noqa: S608  # names of our own


def made_at(connection: Connection, sittings: Iterable[Sitting]) -> dict[Sitting, list[Marked]]:
    """All attempts that the table holds of these sittings: a new one may change what another is worth."""
    sets: dict[Sitting, list[Marked]] = {sitting: [] for sitting in sittings}
    rows = ask(connection, MADE_AT, list(sets))
    for row in decoded(connection, ATTEMPT, READ, rows):
        marked = _read(*row)
        sets[marked.sitting].append(marked)
    return sets


def _read(*row: Any) -> Marked:
    marked = Marked(*row)
    entries: Any = marked.questions
    return marked._replace(questions=tuple(map(Mark.of, entries)))


def add(connection: Connection, attempts: Sequence[Marked]) -> None:
    run_many(connection, ADD, [_row(one) for one in attempts])


def _row(one: Marked) -> tuple[Any, ...]:
    """The table keeps a state by its name. Marks are joined as they were written once, for many attempts."""
    row: list[Any] = list(one)
    row[STATE] = one.state.name
    row[QUESTIONS] = f"[{','.join([mark.text for mark in one.questions])}]"
    row[ANSWERS] = compact(one.answers)
    return tuple(row)
