"""Who a device is: its key, whose it is, and what its contact tells of its health."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, delete

from server.bulk import Peek, insert_rows
from server.log.entries import upsert
from server.tables import DeviceContact, PushSubscription
from server.tables.core import table_of
from server.tables.ids import now_ms
from sync.admission import Author
from sync.errors import Malformed, RevokedDevice, SyncError, UnknownDevice
from sync.submissions import SECONDS_MAX, read_object
from sync.wire import FrameKind, Request

CONTACT, SUBSCRIPTION = table_of(DeviceContact), table_of(PushSubscription)
KNOWN = """
    SELECT d.public_key, d.revoked_ms, p.organisation_id, p.learner_id FROM device d
    JOIN profile p ON p.device_id = d.id WHERE d.id = ? AND p.number = ?
"""
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
        self._peek = Peek(engine)
        self._kept: dict[tuple[bytes, int], tuple[float, KnownDevice]] = {}

    def known(self, device: bytes, profile: int) -> KnownDevice:
        """Raises `UnknownDevice` or `RevokedDevice`."""
        found = self.joined(device, profile)
        if found.revoked:
            raise RevokedDevice("This device was revoked. Ask your trainer for a new code.")
        return found

    def joined(self, device: bytes, profile: int) -> KnownDevice:
        """Revoked or not. Raises `UnknownDevice`."""
        kept = self._kept.get((device, profile))
        if kept is None or kept[0] < time.monotonic():
            kept = (time.monotonic() + KEPT_SECONDS, self._look_up(device.hex(), profile))
            if len(self._kept) >= KEPT_MAX:
                self._kept.clear()
            self._kept[device, profile] = kept
        return kept[1]

    def forget(self) -> None:
        """After a device was revoked here: ask the tables again."""
        self._kept.clear()

    def close(self) -> None:
        self._peek.close()

    def _look_up(self, device: str, profile: int) -> KnownDevice:
        rows = self._peek.rows(KNOWN, (device, profile))
        if not rows:
            raise UnknownDevice("This device has not joined here. Join with a code; what it holds is kept.")
        [(public_key, revoked_ms, organisation, learner)] = rows
        return KnownDevice(Author(organisation, learner, device, profile), public_key, revoked_ms is not None)


@dataclass(frozen=True, slots=True)
class Contact:
    """One exchange as the device's health sees it. `sent_bytes`: the replies since the last time; this one is not
    written yet."""

    author: Author
    request: Request
    received_bytes: int
    sent_bytes: int


def note_contacts(connection: Connection, contacts: Iterable[Contact]) -> None:
    """Writes down that devices were here, what waits on each, and what their status frames say."""
    now = now_ms()
    silent: list[tuple[Any, ...]] = []
    told: list[tuple[Any, ...]] = []
    for contact in contacts:
        status = _status(contact.request)
        (told if status else silent).append((*_contact_row(contact, now), *(status or NO_STATUS)))
    insert_rows(connection, CONTACT, CONTACT_COLUMNS, silent, AFTER_SILENCE)
    insert_rows(connection, CONTACT, CONTACT_COLUMNS, told, AFTER_STATUS)


def _contact_row(contact: Contact, now: int) -> tuple[Any, ...]:
    """The columns of WHO, COUNTED and SEEN."""
    author, header = contact.author, contact.request.header
    waiting, offset = header.waiting, header.sent_at - now if header.sent_at else 0
    who = (author.device, author.profile, author.organisation, author.learner)
    counted = (1, contact.received_bytes, contact.sent_bytes)
    return (*who, *counted, now, waiting.immediate, waiting.batched, waiting.eventual, offset, header.cursor)


WHO = ("device_id", "profile", "organisation_id", "learner_id")
COUNTED = ("exchanges", "received_bytes", "sent_bytes")
SEEN = (
    "last_exchange_ms",
    "waiting_immediate",
    "waiting_batched",
    "waiting_eventual",
    "clock_offset_ms",
    "cursor",
)
STATUS = ("app", "language", "stored_bytes", "quota_bytes", "releases")
GROWING = "events_dropped"  # a count from the phone's first day on, told in every status: repeats add nothing
CONTACT_COLUMNS = (*WHO, *COUNTED, *SEEN, *STATUS, GROWING)
NO_STATUS: tuple[Any, ...] = ("", "", 0, 0, {}, 0)


def _again(*, told: bool) -> str:
    """What a contact after the first changes; the status only when it was told."""
    sums = [f"{name} = device_contact.{name} + excluded.{name}" for name in COUNTED]
    anew = [f"{name} = excluded.{name}" for name in (*SEEN, *(STATUS if told else ()))]
    before, now = f"device_contact.{GROWING}", f"excluded.{GROWING}"
    # An older status may come later, by file.
    grown = [f"{GROWING} = CASE WHEN {now} > {before} THEN {now} ELSE {before} END"] if told else []
    return f"ON CONFLICT (device_id, profile) DO UPDATE SET {', '.join(sums + anew + grown)}"


AFTER_SILENCE, AFTER_STATUS = _again(told=False), _again(told=True)


def _status(request: Request) -> tuple[Any, ...] | None:
    """The columns of STATUS and GROWING; a status frame that cannot be read says nothing, and costs nobody anything."""
    content = _content(request, FrameKind.STATUS)
    if content is None:
        return None
    try:
        fields = read_object(content, "a status")
    except SyncError:
        return None
    told = (str(fields.get("app", ""))[:32], str(fields.get("language", ""))[:16])
    sizes = (_number(fields.get("stored")), _number(fields.get("quota")))
    return (*told, *sizes, _releases(fields.get("releases")), _number(fields.get("dropped")))


def _content(request: Request, kind: FrameKind) -> bytes | None:
    """Of the first frame of a kind."""
    return next((frame.content for frame in request.frames if frame.kind is kind), None)


def _number(value: Any) -> int:
    return value if type(value) is int and 0 <= value <= SECONDS_MAX * 1024 else 0


def _releases(value: Any) -> dict[str, int]:
    if not isinstance(value, dict) or len(value) > COURSES_REPORTED_MAX:
        return {}
    return {course[:48]: number for course, number in value.items() if type(number) is int and number >= 0}


def note_subscription(connection: Connection, author: Author, request: Request, check: Callable[[str], None]) -> None:
    """Takes a push subscription, or its end. `check` raises for an address that must not be called."""
    content = _content(request, FrameKind.SUBSCRIPTION)
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
