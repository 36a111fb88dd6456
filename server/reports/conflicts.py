"""Conflicts that rules settled, as people read them."""

from collections.abc import Iterable
from typing import Literal

from sqlalchemy import func
from sqlmodel import Session, col, select

from conflict.grades import Word
from server.reports.paging import PageAsked
from server.shapes.administration import ConflictPage
from server.shapes.common import Named
from server.shapes.learners import ConflictRow, Overruled
from server.tables import Account, ConflictRecord, Learner, LogEntry, Ruling
from sync.wire import DOCUMENTS, FrameKind

FIELDS = {"s": "state", "p": "position", "w": "watched", "b": "bookmark", "n": "note", "q": "draft"}


def page(session: Session, organisation_id: str, at: PageAsked, *, course: str, rule: str) -> ConflictPage:
    found = select(ConflictRecord).where(ConflictRecord.organisation_id == organisation_id)
    if course:
        found = found.where(ConflictRecord.course_id == course)
    if rule:
        found = found.where(ConflictRecord.rule == rule)
    total = session.exec(select(func.count()).select_from(found.subquery())).one()
    newest_first = found.order_by(col(ConflictRecord.settled_ms).desc(), col(ConflictRecord.id))
    rows = session.exec(newest_first.offset(at.offset).limit(at.limit)).all()
    return ConflictPage(items=shapes(session, rows), total=total, offset=at.offset, limit=at.limit)


def of_learners(session: Session, learner_ids: Iterable[str], limit: int) -> list[ConflictRow]:
    rows = session.exec(
        select(ConflictRecord)
        .where(col(ConflictRecord.learner_id).in_(list(learner_ids)))
        .order_by(col(ConflictRecord.settled_ms).desc(), col(ConflictRecord.id))
        .limit(limit)
    )
    return shapes(session, rows.all())


def shapes(session: Session, rows: Iterable[ConflictRecord]) -> list[ConflictRow]:
    kept = list(rows)
    known = named(session, {row.learner_id for row in kept})
    devices = _devices(session, kept)
    words = _overruled(session, {row.id for row in kept})
    return [_shape(row, known, devices, words.get(row.id)) for row in kept]


def _devices(session: Session, rows: Iterable[ConflictRecord]) -> dict[tuple[str, str], str]:
    """The device of each actor, by learner and actor: the one that brought its first change. A trainer's overruling
    has none."""
    places = {(row.learner_id, row.course_id, bytes.fromhex(one["actor"])) for row in rows for one in row.survivors}
    learners, courses, actors = ({place[at] for place in places} for at in range(3))
    found = session.exec(
        select(LogEntry.learner_id, LogEntry.actor, LogEntry.device_id)
        .where(col(LogEntry.learner_id).in_(learners), col(LogEntry.course_id).in_(courses))
        .where(col(LogEntry.kind).in_([int(kind) for kind in DOCUMENTS]), col(LogEntry.actor).in_(actors))
        .order_by(col(LogEntry.position).desc())
    )
    return {(learner, actor.hex()): device for learner, actor, device in found}


def _overruled(session: Session, record_ids: set[str]) -> dict[str, Overruled]:
    """The last word on each record."""
    words = session.exec(
        select(Ruling)
        .where(col(Ruling.word) == Word.OVERRULED.value, col(Ruling.subject).in_(record_ids))
        .order_by(col(Ruling.at_ms))
    ).all()
    accounts = accounts_named(session, {word.account_id for word in words})
    return {
        word.subject: Overruled(
            survivor=word.value["survivor"],
            reason=word.comment,
            by=accounts.get(word.account_id, Named(id=word.account_id, name="")),
            at_ms=word.at_ms,
        )
        for word in words
    }


def accounts_named(session: Session, ids: set[str]) -> dict[str, Named]:
    found = session.exec(select(Account).where(col(Account.id).in_(ids)))
    return {account.id: Named(id=account.id, name=account.display_name) for account in found}


def named(session: Session, learner_ids: Iterable[str]) -> dict[str, Named]:
    learners = session.exec(select(Learner).where(col(Learner.id).in_(set(learner_ids))))
    return {learner.id: Named(id=learner.id, name=learner.name) for learner in learners}


def _shape(
    row: ConflictRecord, known: dict[str, Named], devices: dict[tuple[str, str], str], word: Overruled | None
) -> ConflictRow:
    field, _, rest = row.key.partition("/")
    document: Literal["milestones", "progress"] = "milestones" if row.kind == FrameKind.MILESTONES else "progress"
    return ConflictRow(
        id=row.id,
        learner=known.get(row.learner_id, Named(id=row.learner_id, name="")),
        course=row.course_id,
        document=document,
        key=row.key,
        field=FIELDS.get(field, field),
        activity=rest.partition("/")[0],
        rule=row.rule,
        rule_version=row.rule_version,
        survivors=[
            {name: value for name, value in one.items() if name != "raw"}
            | {"device": devices.get((row.learner_id, one["actor"]), "")}
            for one in row.survivors
        ],
        outcome=row.outcome,
        settled_ms=row.settled_ms,
        overruled=word,
    )
