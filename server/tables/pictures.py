"""Photographs that learners answered with: named by an attempt, brought after it (docs/protocol.md, "Pictures")."""

from enum import StrEnum

from sqlalchemy import text
from sqlmodel import Field, SQLModel

from server.tables.ids import now_ms


class PictureState(StrEnum):
    COMING = "coming"
    KEPT = "kept"
    UNREADABLE = "unreadable"


class Picture(SQLModel, table=True):
    """One photograph, by the SHA-256 that its attempt sealed.

    `body` is what the phone sent, once it is whole: the evidence. `shown` is what people look at: made anew from its
    pixels. `signature` says who brought it, for a hub that hands it on; `carried_epoch` in which life of its upstream's
    log that was done.
    """

    learner_id: str = Field(primary_key=True)
    digest: bytes = Field(primary_key=True)
    organisation_id: str = Field(index=True)
    device_id: str
    profile: int
    length: int
    held: int = 0
    state: PictureState = PictureState.COMING
    body: bytes = b""
    shown: bytes = b""
    signature: bytes
    since_ms: int = Field(default_factory=now_ms)
    whole_ms: int | None = None
    carried_epoch: bytes = Field(default=b"", sa_column_kwargs={"server_default": text("''")})


class PicturePiece(SQLModel, table=True):
    """Bytes of a photograph that is not whole yet."""

    __tablename__ = "picture_piece"

    learner_id: str = Field(primary_key=True)
    digest: bytes = Field(primary_key=True)
    at: int = Field(primary_key=True)
    body: bytes
