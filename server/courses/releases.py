"""Releases as the tables know them, within one organisation."""

from sqlmodel import Session, col, select

from offline_bundles import ReleaseRecord, Report
from server import errors
from server.shapes.common import TierBytes
from server.shapes.courses import PackedReleaseRow
from server.tables import Course, Release, ReleaseState


def one(session: Session, organisation_id: str, course_id: str, number: int) -> Release:
    release = session.get(Release, (organisation_id, course_id, number))
    if release is None:
        raise errors.NotFound("release", f"{number} of {course_id}", "Look at the list of courses.")
    return release


def course(session: Session, organisation_id: str, course_id: str) -> Course:
    found = session.get(Course, (organisation_id, course_id))
    if found is None:
        raise errors.NotFound("course", course_id, "Look at the list of courses.")
    return found


def add(session: Session, organisation_id: str, record: ReleaseRecord, title: dict[str, str], report: Report) -> None:
    """A release that was packed here, or came on a card; its course takes the title that it has there."""
    session.merge(Course(organisation_id=organisation_id, id=record.course, title=title))
    session.flush()
    session.add(
        Release(
            organisation_id=organisation_id,
            course_id=record.course,
            number=record.number,
            root=record.root,
            root_bytes=record.root_bytes,
            signature=record.signature,
            key=record.key,
            title=title,
            bytes_by_tier=dict(report.tiers),
            report=dict(report.as_json()),
        )
    )


def of_course(session: Session, organisation_id: str, course_id: str) -> list[Release]:
    return list(
        session.exec(select(Release).where(Release.organisation_id == organisation_id, Release.course_id == course_id))
    )


def newest_published(session: Session, organisation_id: str) -> dict[str, Release]:
    """By course; courses with nothing published are absent."""
    published = session.exec(
        select(Release)
        .where(Release.organisation_id == organisation_id, Release.state == ReleaseState.PUBLISHED)
        .order_by(col(Release.number))
    )
    return {release.course_id: release for release in published}


def record(release: Release) -> ReleaseRecord:
    return ReleaseRecord(
        release.course_id, release.number, release.root, release.root_bytes, release.signature, release.key
    )


def shape(release: Release) -> PackedReleaseRow:
    return PackedReleaseRow(
        number=release.number,
        root=release.root,
        state=release.state,
        title=release.title,
        bytes=TierBytes(**release.bytes_by_tier),
        packed_ms=release.packed_ms,
        published_ms=release.published_ms,
        report=release.report,
    )
