"""What is here of the photographs that attempts name."""

from collections.abc import Iterable

from sqlmodel import Session, col, select

from server import errors
from server.tables import Picture, PictureState


def states(session: Session, learner: str, digests: Iterable[str]) -> dict[str, PictureState]:
    """By SHA-256 in hexadecimal; those that nothing has come of are left out."""
    asked = [bytes.fromhex(digest) for digest in digests]
    mine = (Picture.learner_id == learner, col(Picture.digest).in_(asked))
    found = session.exec(select(Picture.digest, Picture.state).where(*mine)).all()
    return {digest.hex(): PictureState(state) for digest, state in found}


def shown_of(session: Session, organisation: str, learner: str, digest: str) -> bytes:
    """Raises `NotFound` until it is whole and can be shown."""
    mine = (Picture.learner_id == learner, Picture.organisation_id == organisation)
    named = (Picture.digest == bytes.fromhex(digest), Picture.state == PictureState.KEPT)
    found = session.exec(select(Picture.shown).where(*mine, *named)).first()
    if found is None:
        raise errors.NotFound("picture", digest, "It may still be on the learner's phone.")
    return found
