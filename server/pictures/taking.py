"""Takes photographs in, piece by piece, for who was seen to be the device that brings them.

Invariants: only a picture that an attempt of the same learner names is taken; what is told to be held is durable; a
picture counts as kept when its bytes are those that were sealed. Decoding stands outside of every transaction: it takes
a tenth of a second, and exchanges write meanwhile.
"""

from hashlib import sha256
from typing import NamedTuple

from sqlalchemy import delete, func
from sqlmodel import Session, col, select

from server import errors
from server.database import Database
from server.exchange.devices import Devices
from server.pictures.showing import shown
from server.tables import Attempt, Picture, PicturePiece, PictureState
from server.tables.ids import now_ms
from sync.admission import Author
from sync.errors import Malformed, TooLarge
from sync.identity import verify
from sync.pictures import Piece

BYTES_OF_LEARNER_MAX = 64 << 20  # four hundred pictures: more than any course asks for
ADVICE = "Hand the attempt in first; the picture is kept on the phone."


class Held(NamedTuple):
    """How many bytes of a picture are durable here, and what it is."""

    held: int
    state: PictureState


def sender(devices: Devices, piece: Piece) -> Author:
    """Whose piece it is. Raises `UnknownDevice`, `RevokedDevice` or `BadSignature`."""
    device = devices.known(piece.device, piece.profile)
    verify(device.public_key, piece.signature, piece.signed)
    return device.author


def take(database: Database, author: Author, piece: Piece) -> Held:
    """Raises `NotFound`, `TooLarge`, or `Malformed` for bytes that are not what was sealed: those go, all of them."""
    with database.writing() as session:
        picture = session.get(Picture, (author.learner, piece.digest)) or _begun(session, author, piece)
        if picture.length != piece.length:
            raise Malformed(f"This picture has {picture.length} bytes. Begin again with it as it was sealed.")
        goes_on = piece.at <= picture.held < piece.at + len(piece.content)
        if picture.state is PictureState.COMING and goes_on:
            new = piece.content[picture.held - piece.at :]
            session.add(PicturePiece(learner_id=author.learner, digest=piece.digest, at=picture.held, body=new))
            picture.held += len(new)
        held = Held(picture.held, picture.state)
    if held.state is PictureState.COMING and held.held == piece.length:
        return _finish(database, author.learner, piece.digest)
    return held


def _begun(session: Session, author: Author, piece: Piece) -> Picture:
    if not _is_named(session, author, piece.digest.hex()):
        raise errors.NotFound("attempt with the picture", piece.digest.hex(), ADVICE)
    asked = select(func.sum(Picture.length)).where(Picture.learner_id == author.learner)
    if (session.exec(asked).one() or 0) + piece.length > BYTES_OF_LEARNER_MAX:
        raise TooLarge(f"This learner's pictures would have more than {BYTES_OF_LEARNER_MAX >> 20} MB.")
    picture = Picture(
        learner_id=author.learner,
        digest=piece.digest,
        organisation_id=author.organisation,
        device_id=author.device,
        profile=author.profile,
        length=piece.length,
        signature=piece.signature,
    )
    session.add(picture)
    session.flush()
    return picture


def _is_named(session: Session, author: Author, name: str) -> bool:
    mine = (Attempt.learner_id == author.learner, Attempt.organisation_id == author.organisation)
    return any(name in answers.values() for answers in session.exec(select(Attempt.answers).where(*mine)))


def _finish(database: Database, learner: str, digest: bytes) -> Held:
    """Puts the pieces together. Two requests may come to this at once: both find, and write, the same."""
    pieces = (col(PicturePiece.learner_id) == learner, col(PicturePiece.digest) == digest)
    with database.reading() as session:
        body = b"".join(session.exec(select(PicturePiece.body).where(*pieces).order_by(col(PicturePiece.at))).all())
    is_sealed_so = sha256(body).digest() == digest
    pixels = shown(body) if is_sealed_so else None
    with database.writing() as session:
        picture = session.get_one(Picture, (learner, digest))
        if picture.state is not PictureState.COMING:
            return Held(picture.held, picture.state)
        session.execute(delete(PicturePiece).where(*pieces))
        if is_sealed_so:
            picture.state = PictureState.UNREADABLE if pixels is None else PictureState.KEPT
            picture.body, picture.shown, picture.whole_ms = body, pixels or b"", now_ms()
        else:
            session.delete(picture)
        held = Held(picture.held, picture.state)
    if not is_sealed_so:
        raise Malformed("The bytes are not those that were sealed. Begin again with the picture's first.")
    return held
