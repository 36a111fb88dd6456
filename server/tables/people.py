"""Who there is: organisations, the people who sign in, learners, and the devices that learners hold."""

from enum import StrEnum

from sqlalchemy import text
from sqlmodel import Field, SQLModel

from server.tables.ids import new_id, now_ms


class Role(StrEnum):
    LEARNER = "learner"
    TRAINER = "trainer"
    ADMINISTRATOR = "administrator"


class Organisation(SQLModel, table=True):
    id: str = Field(default_factory=new_id, primary_key=True)
    name: str
    created_ms: int = Field(default_factory=now_ms)


class Account(SQLModel, table=True):
    """A person who signs in with a name and a password (argon2id): a trainer or an administrator."""

    id: str = Field(default_factory=new_id, primary_key=True)
    organisation_id: str = Field(foreign_key="organisation.id", index=True)
    name: str = Field(unique=True)
    display_name: str
    password_hash: str
    role: Role
    created_ms: int = Field(default_factory=now_ms)
    disabled_ms: int | None = None


class Learner(SQLModel, table=True):
    id: str = Field(default_factory=new_id, primary_key=True)
    organisation_id: str = Field(foreign_key="organisation.id", index=True)
    name: str
    language: str = ""
    created_ms: int = Field(default_factory=now_ms)


class Enrolment(SQLModel, table=True):
    learner_id: str = Field(foreign_key="learner.id", primary_key=True)
    course_id: str = Field(primary_key=True)
    organisation_id: str = Field(foreign_key="organisation.id", index=True)
    enrolled_ms: int = Field(default_factory=now_ms)


class JoinCode(SQLModel, table=True):
    """A code that lets a device join as one learner; only digests of it are kept (`server.people.inviting`).

    `carried`: the digest that hubs are given, sealed; empty at a hub. `hub_id`: the hub that made it; empty: this
    server.
    """

    digest: str = Field(primary_key=True)
    organisation_id: str = Field(foreign_key="organisation.id", index=True)
    learner_id: str = Field(foreign_key="learner.id", index=True)
    created_ms: int = Field(default_factory=now_ms)
    expires_ms: int
    uses: int = 0
    carried: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    hub_id: str = Field(default="", index=True, sa_column_kwargs={"server_default": text("''")})


class Device(SQLModel, table=True):
    """An enrolled installation. Its id is derived from its public key (docs/protocol.md, Names)."""

    id: str = Field(primary_key=True)
    organisation_id: str = Field(foreign_key="organisation.id", index=True)
    public_key: bytes
    label: str = ""
    joined_ms: int = Field(default_factory=now_ms)
    revoked_ms: int | None = None


class Profile(SQLModel, table=True):
    """One learner on one device; a shared phone has several."""

    device_id: str = Field(foreign_key="device.id", primary_key=True)
    number: int = Field(primary_key=True)
    organisation_id: str = Field(foreign_key="organisation.id", index=True)
    learner_id: str = Field(foreign_key="learner.id", index=True)
    joined_ms: int = Field(default_factory=now_ms)
