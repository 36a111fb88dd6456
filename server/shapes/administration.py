"""What an administrator watches: devices, what needs doing today, conflicts, quarantine, activity by day."""

from enum import StrEnum

from pydantic import Field

from server.shapes.common import Milliseconds, Named, Paged, Shape, Text, Waiting
from server.shapes.learners import ConflictRow


class Silence(StrEnum):
    """How long a device has not been heard, in whole days. A device that never spoke counts from its joining."""

    UP_TO_3 = "up_to_3_days"
    OVER_3 = "over_3_days"
    OVER_7 = "over_7_days"
    OVER_14 = "over_14_days"


class DeviceFilter(StrEnum):
    SILENT_3 = "silent_3"
    SILENT_7 = "silent_7"
    SILENT_14 = "silent_14"
    WAITING = "waiting"
    QUARANTINED = "quarantined"
    PARKED = "parked"
    CONFLICTS = "conflicts"
    BEHIND = "behind"
    PUSH_FAILING = "push_failing"
    REVOKED = "revoked"


class DeviceOrder(StrEnum):
    LAST_EXCHANGE = "last_exchange"
    LABEL = "label"
    WAITING = "waiting"
    STORED = "stored"


class HeldRelease(Shape):
    course: str = Field(examples=["water-and-health"])
    title: Text
    held: int | None = Field(description="The release on the phone; null: not taken along.", examples=[1])
    newest: int | None = Field(description="The newest published release.", examples=[2])


class ProfileContact(Shape):
    profile: int
    learner: Named
    exchanges: int
    last_exchange_ms: Milliseconds | None
    waiting: Waiting
    received_bytes: int
    sent_bytes: int
    language: str
    releases: list[HeldRelease]


class DeviceRow(Shape):
    id: str
    label: str = Field(examples=["Amina's phone"])
    learners: list[Named] = Field(description="One for each profile; a shared phone has several.")
    joined_ms: Milliseconds
    revoked_ms: Milliseconds | None
    last_exchange_ms: Milliseconds | None
    silent_for: Silence
    waiting: Waiting
    releases: list[HeldRelease]
    behind: int = Field(examples=[1], description="Courses held in an older release than the newest.")
    conflicts: int
    quarantined: int
    parked: int
    app: str = Field(examples=["0.1.0"])
    stored_bytes: int
    quota_bytes: int
    clock_offset_ms: int = Field(description="The device's clock minus the server's, at the last exchange.")
    push_failures: int
    events_dropped: int


class DevicePage(Paged):
    items: list[DeviceRow]


class QuarantineRow(Shape):
    """Bytes that could not be trusted or understood, kept for a person."""

    id: int
    learner: Named
    course: str
    device: str
    profile: int
    kind: int = Field(description="The frame kind of the exchange.", examples=[3])
    reason: str = Field(examples=["malformed"])
    bytes: int
    body: str = Field(description="The first bytes, hexadecimal.", examples=["00ff"])
    since_ms: Milliseconds


class QuarantinePage(Paged):
    items: list[QuarantineRow]


class DeviceDetail(DeviceRow):
    profiles: list[ProfileContact]
    quarantine: list[QuarantineRow]
    conflict_records: list[ConflictRow]


class ConflictPage(Paged):
    items: list[ConflictRow]


class NeedCode(StrEnum):
    SILENT_3 = "silent_3"
    SILENT_7 = "silent_7"
    SILENT_14 = "silent_14"
    WAITING = "waiting"
    QUARANTINED = "quarantined"
    PARKED = "parked"
    RELEASE_SKEW = "release_skew"
    PUSH_FAILURES = "push_failures"
    HUB_SILENT = "hub_silent"
    HUB_ALTERED = "hub_altered"
    HISTORY_DAMAGED = "history_damaged"


class Need(Shape):
    """One thing that may need a person today; a count of 0 says that all is well."""

    code: NeedCode
    count: int = Field(examples=[3])
    link: str = Field(
        description="The console's page that lists them, if any.", examples=["/admin/devices?filter=silent_7"]
    )


class Overview(Shape):
    organisation: Named
    learners: int
    devices: int
    courses: int
    attempts_waiting: int = Field(description="Received and not graded yet.")
    oldest_waiting_ms: Milliseconds | None = Field(description="When the oldest of these was received.")
    needs: list[Need]


class DailyActivity(Shape):
    """What was done on one day in one course, UTC."""

    day: str = Field(examples=["2026-11-20"])
    course: str
    learners: int = Field(examples=[12], description="How many learners did anything.")
    opened: int
    played: int
    read: int
    attempted: int
    downloaded: int
    seconds: int = Field(examples=[5400])
