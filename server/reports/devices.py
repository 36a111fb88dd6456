"""The list of devices, and one device's page."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from server.courses import releases
from server.people import devices
from server.reports import conflicts, quarantine
from server.reports.fleet import TIERS, Fleet, fleet, silence_of
from server.reports.learner import waiting
from server.reports.paging import PageAsked
from server.shapes.administration import (
    DeviceDetail,
    DeviceFilter,
    DeviceOrder,
    DevicePage,
    DeviceRow,
    HeldRelease,
    ProfileContact,
)
from server.shapes.common import Named, Waiting
from server.tables import (
    ConflictRecord,
    Device,
    DeviceContact,
    Learner,
    Parked,
    Profile,
    PushSubscription,
    Quarantined,
    Release,
)
from server.tables.ids import now_ms

RECORDS_SHOWN_MAX = 100  # on one device's page; the lists page through all
ASKED_MAX = 2_000  # devices named in one question; SQLite takes 32,766 parameters


@dataclass(frozen=True, slots=True)
class Question:
    show: DeviceFilter | None = None
    search: str = ""
    order: DeviceOrder = DeviceOrder.LAST_EXCHANGE
    descending: bool = False


@dataclass(slots=True)
class Health:
    """One device. Contacts are by profile; a device that never exchanged has none."""

    device: Device
    profiles: dict[int, Named] = field(default_factory=dict)
    contacts: list[DeviceContact] = field(default_factory=list)
    conflicts: int = 0
    quarantined: int = 0
    parked: int = 0
    push_failures: int = 0

    @property
    def learners(self) -> list[Named]:
        return [self.profiles[number] for number in sorted(self.profiles)]

    @property
    def last_exchange_ms(self) -> int | None:
        return max((contact.last_exchange_ms for contact in self.contacts), default=None)

    def waiting(self) -> Waiting:
        return Waiting(**{tier: sum(getattr(one, f"waiting_{tier}") for one in self.contacts) for tier in TIERS})

    def held(self) -> dict[str, int]:
        """By course: the release on the phone; of two profiles' the older one, since that one needs the update."""
        held: dict[str, int] = {}
        for contact in self.contacts:
            for course, number in contact.releases.items():
                held[course] = min(number, held.get(course, number))
        return held


def page(session: Session, organisation_id: str, asked: Question, at: PageAsked) -> DevicePage:
    everyone = fleet(session, organisation_id, now_ms())
    found = ids(session, everyone, asked)
    shown = rows(session, everyone, found[at.offset : at.offset + at.limit])
    return DevicePage(items=shown, total=len(found), offset=at.offset, limit=at.limit)


def ids(session: Session, everyone: Fleet, asked: Question) -> Sequence[str]:
    """All that are asked for, in order: their number costs as much as they do, and a page of them next to nothing."""
    found = everyone.of_all(col(Device.id))
    if asked.show is not None:
        found = found.where(everyone.fits(asked.show))
    if asked.search:
        found = found.where(everyone.named(asked.search))
    by = (*everyone.by(asked.order), col(Device.id))
    ordered = found.order_by(*(one.desc() if asked.descending else one.asc() for one in by))
    return session.execute(ordered).scalars().all()


def rows(session: Session, everyone: Fleet, device_ids: Sequence[str]) -> list[DeviceRow]:
    newest = releases.newest_published(session, everyone.organisation_id)
    known = healths(session, device_ids)
    return [_row(known[one], newest, everyone.now_ms) for one in device_ids]


def detail(session: Session, organisation_id: str, device_id: str) -> DeviceDetail:
    devices.one(session, organisation_id, device_id)
    newest = releases.newest_published(session, organisation_id)
    health = healths(session, [device_id])[device_id]
    return DeviceDetail(
        **_row(health, newest, now_ms()).model_dump(),
        profiles=[_contact(health, contact, newest) for contact in health.contacts],
        quarantine=quarantine.of_device(session, device_id, RECORDS_SHOWN_MAX),
        conflict_records=conflicts.of_learners(session, [learner.id for learner in health.learners], RECORDS_SHOWN_MAX),
    )


