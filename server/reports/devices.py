"""The list of devices, and one device's page."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from server.people import devices
from server.reports import conflicts, quarantine
from server.reports.fleet import Fleet, Health, fleet
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
from server.tables import DeviceContact
from server.tables.ids import now_ms

RECORDS_SHOWN_MAX = 100  # on one device's page; the lists page through all


@dataclass(frozen=True, slots=True)
class Question:
    show: DeviceFilter | None = None
    search: str = ""
    order: DeviceOrder = DeviceOrder.LAST_EXCHANGE
    descending: bool = False


ORDERS: dict[DeviceOrder, Callable[[Health], Any]] = {
    DeviceOrder.LAST_EXCHANGE: lambda each: each.last_exchange_ms or 0,
    DeviceOrder.LABEL: lambda each: each.device.label.casefold(),
    DeviceOrder.WAITING: lambda each: each.waiting(),
    DeviceOrder.STORED: lambda each: sum(contact.stored_bytes for contact in each.contacts),
}


def page(session: Session, organisation_id: str, asked: Question, at: PageAsked) -> DevicePage:
    everyone = fleet(session, organisation_id, now_ms())
    found = [each for each in everyone.matching(asked.show) if _named_so(each, asked.search.casefold())]
    found.sort(key=lambda each: (ORDERS[asked.order](each), each.device.id), reverse=asked.descending)
    items = [_row(everyone, each) for each in found[at.offset : at.offset + at.limit]]
    return DevicePage(items=items, total=len(found), offset=at.offset, limit=at.limit)


def detail(session: Session, organisation_id: str, device_id: str) -> DeviceDetail:
    devices.one(session, organisation_id, device_id)
    everyone = fleet(session, organisation_id, now_ms())
    health = next(each for each in everyone.devices if each.device.id == device_id)
    return DeviceDetail(
        **_row(everyone, health).model_dump(),
        profiles=[_contact(everyone, health, contact) for contact in health.contacts],
        quarantine=quarantine.of_device(session, device_id, RECORDS_SHOWN_MAX),
        conflict_records=conflicts.of_learners(session, [learner.id for learner in health.learners], RECORDS_SHOWN_MAX),
    )


def _named_so(health: Health, part: str) -> bool:
    names = (health.device.label, health.device.id, *(learner.name for learner in health.learners))
    return any(part in name.casefold() for name in names)


def _row(everyone: Fleet, health: Health) -> DeviceRow:
    immediate, batched, eventual = health.waiting()
    newest = max(health.contacts, key=lambda contact: contact.last_exchange_ms, default=None)
    return DeviceRow(
        id=health.device.id,
        label=health.device.label,
        learners=health.learners,
        joined_ms=health.device.joined_ms,
        revoked_ms=health.device.revoked_ms,
        last_exchange_ms=health.last_exchange_ms,
        silent_for=everyone.silence(health),
        waiting=Waiting(immediate=immediate, batched=batched, eventual=eventual),
        releases=_held(everyone, health.held()),
        behind=everyone.behind(health),
        conflicts=health.conflicts,
        quarantined=health.quarantined,
        parked=health.parked,
        app=newest.app if newest else "",
        stored_bytes=newest.stored_bytes if newest else 0,
        quota_bytes=newest.quota_bytes if newest else 0,
        clock_offset_ms=newest.clock_offset_ms if newest else 0,
        push_failures=health.push_failures,
        events_dropped=health.events_dropped,
    )


def _held(everyone: Fleet, held: dict[str, int]) -> list[HeldRelease]:
    return [
        HeldRelease(
            course=course,
            title=newest.title if (newest := everyone.newest.get(course)) else {"en": course},
            held=number,
            newest=newest.number if newest else None,
        )
        for course, number in sorted(held.items())
    ]


def _contact(everyone: Fleet, health: Health, contact: DeviceContact) -> ProfileContact:
    return ProfileContact(
        profile=contact.profile,
        learner=health.profiles.get(contact.profile, Named(id=contact.learner_id, name="")),
        exchanges=contact.exchanges,
        last_exchange_ms=contact.last_exchange_ms,
        waiting=waiting(contact),
        received_bytes=contact.received_bytes,
        sent_bytes=contact.sent_bytes,
        language=contact.language,
        releases=_held(everyone, contact.releases),
    )
