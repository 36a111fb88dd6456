"""What is taught: courses, their releases, and the answer keys that never leave the server."""

from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from server.tables.ids import now_ms


class ReleaseState(StrEnum):
    PACKED = "packed"
    PUBLISHED = "published"


class Course(SQLModel, table=True):
    organisation_id: str = Field(foreign_key="organisation.id", primary_key=True)
    id: str = Field(primary_key=True)
    title: dict[str, str] = Field(sa_column=Column(JSON, nullable=False))
    created_ms: int = Field(default_factory=now_ms)


class Release(SQLModel, table=True):
    """One packed version of a course; `root`, `signature` and `key` are the release record."""

    organisation_id: str = Field(foreign_key="organisation.id", primary_key=True)
    course_id: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    root: str = Field(index=True)
    root_bytes: int
    signature: str
    key: str
    state: ReleaseState = ReleaseState.PACKED
    title: dict[str, str] = Field(sa_column=Column(JSON, nullable=False))
    bytes_by_tier: dict[str, int] = Field(sa_column=Column(JSON, nullable=False))
    report: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    packed_ms: int = Field(default_factory=now_ms)
    published_ms: int | None = None


class QuizKey(SQLModel, table=True):
    """The answer key of one quiz of one release, as `offline_bundles` writes it."""

    organisation_id: str = Field(foreign_key="organisation.id", primary_key=True)
    course_id: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    activity_id: str = Field(primary_key=True)
    quiz_object: str
    key: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
