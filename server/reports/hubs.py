"""Hubs as an administrator watches them."""

from sqlalchemy import func
from sqlmodel import Session, col, select

from server.reports.paging import PageAsked
from server.shapes.hubs import HubPage, HubRow, Incident
from server.tables import Hub, HubIncident

INCIDENTS_SHOWN_MAX = 50  # the newest; more say nothing new about a hub


def page(session: Session, organisation_id: str, asked: PageAsked) -> HubPage:
    hubs = of(session, organisation_id)
    counted = incidents_by_hub(session, organisation_id)
    shown = hubs[asked.offset : asked.offset + asked.limit]
    return HubPage(
        total=len(hubs),
        offset=asked.offset,
        limit=asked.limit,
        items=[_row(one, counted.get(one.id, 0)) for one in shown],
        incidents=_incidents(session, organisation_id, {one.id: one.name for one in hubs}),
    )


def of(session: Session, organisation_id: str) -> list[Hub]:
    """By name."""
    return list(session.exec(select(Hub).where(Hub.organisation_id == organisation_id).order_by(Hub.name)))


def incidents_by_hub(session: Session, organisation_id: str) -> dict[str, int]:
    query = select(HubIncident.hub_id, func.count()).where(HubIncident.organisation_id == organisation_id)
    return dict(session.exec(query.group_by(col(HubIncident.hub_id))).all())


def _row(hub: Hub, incidents: int) -> HubRow:
    names = set(HubRow.model_fields) - {"incidents"}
    return HubRow(incidents=incidents, **hub.model_dump(include=names))


def _incidents(session: Session, organisation_id: str, names: dict[str, str]) -> list[Incident]:
    query = select(HubIncident).where(HubIncident.organisation_id == organisation_id)
    newest = session.exec(query.order_by(col(HubIncident.id).desc()).limit(INCIDENTS_SHOWN_MAX))
    return [Incident(hub=names[one.hub_id], device=one.device_id, reason=one.reason, at_ms=one.at_ms) for one in newest]