def healths(session: Session, device_ids: Sequence[str]) -> dict[str, Health]:
    """All that is known of these devices, by their ids."""
    known: dict[str, Health] = {}
    for start in range(0, len(device_ids), ASKED_MAX):
        known |= _healths(session, device_ids[start : start + ASKED_MAX])
    return known


def _healths(session: Session, some: Sequence[str]) -> dict[str, Health]:
    known = {one.id: Health(one) for one in session.exec(select(Device).where(col(Device.id).in_(some)))}
    for contact in session.exec(select(DeviceContact).where(col(DeviceContact.device_id).in_(some))):
        known[contact.device_id].contacts.append(contact)
    _add_learners(session, known)
    for table, name in ((Quarantined, "quarantined"), (Parked, "parked")):
        for device_id, count in _by_device(session, table, func.count(), some):
            setattr(known[device_id], name, count)
    for device_id, failures in _by_device(session, PushSubscription, func.sum(PushSubscription.failures), some):
        known[device_id].push_failures = failures
    return known


def _add_learners(session: Session, known: dict[str, Health]) -> None:
    found = session.exec(
        select(Profile.device_id, Profile.number, Learner.id, Learner.name).where(
            col(Profile.device_id).in_(known), Profile.learner_id == Learner.id
        )
    ).all()
    met = _conflicts_by_learner(session, {learner_id for _, _, learner_id, _ in found})
    for device_id, number, learner_id, name in found:
        known[device_id].profiles[number] = Named(id=learner_id, name=name)
        known[device_id].conflicts += met[learner_id]


def _conflicts_by_learner(session: Session, learner_ids: Iterable[str]) -> defaultdict[str, int]:
    met = (
        select(ConflictRecord.learner_id, func.count())
        .where(col(ConflictRecord.learner_id).in_(learner_ids))
        .group_by(col(ConflictRecord.learner_id))
    )
    return defaultdict(int, session.exec(met).all())


def _by_device(session: Session, table: Any, count: Any, some: Sequence[str]) -> Iterable[tuple[str, int]]:
    counted: Iterable[tuple[str, int]] = session.exec(
        select(table.device_id, count).where(table.device_id.in_(some)).group_by(table.device_id)
    )
    return counted


def _row(health: Health, newest: dict[str, Release], now: int) -> DeviceRow:
    last = max(health.contacts, key=lambda contact: contact.last_exchange_ms, default=None)
    held = _held(health.held(), newest)
    return DeviceRow(
        id=health.device.id,
        label=health.device.label,
        learners=health.learners,
        joined_ms=health.device.joined_ms,
        revoked_ms=health.device.revoked_ms,
        last_exchange_ms=health.last_exchange_ms,
        silent_for=silence_of(now - (health.last_exchange_ms or health.device.joined_ms)),
        waiting=health.waiting(),
        releases=held,
        behind=sum(one.held < one.newest for one in held if one.held is not None and one.newest is not None),
        conflicts=health.conflicts,
        quarantined=health.quarantined,
        parked=health.parked,
        app=last.app if last else "",
        stored_bytes=last.stored_bytes if last else 0,
        quota_bytes=last.quota_bytes if last else 0,
        clock_offset_ms=last.clock_offset_ms if last else 0,
        push_failures=health.push_failures,
        events_dropped=sum(contact.events_dropped for contact in health.contacts),
    )


def _held(held: dict[str, int], newest: dict[str, Release]) -> list[HeldRelease]:
    return [
        HeldRelease(
            course=course,
            title=known.title if (known := newest.get(course)) else {"en": course},
            held=number,
            newest=known.number if known else None,
        )
        for course, number in sorted(held.items())
    ]


def _contact(health: Health, contact: DeviceContact, newest: dict[str, Release]) -> ProfileContact:
    return ProfileContact(
        profile=contact.profile,
        learner=health.profiles.get(contact.profile, Named(id=contact.learner_id, name="")),
        exchanges=contact.exchanges,
        last_exchange_ms=contact.last_exchange_ms,
        waiting=waiting(contact),
        received_bytes=contact.received_bytes,
        sent_bytes=contact.sent_bytes,
        language=contact.language,
        releases=_held(contact.releases, newest),
    )
