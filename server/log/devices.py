"""Who a device is: its key, whose it is, and what its contact tells of its health."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, delete, select

from server.log.entries import upsert
from server.tables import Device, DeviceContact, Profile, PushSubscription
from server.tables.core import table_of
from server.tables.ids import now_ms
from sync.admission import Author
from sync.errors import Malformed, RevokedDevice, SyncError, UnknownDevice
from sync.submissions import SECONDS_MAX, read_object
from sync.wire import FrameKind, Header, Request

DEVICE, PROFILE, CONTACT, SUBSCRIPTION = (
    table_of(model) for model in (Device, Profile, DeviceContact, PushSubscription)
)
KEPT_SECONDS = 60  # a revocation by another process is seen within this time
KEPT_MAX = 20_000  # devices; some 500 bytes each
ENDPOINT_CHARACTERS_MAX = 1_024
KEY_CHARACTERS_MAX = 128
COURSES_REPORTED_MAX = 64


@dataclass(frozen=True, slots=True)
class KnownDevice:
    """A profile of a device that has joined; `revoked` devices are known too, so that they can be told."""

    author: Author
    public_key: bytes
    revoked: bool


class Devices:
    """Looks devices up, and keeps what it found for a minute."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._kept: dict[tuple[bytes, int], tuple[float, KnownDevice]] = {}

    def known(self, device: bytes, profile: int) -> KnownDevice:
        """Raises `UnknownDevice` or `RevokedDevice`."""
        kept = self._kept.get((device, profile))
        if kept is None or kept[0] < time.monotonic():
            kept = (time.monotonic() + KEPT_SECONDS, self._look_up(device.hex(), profile))
            if len(self._kept) >= KEPT_MAX:
                self._kept.clear()
            self._kept[device, profile] = kept
        if kept[1].revoked:
            raise RevokedDevice("This device was revoked. Ask your trainer for a new code.")
        return kept[1]

    def forget(self) -> None:
        """After a device was revoked here: ask the tables again."""
        self._kept.clear()

    def _look_up(self, device: str, profile: int) -> KnownDevice:
        query = (
            select(DEVICE.c.public_key, DEVICE.c.revoked_ms, PROFILE.c.organisation_id, PROFILE.c.learner_id)
            .join(PROFILE, PROFILE.c.device_id == DEVICE.c.id)
            .where(DEVICE.c.id == device, PROFILE.c.number == profile)
        )
        with self._engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            raise UnknownDevice("This device has not joined here. Join with a code; what it holds is kept.")
        author = Author(row.organisation_id, row.learner_id, device, profile)
        return KnownDevice(author, row.public_key, row.revoked_ms is not None)


def note_contact(
    connection: Connection, author: Author, request: Request, received_bytes: int, sent_bytes: int
) -> None:
    """Writes down that the device was here, what waits on it, and what its status frame says.

    `sent_bytes`: the replies since the last time; this one is not written yet.
    """
    header = request.header
    status = _status(request)
    now = now_ms()
    values = {
        "last_exchange_ms": now,
        "waiting_immediate": header.waiting.immediate,
        "waiting_batched": header.waiting.batched,
        "waiting_eventual": header.waiting.eventual,
        "clock_offset_ms": _clock_offset(header, now),
        "cursor": header.cursor,
        **status,
    }
    first = {
        "device_id": author.device,
        "profile": author.profile,
        "organisation_id": author.organisation,
        "learner_id": author.learner,
        "exchanges": 1,
        "received_bytes": received_bytes,
        "app": "",
        "language": "",
        "stored_bytes": 0,
        "quota_bytes": 0,
        "releases": {},
        **values,
    }
    again = {
        **values,
        "exchanges": CONTACT.c.exchanges + 1,
        "received_bytes": CONTACT.c.received_bytes + received_bytes,
        "sent_bytes": CONTACT.c.sent_bytes + sent_bytes,
    }
    upsert(connection, CONTACT, first, again)


def _clock_offset(header: Header, now: int) -> int:
    return header.sent_at - now if header.sent_at else 0


def _status(request: Request) -> dict[str, Any]:
    """The columns that a status frame fills; one that cannot be read fills none, and costs nobody anything."""
    content = next((frame.content for frame in request.frames if frame.kind is FrameKind.STATUS), None)
    if content is None:
        return {}
    try:
        fields = read_object(content, "a status")
    except SyncError:
        return {}
    return {
        "app": str(fields.get("app", ""))[:32],
        "language": str(fields.get("language", ""))[:16],
        "stored_bytes": _number(fields.get("stored")),
        "quota_bytes": _number(fields.get("quota")),
        "releases": _releases(fields.get("releases")),
    }


def _number(value: Any) -> int:
    return value if type(value) is int and 0 <= value <= SECONDS_MAX * 1024 else 0


def _releases(value: Any) -> dict[str, int]:
    if not isinstance(value, dict) or len(value) > COURSES_REPORTED_MAX:
        return {}
    return {course[:48]: number for course, number in value.items() if type(number) is int and number >= 0}


def note_subscription(connection: Connection, author: Author, request: Request, check: Callable[[str], None]) -> None:
    """Takes a push subscription, or its end. `check` raises for an address that must not be called."""
    content = next((frame.content for frame in request.frames if frame.kind is FrameKind.SUBSCRIPTION), None)
    if content is None:
        return
    mine = (SUBSCRIPTION.c.device_id == author.device, SUBSCRIPTION.c.profile == author.profile)
    fields = read_object(content, "a subscription")
    if not fields:
        connection.execute(delete(SUBSCRIPTION).where(*mine))
        return
    subscription = {
        "endpoint": _text(fields, "endpoint", ENDPOINT_CHARACTERS_MAX),
        "p256dh": _text(fields, "p256dh", KEY_CHARACTERS_MAX),
        "auth": _text(fields, "auth", KEY_CHARACTERS_MAX),
    }
    check(subscription["endpoint"])
    again = subscription | {"since_ms": now_ms(), "failures": 0}
    owner = {
        "device_id": author.device,
        "profile": author.profile,
        "organisation_id": author.organisation,
        "learner_id": author.learner,
    }
    upsert(connection, SUBSCRIPTION, owner | again, again)


def _text(fields: dict[str, Any], name: str, characters_max: int) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= characters_max:
        raise Malformed(f"A subscription's `{name}` is a text of at most {characters_max} characters.")
    return value
