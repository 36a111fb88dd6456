"""What needs a person today: counts, each with the page that lists what was counted."""

from typing import Any

from sqlalchemy import func
from sqlmodel import Session, select

from server.health import Standing
from server.reports import hubs
from server.reports.fleet import OF_SILENCE, counted, fleet
from server.reports.reviews import WAITS
from server.shapes.administration import DeviceFilter, Need, NeedCode, Overview, SilentPhones
from server.shapes.common import Named
from server.shapes.hubs import HubFilter
from server.tables import Attempt, Course, Damage, Device, Learner, Organisation, Quarantined
from server.tables.ids import now_ms

# Each need of a hub or a device is counted by the filter that its link leads to.
OF_HUBS = {NeedCode.HUB_ALTERED: HubFilter.ALTERED, NeedCode.HUB_SILENT: HubFilter.SILENT}
OF_DEVICES = {
    NeedCode.SILENT_14: DeviceFilter.SILENT_14,
    NeedCode.SILENT_7: DeviceFilter.SILENT_7,
    NeedCode.PARKED: DeviceFilter.PARKED,
    NeedCode.FULL: DeviceFilter.FULL,
    NeedCode.DROPPING: DeviceFilter.DROPPING,
    NeedCode.WAITING: DeviceFilter.WAITING,
    NeedCode.SILENT_3: DeviceFilter.SILENT_3,
    NeedCode.RELEASE_SKEW: DeviceFilter.BEHIND,
    NeedCode.PUSH_FAILURES: DeviceFilter.PUSH_FAILING,
}
MENDS_ITSELF = {NeedCode.WAITING, NeedCode.SILENT_3, NeedCode.RELEASE_SKEW, NeedCode.PUSH_FAILURES}


def overview(session: Session, organisation_id: str, server: Standing) -> Overview:
    everyone = fleet(session, organisation_id, now_ms())
    phones = counted(session, everyone, *{*OF_DEVICES.values(), *OF_SILENCE.values()})
    organisation = session.get_one(Organisation, organisation_id)
    waiting, oldest = _ungraded(session, organisation_id)
    needs = [
        *_of_server(server),
        _need(NeedCode.HISTORY_DAMAGED, _count(session, Damage, organisation_id), ""),
        *_of_hubs(session, organisation_id),
        _need(NeedCode.QUARANTINED, _count(session, Quarantined, organisation_id), "/admin/quarantine"),
        *(_need(code, phones[shown], _list(shown)) for code, shown in OF_DEVICES.items()),
        _need(NeedCode.ATTEMPTS_WAITING, waiting, "/trainer/reviews"),
    ]
    return Overview(
        organisation=Named(id=organisation.id, name=organisation.name),
        learners=_count(session, Learner, organisation_id),
        devices=_count(session, Device, organisation_id),
        courses=_count(session, Course, organisation_id),
        attempts_waiting=waiting,
        oldest_waiting_ms=oldest,
        silence=[
            SilentPhones(silent_for=silence, count=phones[shown], link=_list(shown))
            for silence, shown in OF_SILENCE.items()
        ],
        needs=sorted(needs, key=lambda need: not need.urgent),
    )


def _need(code: NeedCode, count: int, link: str) -> Need:
    return Need(code=code, count=count, link=link, urgent=code not in MENDS_ITSELF)


def _list(shown: DeviceFilter) -> str:
    return f"/admin/devices?filter={shown}"


def _of_server(server: Standing) -> list[Need]:
    return [
        _need(NeedCode.NOT_READY, server.checks_failing, "/readyz"),
        _need(NeedCode.DISK_LOW, int(server.disk_low), "/readyz"),
    ]


def _of_hubs(session: Session, organisation_id: str) -> list[Need]:
    """Hubs that have not been heard for too long, and those that brought what no phone had signed."""
    known = [name for one in hubs.watched(session, organisation_id) for name in one.fits]
    return [_need(code, known.count(shown), f"/admin/hubs?filter={shown}") for code, shown in OF_HUBS.items()]


def _count(session: Session, table: Any, organisation_id: str) -> int:
    counted = select(func.count()).select_from(table).where(table.organisation_id == organisation_id)
    return session.exec(counted).one()


def _ungraded(session: Session, organisation_id: str) -> tuple[int, int | None]:
    found = select(func.count(), func.min(Attempt.received_ms)).where(Attempt.organisation_id == organisation_id, WAITS)
    return session.exec(found).one()
