"""Courses with their releases."""

from collections import defaultdict

from sqlalchemy import func
from sqlmodel import Session, col, select

from server.courses import releases
from server.shapes.courses import CourseRow
from server.tables import Course, Enrolment, Release, ReleaseState


def rows(session: Session, organisation_id: str) -> list[CourseRow]:
    courses = session.exec(select(Course).where(Course.organisation_id == organisation_id).order_by(col(Course.id)))
    packed = session.exec(
        select(Release).where(Release.organisation_id == organisation_id).order_by(col(Release.number).desc())
    )
    by_course: defaultdict[str, list[Release]] = defaultdict(list)
    for release in packed:
        by_course[release.course_id].append(release)
    enrolled = _enrolled(session, organisation_id)
    return [_row(course, by_course[course.id], enrolled.get(course.id, 0)) for course in courses]


def _enrolled(session: Session, organisation_id: str) -> dict[str, int]:
    counted = session.exec(
        select(Enrolment.course_id, func.count())
        .where(Enrolment.organisation_id == organisation_id)
        .group_by(col(Enrolment.course_id))
    )
    return dict(counted.all())


def _row(course: Course, packed: list[Release], learners: int) -> CourseRow:
    published = [release.number for release in packed if release.state is ReleaseState.PUBLISHED]
    return CourseRow(
        id=course.id,
        title=course.title,
        newest=max(published, default=None),
        learners=learners,
        releases=[releases.shape(release) for release in packed],
    )
