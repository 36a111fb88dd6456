"""Hubs as their upstream knows them, and what a hub keeps of its own way up.

A server may be both: a hub to the one above it, an upstream to those below.
"""

from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from server.tables.ids import new_id, now_ms


class Hub(SQLModel, table=True):
    """Upstream: a hub that was added, and once it has joined its key and what it last said of itself.

    `code` is the keyed digest of its one-time code, empty once used. `oldest_cargo_ms` is by this server's clock.
    """

    id: str = Field(default_factory=new_id, primary_key=True)
    organisation_id: str = Field(foreign_key="organisation.id", index=True)
    name: str
    code: str = Field(index=True)
    code_expires_ms: int
    public_key: bytes = b""
    added_ms: int = Field(default_factory=now_ms)
    joined_ms: int | None = None
    revoked_ms: int | None = None
    last_uplink_ms: int | None = None
    waiting: int = 0
    oldest_cargo_ms: int | None = None
    refused: int = 0


class HubIncident(SQLModel, table=True):
    """Upstream: what a hub brought that was not as a device signed it. The same bytes again are the same incident."""

    __tablename__ = "hub_incident"
    __table_args__ = (UniqueConstraint("hub_id", "hash", name="hub_incident_once"),)

    id: int | None = Field(default=None, primary_key=True)
    organisation_id: str = Field(index=True)
    hub_id: str = Field(foreign_key="hub.id")
    device_id: str
    reason: str
    hash: bytes
    body: bytes
    at_ms: int = Field(default_factory=now_ms)


class HubEndedKey(SQLModel, table=True):
    """Upstream: a key that was a hub's and is no more. `revoked`: an administrator ended it, so it is welcome never
    again; else another laptop took the hub's name. `knocked_ms`: when somebody last showed it."""

    __tablename__ = "hub_ended_key"

    public_key: bytes = Field(primary_key=True)
    hub_id: str = Field(foreign_key="hub.id", index=True)
    revoked: bool
    ended_ms: int = Field(default_factory=now_ms)
    knocked_ms: int | None = None


class UplinkTrouble(StrEnum):
    """Why a hub's round failed, as its pages and its command line tell it in words."""

    UNREACHABLE = "unreachable"
    UNREADABLE = "unreadable"
    ENDED = "ended"
    NOT_JOINED = "not_joined"
    BUSY = "busy"
    IS_HUB = "is_hub"
    FAILED = "failed"
    REFUSED = "refused"
    HERE = "here"


class Upstream(SQLModel, table=True):
    """Hub: the one server above it, and how far the two have come. `sections`: digests of the registry's parts;
    `told`: those parts that stand in no other table.

    `last_error`: an `UplinkTrouble`, empty after a good round; `last_error_detail`: what it said, for who mends it.
    `doubtful`: upstream found a copy of ours altered, so all phones are to be asked again (a new epoch).
    `held`: by learner, the place in the upstream's log behind which nothing of hers came, since it is damaged there.
    """

    id: int = Field(default=1, primary_key=True)
    url: str
    hub_id: str
    name: str
    organisation_id: str
    epoch: bytes = b""
    cursor: int = 0
    held: dict[str, int] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    sections: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    told: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    joined_ms: int = Field(default_factory=now_ms)
    last_uplink_ms: int | None = None
    last_error: str = ""
    last_error_detail: str = ""
    doubtful: bool = False


class Cargo(SQLModel, table=True):
    """Hub: a device's request exactly as it came, to be handed on. `delivered_epoch` is the upstream's life that has
    it durable: another life is given it again. `refused`: the upstream's code for what it will not have."""

    __table_args__ = (Index("cargo_in_order", "tier", "id"), UniqueConstraint("hash", name="cargo_once"))

    id: int | None = Field(default=None, primary_key=True)
    device_id: str
    profile: int
    tier: int
    hash: bytes
    body: bytes
    received_ms: int = Field(default_factory=now_ms)
    delivered_epoch: bytes = b""
    refused: str = ""


class HubJoin(SQLModel, table=True):
    """Hub: a device that joined here, with the words that it signed, to be handed on likewise."""

    __tablename__ = "hub_join"
    __table_args__ = (UniqueConstraint("device_id", "profile", name="hub_join_once"),)

    id: int | None = Field(default=None, primary_key=True)
    device_id: str
    profile: int
    code: str
    public_key: str
    proof: str
    label: str
    language: str
    joined_ms: int = Field(default_factory=now_ms)
    delivered_epoch: bytes = b""
    refused: str = ""


class AdditionKind(StrEnum):
    """What a hub may add. It adds only: nothing is changed by it, and nothing taken away."""

    LEARNER = "learner"
    ENROLMENT = "enrolment"
    CODE = "code"


class HubAddition(SQLModel, table=True):
    """Hub: one thing that was added here, to be handed on, in order. `name` is its own, at random: by it the upstream
    knows a repeat. `subject`: a course's id or a code's digest."""

    __tablename__ = "hub_addition"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(default_factory=new_id, unique=True)
    kind: str
    learner_id: str = Field(foreign_key="learner.id", index=True)
    subject: str = ""
    added_ms: int = Field(default_factory=now_ms)
    delivered_epoch: bytes = b""
    refused: str = ""


class HubAdded(SQLModel, table=True):
    """Upstream: which hub added what, for the audit: never changed. What stands here is not done again, whatever became
    of it since. `namesake_id`: a learner who had the same name by then."""

    __tablename__ = "hub_added"
    __table_args__ = (
        UniqueConstraint("hub_id", "name", name="hub_added_once"),
        Index("hub_added_in_order", "organisation_id", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    organisation_id: str
    hub_id: str = Field(foreign_key="hub.id")
    name: str
    kind: str
    learner_id: str = Field(foreign_key="learner.id", index=True)
    subject: str = ""
    namesake_id: str = ""
    at_ms: int = Field(default_factory=now_ms)
