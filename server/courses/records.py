"""The release record by the name of its root: what a phone, a hub or a card has beside the objects."""

from sqlmodel import Session, select

from server import errors
from server.courses.release_keys import ReleaseKeys
from server.keys import KeyRing
from server.shapes.content import EndorsementShape, ReleaseRecordShape
from server.tables import Release


def record(session: Session, root: str, ring: KeyRing) -> ReleaseRecordShape:
    found = _release(session, root)
    chain = ReleaseKeys(ring, found.organisation_id).chain()
    return ReleaseRecordShape(
        course=found.course_id,
        number=found.number,
        root=found.root,
        root_bytes=found.root_bytes,
        signature=found.signature,
        key=found.key,
        keys=[EndorsementShape.model_validate(link) for link in chain],
    )


def _release(session: Session, root: str) -> Release:
    found = session.exec(select(Release).where(Release.root == root)).first()
    if found is None:
        raise errors.NotFound("release", root, "Ask at the next exchange which one is newest.")
    return found
