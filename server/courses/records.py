"""What a phone fetches of a release by the name of its root: its record, and its texts in one reply."""

from sqlmodel import Session, select

from offline_bundles import ObjectStore, small_pack
from offline_bundles.errors import MissingObject
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


def texts(session: Session, store: ObjectStore, root: str, since: str) -> bytes:
    """The small objects of a release that the release `since` lacks; all of them when that one is not known here."""
    _release(session, root)
    held = since if since and store.has(since) else None
    try:
        return small_pack(root, held, store)
    except MissingObject as error:
        raise errors.NotFound("object", root, "The store has lost part of this release: pack it again.") from error


def _release(session: Session, root: str) -> Release:
    found = session.exec(select(Release).where(Release.root == root)).first()
    if found is None:
        raise errors.NotFound("release", root, "Ask at the next exchange which one is newest.")
    return found
