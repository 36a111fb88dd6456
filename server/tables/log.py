"""The durable log and what stands beside it. The log is the truth: `read_models` can be made again from it.

Hashes and actors are raw bytes; `kind` is the frame kind of docs/protocol.md.
"""

from typing import Any

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from server.tables.ids import now_ms

_EMPTY: dict[str, Any] = {"server_default": text("''")}


class LogEntry(SQLModel, table=True):
    """One durable fact, at one position. Never deleted; of an old one the body lies in a segment, and here is none.

    `learner_id` is empty for what concerns everyone in a course (a release). `device_id` is empty for what the
    server wrote. A submission's `seq` is its number in the chain; a change's is its sequence number by `actor`.
    """

    __tablename__ = "log_entry"
    __table_args__ = (
        UniqueConstraint("organisation_id", "learner_id", "hash", name="log_entry_once"),
        Index("log_entry_of_learner", "learner_id", "position"),
        Index("log_entry_of_author", "learner_id", "course_id", "kind", "actor", "seq"),
        {"sqlite_autoincrement": True},
    )

    position: int | None = Field(default=None, primary_key=True)
    organisation_id: str
    learner_id: str = ""
    course_id: str = ""
    device_id: str = ""
    profile: int = 0
    kind: int
    hash: bytes
    actor: bytes = b""
    seq: int = 0
    body: bytes
    parcel_id: int | None = None
    received_ms: int = Field(default_factory=now_ms)
    segment_id: int | None = None


class Segment(SQLModel, table=True):
    """Bodies of some of a learner's entries, from one position to another, all of hers between; `server.log.segments`.

    `size` is what they have as they are, in bytes.
    """

    __table_args__ = (Index("segment_of_learner", "learner_id", "last_position"),)

    id: int | None = Field(default=None, primary_key=True)
    organisation_id: str
    learner_id: str
    first_position: int
    last_position: int
    entries: int
    size: int
    content: bytes
    made_ms: int = Field(default_factory=now_ms)


class Damage(SQLModel, table=True):
    """A segment that is not as it was written, found by `server.log.auditing`. `lost`: bodies that cannot be read."""

    segment_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    organisation_id: str
    learner_id: str
    lost: int
    found_ms: int = Field(default_factory=now_ms)


class Parcel(SQLModel, table=True):
    """The evidence of one exchange: the signed header, each frame's kind and digest, and the signature over them."""

    id: int | None = Field(default=None, primary_key=True)
    organisation_id: str
    device_id: str
    profile: int
    header: bytes
    items: bytes
    signature: bytes
    received_ms: int = Field(default_factory=now_ms)


class Parked(SQLModel, table=True):
    """A change whose dependencies have not come yet, by any road; or an attempt whose chain has a gap before it.

    `previous`, of an attempt alone: the hash of the one before it, which its body does not tell.
    """

    __table_args__ = (
        UniqueConstraint("learner_id", "hash", name="parked_once"),
        Index("parked_of_device", "device_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    organisation_id: str = Field(index=True)
    learner_id: str = Field(index=True)
    course_id: str
    device_id: str
    profile: int
    kind: int
    hash: bytes
    actor: bytes
    seq: int
    previous: bytes = Field(default=b"", sa_column_kwargs=_EMPTY)
    body: bytes
    parcel_id: int | None = None
    since_ms: int = Field(default_factory=now_ms)


class Quarantined(SQLModel, table=True):
    """Bytes that cannot be trusted or understood, kept for a person to look at, with all that placing them needs.

    `course_id` is empty where the whole frame could not be read: then `body` is its content. `seq` and `previous` are
    an attempt's place in its chain and the hash of the one before it.
    """

    __table_args__ = (
        UniqueConstraint("learner_id", "hash", name="quarantined_once"),
        Index("quarantined_of_device", "device_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    organisation_id: str = Field(index=True)
    learner_id: str = Field(index=True)
    course_id: str = ""
    device_id: str
    profile: int
    kind: int
    hash: bytes
    seq: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    previous: bytes = Field(default=b"", sa_column_kwargs=_EMPTY)
    body: bytes
    reason: str
    parcel_id: int | None = None
    since_ms: int = Field(default_factory=now_ms)


class ConsumerCursor(SQLModel, table=True):
    """How far each consumer has come; written in the same transaction as what it made."""

    __tablename__ = "consumer_cursor"

    name: str = Field(primary_key=True)
    position: int = 0


class ServerState(SQLModel, table=True):
    """Facts about this server's life: `epoch`, `schema`."""

    __tablename__ = "server_state"

    name: str = Field(primary_key=True)
    value: bytes
