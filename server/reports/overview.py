"""What needs a person today: counts, each with the page that lists what was counted."""

from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from server.reports import hubs
from server.reports.fleet import fleet
from server.shapes.administration import DeviceFilter, Need, NeedCode, Overview
from server.shapes.common import Named
from server.tables import Attempt, AttemptState, Course, Damage, Learner, Organisation, Quarantined
from server.tables.ids import now_ms

HUB_SILENT_MS = 72 * 3_600_000  # what a hub carries is to be home within three days
# Each need of a device is counted by the filter that its link leads to.
NEEDS = {
    NeedCode.SILENT_3: DeviceFilter.SILENT_3,
    NeedCode.SILENT_7: DeviceFilter.SILENT_7,
    NeedCode.SILENT_14: DeviceFilter.SILENT_14,
    NeedCode.WAITING: DeviceFilter.WAITING,
    NeedCode.PARKED: DeviceFilter.PARKED,
    NeedCode.RELEASE_SKEW: DeviceFilter.BEHIND,
    NeedCode.PUSH_FAILURES: DeviceFilter.PUSH_FAILING,
}


def overview(session: Session, organisation_id: str) -> Overview:
    everyone = fleet(session, organisation_id, now_ms())
    organisation = session.get_one(Organisation, organisation_id)
    waiting, oldest = _ungraded(session, organisation_id)
    needs = [
        Need(code=code, count=len(everyone.matching(shown)), link=f"/admin/devices?filter={shown}")
        for code, shown in NEEDS.items()
    ]
    needs += _of_hubs(session, organisation_id)
    held_back, damaged = (_count(session, table, organisation_id) for table in (Quarantined, Damage))
    needs.append(Need(code=NeedCode.HISTORY_DAMAGED, count=damaged, link=""))
    return Overview(
        organisation=Named(id=organisation.id, name=organisation.name),
        learners=_count(session, Learner, organisation_id),
        devices=len(everyone.devices),
        courses=_count(session, Course, organisation_id),
        attempts_waiting=waiting,
        oldest_waiting_ms=oldest,
        needs=[*needs, Need(code=NeedCode.QUARANTINED, count=held_back, link="/admin/quarantine")],
    )


def _of_hubs(session: Session, organisation_id: str) -> list[Need]:
    """Hubs that have not been heard for too long, and those that brought what no phone had signed."""
    working = [hub for hub in hubs.of(session, organisation_id) if hub.joined_ms and not hub.revoked_ms]
    silent = [hub for hub in working if now_ms() - (hub.last_uplink_ms or hub.joined_ms or 0) > HUB_SILENT_MS]
    altered = hubs.incidents_by_hub(session, organisation_id).keys() & {hub.id for hub in working}
    return [
        Need(code=NeedCode.HUB_SILENT, count=len(silent), link="/admin/hubs"),
        Need(code=NeedCode.HUB_ALTERED, count=len(altered), link="/admin/hubs"),
    ]


def _count(session: Session, table: Any, organisation_id: str) -> int:
    counted = select(func.count()).select_from(table).where(table.organisation_id == organisation_id)
    return session.exec(counted).one()


def _ungraded(session: Session, organisation_id: str) -> tuple[int, int | None]:
    found = select(func.count(), func.min(Attempt.received_ms)).where(
        Attempt.organisation_id == organisation_id,
        col(Attempt.state).in_((AttemptState.WAITING, AttemptState.REVIEW)),
    )
    return session.exec(found).one()
