"""What consumers make of the log, to be read quickly.

Any of these may be dropped and made again, but for the record of conflicts: what stood side by side only between two
slices of the log is recorded when it is met, and a later pass in larger slices need not meet it again.
"""

from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, Index, text
from sqlmodel import Field, SQLModel

from server.tables.ids import now_ms
from server.tables.packed import PackedJson


class Survivor(SQLModel, table=True):
    """One put that no later change has replaced. Two with one key are concurrent; `conflict` folds them.

    Every question about survivors begins as the key does, so on SQLite the key is the table's only tree.
    """

    __table_args__ = {"sqlite_with_rowid": False}  # SQLAlchemy's own way to say it

    learner_id: str = Field(primary_key=True)
    course_id: str = Field(primary_key=True)
    kind: int = Field(primary_key=True)
    key: str = Field(primary_key=True)
    counter: int = Field(primary_key=True)
    actor: bytes = Field(primary_key=True)
    organisation_id: str
    value_type: int
    value: bytes


class AttemptState(StrEnum):
    WAITING = "waiting"
    GRADED = "graded"
    EXCESS = "excess"
    REVIEW = "review"
    REFUSED = "refused"


WAITS = text("state IN ('WAITING', 'REVIEW')")  # for a person; a small part of all attempts, so the index is small


class Attempt(SQLModel, table=True):
    """One sealed submission, graded. Scores are thousandths of a point.

    `questions`: what the machine found for each, and beside it what a trainer gave (`given`, `voided`, `comment`);
    of old attempts it lies packed. `score` is what comes of both.
    """

    __table_args__ = (
        Index("attempt_of_assessment", "organisation_id", "course_id", "activity_id", "learner_id"),
        Index("attempt_to_look_at", "organisation_id", "received_ms", sqlite_where=WAITS, postgresql_where=WAITS),
    )

    learner_id: str = Field(primary_key=True)
    hash: bytes = Field(primary_key=True)
    organisation_id: str
    course_id: str
    activity_id: str
    release: int
    number: int
    device_id: str
    profile: int
    chain: int
    started_s: int
    ended_s: int
    received_ms: int
    answers: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    state: AttemptState = AttemptState.WAITING
    reason: str = ""
    score: int = 0
    score_max: int = 0
    passed: bool = False
    counts: bool = False
    questions: list[dict[str, Any]] = Field(default_factory=list, sa_column=Column(PackedJson, nullable=False))
    graded_ms: int | None = None


class ConflictRecord(SQLModel, table=True):
    """One conflict that a rule settled: which field, which values by whom, which rule, which won. Never changed; what a
    trainer says of it stands in `Ruling`."""

    __tablename__ = "conflict_record"
    __table_args__ = (
        Index("conflict_of_learner", "learner_id", "course_id"),
        Index("conflict_in_order", "organisation_id", "settled_ms"),
    )

    id: str = Field(primary_key=True)
    organisation_id: str
    learner_id: str
    course_id: str
    kind: int
    key: str
    rule: str
    rule_version: int
    survivors: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
    outcome: Any = Field(default=None, sa_column=Column(JSON))
    settled_ms: int = Field(default_factory=now_ms)


class DeviceContact(SQLModel, table=True):
    """What is known of a device's health since its last exchange."""

    __tablename__ = "device_contact"

    device_id: str = Field(primary_key=True)
    profile: int = Field(primary_key=True)
    organisation_id: str = Field(index=True)
    learner_id: str = Field(index=True)
    exchanges: int = 0
    last_exchange_ms: int = 0
    waiting_immediate: int = 0
    waiting_batched: int = 0
    waiting_eventual: int = 0
    received_bytes: int = 0
    sent_bytes: int = 0
    clock_offset_ms: int = 0
    cursor: int = 0
    app: str = ""
    language: str = ""
    stored_bytes: int = 0
    quota_bytes: int = 0
    events_dropped: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    releases: dict[str, int] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
