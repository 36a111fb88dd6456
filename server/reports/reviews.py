"""Attempts that wait for a person, the oldest first."""

from sqlalchemy import bindparam, func
from sqlmodel import Session, col, select

from server.courses import releases
from server.courses.outline import Outline, Outlines, nothing_published
from server.reports import attempts
from server.reports.conflicts import named
from server.reports.paging import PageAsked
from server.shapes.common import Named
from server.shapes.grading import ReviewPage, ReviewRow
from server.shapes.learners import AttemptRow
from server.tables import Attempt, AttemptState, Release

WAITING = (AttemptState.WAITING, AttemptState.REVIEW)
# Written into the statement as they are: only then does the database see that its index of these holds them all.
WAITS = col(Attempt.state).in_(bindparam("waiting", WAITING, expanding=True, literal_execute=True))


def page(session: Session, organisation_id: str, at: PageAsked, course: str, outlines: Outlines) -> ReviewPage:
    found = select(Attempt).where(Attempt.organisation_id == organisation_id, WAITS)
    if course:
        found = found.where(Attempt.course_id == course)
    total = session.exec(select(func.count()).select_from(found.subquery())).one()
    oldest_first = found.order_by(col(Attempt.received_ms), col(Attempt.hash))
    rows = session.exec(oldest_first.offset(at.offset).limit(at.limit)).all()
    newest = releases.newest_published(session, organisation_id)
    known = named(session, {row.learner_id for row in rows})
    items = [
        ReviewRow(
            learner=known.get(row.learner_id, Named(id=row.learner_id, name="")),
            course=row.course_id,
            attempt=attempts.shapes(session, [row], _outline(newest, row.course_id, outlines), outlines)[0],
        )
        for row in rows
    ]
    return ReviewPage(items=items, total=total, offset=at.offset, limit=at.limit)


def attempt(session: Session, row: Attempt, outlines: Outlines) -> AttemptRow:
    newest = releases.newest_published(session, row.organisation_id)
    [shape] = attempts.shapes(session, [row], _outline(newest, row.course_id, outlines), outlines)
    return shape


def _outline(newest: dict[str, Release], course: str, outlines: Outlines) -> Outline:
    release = newest.get(course)
    return outlines.of(release.root) if release else nothing_published(course)
