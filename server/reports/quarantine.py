"""Bytes that could not be trusted or understood."""

from collections.abc import Iterable

from sqlalchemy import func
from sqlmodel import Session, col, select

from server.reports.conflicts import named
from server.reports.paging import PageAsked
from server.shapes.administration import QuarantinePage, QuarantineRow
from server.shapes.common import Named
from server.tables import Quarantined

BODY_BYTES_SHOWN = 256  # enough to see what kind of bytes they are; the whole stays in the table


def page(session: Session, organisation_id: str, at: PageAsked) -> QuarantinePage:
    found = select(Quarantined).where(Quarantined.organisation_id == organisation_id)
    total = session.exec(select(func.count()).select_from(found.subquery())).one()
    oldest_first = found.order_by(col(Quarantined.since_ms), col(Quarantined.id))
    rows = session.exec(oldest_first.offset(at.offset).limit(at.limit)).all()
    return QuarantinePage(items=shapes(session, rows), total=total, offset=at.offset, limit=at.limit)


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
