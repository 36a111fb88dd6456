"""A release is published by an entry of the log that every enrolled phone gets at its next exchange.

The row's state and the entry are one transaction. Only forward: a phone never goes back to an older release.
"""

import json

from sqlmodel import Session

from offline_bundles.opening.freshness import check_fresh
from server import errors
from server.courses import releases
from server.courses.outline import Outlines
from server.log.entries import append_server_entry
from server.shapes.courses import PackedReleaseRow
from server.tables import Release, ReleaseState
from server.tables.ids import now_ms, today
from sync.wire import FrameKind


def publish(
    session: Session, organisation_id: str, course_id: str, number: int, outlines: Outlines
) -> PackedReleaseRow:
    """Publishes a packed release. Publishing the newest one again changes nothing."""
    release = releases.one(session, organisation_id, course_id, number)
    check_fresh(outlines.manifest(release.root), floor=1, today=today())
    newest = releases.newest_published(session, organisation_id).get(course_id)
    if newest and newest.number > number:
        raise errors.OnlyForward(
            f"Release {newest.number} of {course_id} is published already. Pack the course again to go back."
        )
    if release.state is not ReleaseState.PUBLISHED:
        release.state, release.published_ms = ReleaseState.PUBLISHED, now_ms()
        session.add(release)
        append_server_entry(
            session.connection(),
            organisation=organisation_id,
            course=course_id,
            kind=FrameKind.RELEASE,
            body=announcement(release, outlines),
        )
    return releases.shape(release)


def announcement(release: Release, outlines: Outlines) -> bytes:
    """What a phone is told of a release (docs/protocol.md, kind 17)."""
    outline = outlines.of(release.root)
    content = {
        "course": release.course_id,
        "number": release.number,
        "root": release.root,
        "root_bytes": release.root_bytes,
        "signature": release.signature,
        "key": release.key,
        "title": outline.title,
        "description": outline.description,
        "languages": list(outline.languages),
        "bytes": release.bytes_by_tier,
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
