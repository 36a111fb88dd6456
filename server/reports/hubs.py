"""Hubs as an administrator watches them."""

from sqlalchemy import func
from sqlmodel import Session, col, select

from server import errors
from server.hubs.asking import cargo
from server.people.upward import upstream_of
from server.reports.conflicts import named
from server.reports.paging import PageAsked
from server.shapes.common import Named
from server.shapes.hubs import EnrolledAtHub, HubHere, HubPage, HubRow, Incident, RefusedWork, WaitingAddition
from server.tables import AdditionKind, Hub, HubAdded, HubAddition, HubEndedKey, HubIncident, Learner
from server.tables.ids import now_ms

INCIDENTS_SHOWN_MAX = 50  # the newest; more say nothing new about a hub
ENROLLED_SHOWN_MAX = 100  # the newest; the list of learners has all
ADDITIONS_SHOWN_MAX = 200  # of a hub itself: more wait only where no network was found for weeks


def page(session: Session, organisation_id: str, asked: PageAsked) -> HubPage:
    hubs = of(session, organisation_id)
    counted, knocked = incidents_by_hub(session, organisation_id), knocked_by_hub(session, organisation_id)
    shown = hubs[asked.offset : asked.offset + asked.limit]
    return HubPage(
        total=len(hubs),
        offset=asked.offset,
        limit=asked.limit,
        items=[_row(one, counted.get(one.id, 0), knocked.get(one.id)) for one in shown],
        incidents=_incidents(session, organisation_id, {one.id: one.name for one in hubs}),
        enrolled=_enrolled(session, organisation_id, {one.id: one.name for one in hubs}),
    )


def of(session: Session, organisation_id: str) -> list[Hub]:
    """By name."""
    return list(session.exec(select(Hub).where(Hub.organisation_id == organisation_id).order_by(Hub.name)))


def incidents_by_hub(session: Session, organisation_id: str) -> dict[str, int]:
    query = select(HubIncident.hub_id, func.count()).where(HubIncident.organisation_id == organisation_id)
    return dict(session.exec(query.group_by(col(HubIncident.hub_id))).all())


def knocked_by_hub(session: Session, organisation_id: str) -> dict[str, int]:
    """When each hub's ended keys were shown last, where that was since it joined: what came before is settled."""
    last, since = func.max(HubEndedKey.knocked_ms), func.coalesce(Hub.joined_ms, 0)
    query = select(HubEndedKey.hub_id, last).join(Hub).where(Hub.organisation_id == organisation_id)
    query = query.where(col(HubEndedKey.knocked_ms) > since).group_by(col(HubEndedKey.hub_id))
    return {hub: at_ms for hub, at_ms in session.exec(query) if at_ms}


def _row(hub: Hub, incidents: int, knocked_ms: int | None) -> HubRow:
    names = set(HubRow.model_fields) - {"incidents", "knocked_ms"}
    return HubRow(incidents=incidents, knocked_ms=knocked_ms, **hub.model_dump(include=names))


def _incidents(session: Session, organisation_id: str, names: dict[str, str]) -> list[Incident]:
    query = select(HubIncident).where(HubIncident.organisation_id == organisation_id)
    newest = session.exec(query.order_by(col(HubIncident.id).desc()).limit(INCIDENTS_SHOWN_MAX))
    return [Incident(hub=names[one.hub_id], device=one.device_id, reason=one.reason, at_ms=one.at_ms) for one in newest]


def _enrolled(session: Session, organisation_id: str, hubs: dict[str, str]) -> list[EnrolledAtHub]:
    query = select(HubAdded).where(HubAdded.organisation_id == organisation_id, HubAdded.kind == AdditionKind.LEARNER)
    newest = session.exec(query.order_by(col(HubAdded.id).desc()).limit(ENROLLED_SHOWN_MAX)).all()
    known = named(session, {one.learner_id for one in newest} | {one.namesake_id for one in newest})
    return [
        EnrolledAtHub(
            learner=known[one.learner_id],
            hub=hubs[one.hub_id],
            at_ms=one.at_ms,
            namesake=known.get(one.namesake_id),
        )
        for one in newest
    ]


def here(session: Session) -> HubHere:
    """This server as a hub. Raises `NotFound` where it is none."""
    row = upstream_of(session)
    if row is None:
        raise errors.NotFound("hub", "of this address", "This server has no upstream.")
    connection = session.connection()
    state = cargo.state(connection, row.epoch)
    refused = cargo.refused(connection)
    return HubHere(
        name=row.name,
        upstream=row.url,
        last_uplink_ms=row.last_uplink_ms,
        last_error=row.last_error,
        last_error_detail=row.last_error_detail,
        waiting=state.waiting,
        oldest_cargo_ms=now_ms() - 1_000 * state.oldest_seconds if state.waiting else None,
        added=_waiting(session, row.epoch),
        refused=[RefusedWork(refused=code, count=count) for code, count in sorted(refused.items())],
    )


def _waiting(session: Session, epoch: bytes) -> list[WaitingAddition]:
    not_there = select(HubAddition, Learner.name).join(Learner).where(HubAddition.delivered_epoch != epoch)
    shown = not_there.where(
        HubAddition.kind != AdditionKind.CODE
    )  # a code goes with its learner, and tells nobody more
    refused_first = shown.order_by(col(HubAddition.refused) == "", col(HubAddition.id)).limit(ADDITIONS_SHOWN_MAX)
    return [
        WaitingAddition(
            kind=AdditionKind(one.kind),
            learner=Named(id=one.learner_id, name=name),
            course=one.subject,
            refused=one.refused,
            added_ms=one.added_ms,
        )
        for one, name in session.exec(refused_first)
    ]
