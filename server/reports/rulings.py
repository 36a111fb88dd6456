"""The audit of trainers' words, as people read it."""

from sqlalchemy import func
from sqlmodel import Session, col, select

from server.reports.conflicts import accounts_named, named
from server.reports.paging import PageAsked
from server.shapes.common import Named
from server.shapes.grading import RulingPage, RulingRow
from server.tables import Ruling


def page(session: Session, organisation_id: str, at: PageAsked, *, course: str, learner: str) -> RulingPage:
    found = select(Ruling).where(Ruling.organisation_id == organisation_id)
    if course:
        found = found.where(Ruling.course_id == course)
    if learner:
        found = found.where(col(Ruling.learner_id).in_(("", learner)))
    total = session.exec(select(func.count()).select_from(found.subquery())).one()
    newest_first = found.order_by(col(Ruling.at_ms).desc(), col(Ruling.id))
    rows = session.exec(newest_first.offset(at.offset).limit(at.limit)).all()
    learners = named(session, {row.learner_id for row in rows})
    accounts = accounts_named(session, {row.account_id for row in rows})
    items = [_shape(row, learners, accounts) for row in rows]
    return RulingPage(items=items, total=total, offset=at.offset, limit=at.limit)


def _shape(row: Ruling, learners: dict[str, Named], accounts: dict[str, Named]) -> RulingRow:
    learner = learners.get(row.learner_id, Named(id=row.learner_id, name="")) if row.learner_id else None
    return RulingRow(
        id=row.id,
        word=row.word,
        value=row.value,
        learner=learner,
        course=row.course_id,
        activity=row.activity_id,
        subject=row.subject,
        question=row.question,
        release=row.release,
        comment=row.comment,
        by=accounts.get(row.account_id, Named(id=row.account_id, name="")) if row.account_id else None,
        at_ms=row.at_ms,
    )
