"""Who is to be told what: web push subscriptions, and each thing told, once."""

from enum import StrEnum

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from server.tables.ids import now_ms


class PushSubscription(SQLModel, table=True):
    __tablename__ = "push_subscription"

    device_id: str = Field(primary_key=True)
    profile: int = Field(primary_key=True)
    organisation_id: str = Field(index=True)
    learner_id: str = Field(index=True)
    endpoint: str
    p256dh: str
    auth: str
    since_ms: int = Field(default_factory=now_ms)
    failures: int = 0


class NotificationState(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


class Notification(SQLModel, table=True):
    """One thing to tell one profile's device; `subject` makes it at most once."""

    __table_args__ = (
        UniqueConstraint("device_id", "profile", "topic", "subject", name="notification_once"),
        Index("notification_by_state", "state", "organisation_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    organisation_id: str
    learner_id: str = Field(index=True)
    device_id: str
    profile: int
    topic: str
    subject: str
    payload: str
    state: NotificationState = NotificationState.WAITING
    attempts: int = 0
    created_ms: int = Field(default_factory=now_ms)
    sent_ms: int | None = None
