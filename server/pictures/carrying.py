"""A hub hands on the photographs that phones brought it, as they came: their devices' signatures come along."""

from collections.abc import Callable

from sqlmodel import Session, col, select

from server.database import Database
from server.pictures.taking import Held
from server.tables import Picture, PictureState
from sync.limits import PICTURE_BYTES_MAX, PIECE_BYTES_MAX
from sync.pictures import Piece

PIECES_MAX = 2 * PICTURE_BYTES_MAX // PIECE_BYTES_MAX  # of one picture in one round: an upstream that never has enough
Send = Callable[[bytes], Held | None]


def carry(database: Database, send: Send, epoch: bytes) -> int:
    """Brings what is whole here and not known to be there in this life of its log; gives how many arrived.

    `send` says how much of a picture is there; None: it is not taken now, so it is tried in the next round.
    """
    whole = select(Picture.learner_id, Picture.digest).where(
        Picture.state != PictureState.COMING, Picture.carried_epoch != epoch
    )
    with database.reading() as session:
        waiting = session.exec(whole.order_by(col(Picture.whole_ms))).all()
    return sum(_carry_one(database, send, epoch, learner, digest) for learner, digest in waiting)


def _carry_one(database: Database, send: Send, epoch: bytes, learner: str, digest: bytes) -> bool:
    with database.reading() as session:
        picture = _one(session, learner, digest)
    if not _is_taken(picture, send):
        return False
    with database.writing() as session:
        _one(session, learner, digest).carried_epoch = epoch
    return True


def _one(session: Session, learner: str, digest: bytes) -> Picture:
    return session.get_one(Picture, (learner, digest))


def _is_taken(picture: Picture, send: Send) -> bool:
    device, at = bytes.fromhex(picture.device_id), 0
    for _ in range(PIECES_MAX):
        content = picture.body[at : at + PIECE_BYTES_MAX]
        piece = Piece(device, picture.profile, picture.digest, picture.length, at, content, signature=picture.signature)
        held = send(piece.write())
        if held is None or held.state is not PictureState.COMING:
            return held is not None
        at = held.held
    return False
