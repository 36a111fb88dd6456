"""Bytes that could not be trusted or understood."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_
from sqlmodel import Session, col, select

from server.reports.conflicts import named
from server.reports.paging import PageAsked, holds
from server.shapes.administration import QuarantinePage, QuarantineRow
from server.shapes.common import Named
from server.tables import Learner, Quarantined

BODY_BYTES_SHOWN = 256  # enough to see what kind of bytes they are; the whole stays in the table


@dataclass(frozen=True, slots=True)
class Question:
    """`search`: part of a learner's name or of a device's id."""

    reason: str = ""
    search: str = ""


def page(session: Session, organisation_id: str, asked: Question, at: PageAsked) -> QuarantinePage:
    found = select(Quarantined).where(Quarantined.organisation_id == organisation_id)
    if asked.reason:
        found = found.where(Quarantined.reason == asked.reason)
    if asked.search:
        found = found.where(_whose(organisation_id, asked.search))
    total = session.exec(select(func.count()).select_from(found.subquery())).one()
    oldest_first = found.order_by(col(Quarantined.since_ms), col(Quarantined.id))
    rows = session.exec(oldest_first.offset(at.offset).limit(at.limit)).all()
    return QuarantinePage(
        items=shapes(session, rows),
        reasons=reasons(session, organisation_id),
        total=total,
        offset=at.offset,
        limit=at.limit,
    )


def _whose(organisation_id: str, part: str) -> ColumnElement[bool]:
    learners = select(Learner.id).where(Learner.organisation_id == organisation_id, holds(col(Learner.name), part))
    return or_(holds(col(Quarantined.device_id), part), col(Quarantined.learner_id).in_(learners))


def reasons(session: Session, organisation_id: str) -> list[str]:
    """Those that something was set aside for."""
    found = select(Quarantined.reason).where(Quarantined.organisation_id == organisation_id).distinct()
    return sorted(session.exec(found))


def of_device(session: Session, device_id: str, limit: int) -> list[QuarantineRow]:
    rows = session.exec(select(Quarantined).where(Quarantined.device_id == device_id).limit(limit))
    return shapes(session, rows.all())


def shapes(session: Session, rows: Iterable[Quarantined]) -> list[QuarantineRow]:
    kept = list(rows)
    known = named(session, {row.learner_id for row in kept})
    return [_shape(row, known) for row in kept]


def _shape(row: Quarantined, known: dict[str, Named]) -> QuarantineRow:
    return QuarantineRow(
        id=row.id or 0,
        learner=known.get(row.learner_id, Named(id=row.learner_id, name="")),
        course=row.course_id,
        device=row.device_id,
        profile=row.profile,
        kind=row.kind,
        reason=row.reason,
        bytes=len(row.body),
        body=row.body[:BODY_BYTES_SHOWN].hex(),
        since_ms=row.since_ms,
    )
