"""Trainers' words: each is added to what was said before, and none is ever changed."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any, NamedTuple

from sqlalchemy import Connection, insert, select

from conflict.grades import Ruling, Word
from server.bulk import ask, decoded
from server.log.entries import insert_once, lock_log
from server.tables import Ruling as RulingRow
from server.tables.core import table_of
from server.tables.ids import new_id, now_ms

RULING = table_of(RulingRow)


EVERYONE = ""  # for a learner's id: what is about everyone's attempts


class Assessment(NamedTuple):
    """One quiz of one course, in every release."""

    organisation: str
    course: str
    activity: str


class Spoken(NamedTuple):
    """A ruling's row, as far as judging asks."""

    organisation_id: str
    course_id: str
    activity_id: str
    learner_id: str
    id: str
    word: str
    at_ms: int
    value: Any
    subject: str
    question: str
    release: int | None
    comment: str


COLUMNS = Spoken._fields
SAID = f"""
    SELECT {", ".join(f"r.{name}" for name in COLUMNS)} FROM {{asked}} JOIN ruling r
    ON r.organisation_id = asked.column1 AND r.course_id = asked.column2 AND r.activity_id = asked.column3
    AND r.learner_id = asked.column4
"""  # noqa: S608  # names of our own


@dataclass(frozen=True, slots=True)
class Saying:
    """What a trainer is about to say; `Ruling` of the tables, without what is known only when it is said."""

    organisation_id: str
    course_id: str
    account_id: str
    word: Word
    value: Any
    activity_id: str = ""
    learner_id: str = ""
    subject: str = ""
    question: str = ""
    release: int | None = None
    comment: str = ""


def say(connection: Connection, saying: Saying) -> None:
    """Keeps it, later than everything that was said before, whatever the server's clock did in between."""
    lock_log(connection)
    newest = select(RULING.c.at_ms).where(RULING.c.organisation_id == saying.organisation_id)
    before = connection.execute(newest.order_by(RULING.c.at_ms.desc()).limit(1)).scalar() or 0
    row = {**asdict(saying), "word": saying.word.value, "id": new_id(), "at_ms": max(now_ms(), before + 1)}
    connection.execute(insert(RULING), [row])


def note_rejudged(
    connection: Connection, sitting: tuple[str, str, str, str], subject: str, before: str, after: str
) -> None:
    """The server's own word: an attempt whose learner had heard what it is has become something else.

    Noted once, however often the log is followed anew.
    """
    organisation, learner, course, activity = sitting
    name = "/".join((*sitting, subject, before, after))
    row = {
        "id": sha256(name.encode()).hexdigest()[:32],
        "organisation_id": organisation,
        "course_id": course,
        "activity_id": activity,
        "learner_id": learner,
        "word": Word.REJUDGED.value,
        "subject": subject,
        "question": "",
        "release": None,
        "value": {"from": before, "to": after},
        "comment": "",
        "account_id": "",
        "at_ms": now_ms(),
    }
    insert_once(connection, RULING, [row])


def about(
    connection: Connection, places: Iterable[tuple[Assessment, str]]
) -> dict[tuple[Assessment, str], list[Ruling]]:
    """What was said about some learners' attempts, by assessment and learner; "" for what is about everyone's."""
    hers = set(places)
    asked = [(*assessment, learner) for assessment, learner in hers | {(one, EVERYONE) for one, _ in hers}]
    found: dict[tuple[Assessment, str], list[Ruling]] = {}
    for row in decoded(connection, RULING, COLUMNS, ask(connection, SAID, asked)):
        spoken = Spoken(*row)
        where = Assessment(spoken.organisation_id, spoken.course_id, spoken.activity_id), spoken.learner_id
        found.setdefault(where, []).append(ruling_of(spoken))
    return found


def ruling_of(row: Spoken | RulingRow) -> Ruling:
    """As the rules take it."""
    return Ruling(
        word=Word(row.word),
        at_ms=row.at_ms,
        id=row.id,
        value=row.value,
        submission=row.subject,
        question=row.question,
        release=row.release,
        comment=row.comment,
    )
