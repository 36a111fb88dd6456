"""Conflicts that rules settled, as people read them."""

from collections.abc import Iterable
from typing import Literal

from sqlalchemy import func
from sqlmodel import Session, col, select

from server.reports.paging import PageAsked
from server.shapes.administration import ConflictPage
from server.shapes.common import Named
from server.shapes.learners import ConflictRow
from server.tables import ConflictRecord, Learner
from sync.wire import FrameKind

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
    return [_shape(row, known) for row in kept]


def named(session: Session, learner_ids: Iterable[str]) -> dict[str, Named]:
    learners = session.exec(select(Learner).where(col(Learner.id).in_(set(learner_ids))))
    return {learner.id: Named(id=learner.id, name=learner.name) for learner in learners}


def _shape(row: ConflictRecord, known: dict[str, Named]) -> ConflictRow:
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
        survivors=row.survivors,
        outcome=row.outcome,
        settled_ms=row.settled_ms,
    )
