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
    """`silent_3`: for 3 to 7 days; `silent_7`: for 7 to 14; `silent_14`: longer. Each device fits one, or `heard`."""

    HEARD = "heard"
    SILENT_3 = "silent_3"
    SILENT_7 = "silent_7"
    SILENT_14 = "silent_14"
    WAITING = "waiting"
    QUARANTINED = "quarantined"
    PARKED = "parked"
    CONFLICTS = "conflicts"
    BEHIND = "behind"
    PUSH_FAILING = "push_failing"
    FULL = "full"
    DROPPING = "dropping"
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
    reasons: list[str] = Field(description="All that something was set aside for.", examples=[["malformed"]])


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
    FULL = "full"
    DROPPING = "dropping"
    HUB_SILENT = "hub_silent"
    HUB_ALTERED = "hub_altered"
    HISTORY_DAMAGED = "history_damaged"
    ATTEMPTS_WAITING = "attempts_waiting"
    DISK_LOW = "disk_low"
    NOT_READY = "not_ready"


class Need(Shape):
    """One thing that may need a person today; a count of 0 says that all is well."""

    code: NeedCode
    count: int = Field(examples=[3])
    urgent: bool = Field(description="A person has to act; what is not urgent mends itself near a network.")
    link: str = Field(
        description="The console's page that lists them, if any.", examples=["/admin/devices?filter=silent_7"]
    )


class SilentPhones(Shape):
    """Each phone in one of these; revoked ones in none."""

    silent_for: Silence
    count: int = Field(examples=[442])
    link: str = Field(examples=["/admin/devices?filter=silent_14"])


class Overview(Shape):
    organisation: Named
    learners: int
    devices: int
    courses: int
    attempts_waiting: int = Field(description="Received and not graded yet.")
    oldest_waiting_ms: Milliseconds | None = Field(description="When the oldest of these was received.")
    silence: list[SilentPhones]
    needs: list[Need] = Field(description="The most urgent first.")


class DailyActivity(Shape):
    """What was done on one day in one course, UTC."""

    day: str = Field(examples=["2026-11-20"])
    course: str = Field(description="Empty: in all of them; who learned in two courses is one learner there.")
    learners: int = Field(examples=[12], description="How many learners did anything.")
    opened: int
    played: int
    read: int
    attempted: int
    downloaded: int
    seconds: int = Field(examples=[5400])
