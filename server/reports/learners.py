"""The list of learners: searched, ordered, a page at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, Subquery, func, select
from sqlmodel import Session, col

from server.courses.outline import Outlines
from server.reports import progress
from server.reports.paging import PageAsked, holds
from server.shapes.common import Waiting
from server.shapes.learners import CourseProgress, LearnerOrder, LearnerPage, LearnerRow
from server.tables import ConflictRecord, DeviceContact, Enrolment, Learner, Profile


@dataclass(frozen=True, slots=True)
class Question:
    search: str = ""
    course: str = ""
    order: LearnerOrder = LearnerOrder.NAME
    descending: bool = False


def page(session: Session, organisation_id: str, asked: Question, at: PageAsked, outlines: Outlines) -> LearnerPage:
    fits = (col(Learner.organisation_id) == organisation_id, *_fits(asked))
    total = session.execute(select(func.count()).select_from(Learner).where(*fits)).scalar_one()
    found = _ordered(_all(organisation_id).where(*fits), asked)
    rows = session.execute(found.offset(at.offset).limit(at.limit)).all()
    known = progress.of_learners(session, organisation_id, [row.Learner.id for row in rows], outlines)
    items = [_shape(row, known.of(row.Learner.id)) for row in rows]
    return LearnerPage(items=items, total=total, offset=at.offset, limit=at.limit)


def row(session: Session, learner: Learner, outlines: Outlines) -> LearnerRow:
    found = _all(learner.organisation_id).where(col(Learner.id) == learner.id)
    known = progress.of_learners(session, learner.organisation_id, [learner.id], outlines)
    return _shape(session.execute(found).one(), known.of(learner.id))


def _all(organisation_id: str) -> Select[Any]:
    heard, conflicts, devices = _heard(organisation_id), _conflicts(organisation_id), _devices(organisation_id)
    return (
        select(Learner, *(heard.c[name] for name in _HEARD), conflicts.c.conflicts, devices.c.devices)
        .outerjoin(heard, heard.c.learner_id == col(Learner.id))
        .outerjoin(conflicts, conflicts.c.learner_id == col(Learner.id))
        .outerjoin(devices, devices.c.learner_id == col(Learner.id))
        .where(col(Learner.organisation_id) == organisation_id)
    )


_HEARD = ("last_exchange_ms", "immediate", "batched", "eventual")


def _heard(organisation_id: str) -> Subquery:
    contact = DeviceContact
    return (
        select(
            col(contact.learner_id),
            func.max(contact.last_exchange_ms).label("last_exchange_ms"),
            func.sum(contact.waiting_immediate).label("immediate"),
            func.sum(contact.waiting_batched).label("batched"),
            func.sum(contact.waiting_eventual).label("eventual"),
        )
        .where(col(contact.organisation_id) == organisation_id)
        .group_by(col(contact.learner_id))
        .subquery()
    )


def _conflicts(organisation_id: str) -> Subquery:
    return (
        select(col(ConflictRecord.learner_id), func.count().label("conflicts"))
        .where(col(ConflictRecord.organisation_id) == organisation_id)
        .group_by(col(ConflictRecord.learner_id))
        .subquery()
    )


def _devices(organisation_id: str) -> Subquery:
    return (
        select(col(Profile.learner_id), func.count().label("devices"))
        .where(col(Profile.organisation_id) == organisation_id)
        .group_by(col(Profile.learner_id))
        .subquery()
    )


def _fits(asked: Question) -> Iterator[ColumnElement[bool]]:
    if asked.search:
        yield holds(col(Learner.name), asked.search)
    if asked.course:
        yield col(Learner.id).in_(select(col(Enrolment.learner_id)).where(col(Enrolment.course_id) == asked.course))


def _ordered(found: Select[Any], asked: Question) -> Select[Any]:
    column = {
        LearnerOrder.NAME: func.lower(Learner.name),
        LearnerOrder.LAST_EXCHANGE: func.coalesce(found.selected_columns["last_exchange_ms"], 0),
        LearnerOrder.WAITING: func.coalesce(found.selected_columns["immediate"], 0),
        LearnerOrder.CONFLICTS: func.coalesce(found.selected_columns["conflicts"], 0),
    }[asked.order]
    return found.order_by(column.desc() if asked.descending else column.asc(), col(Learner.id))


def _shape(row: Row[Any], courses: Sequence[CourseProgress]) -> LearnerRow:
    return LearnerRow(
        id=row.Learner.id,
        name=row.Learner.name,
        language=row.Learner.language,
        courses=list(courses),
        last_exchange_ms=row.last_exchange_ms or None,
        waiting=Waiting(immediate=row.immediate or 0, batched=row.batched or 0, eventual=row.eventual or 0),
        conflicts=row.conflicts or 0,
        devices=row.devices or 0,
    )
