"""Hubs as an administrator watches them: an organisation has some fifty, so all of them are read and put in order."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import func
from sqlmodel import Session, col, select

from server import errors
from server.hubs.asking import cargo
from server.people.upward import upstream_of
from server.reports.conflicts import named
from server.reports.paging import PageAsked
from server.shapes.common import Named
from server.shapes.hubs import (
    EnrolledAtHub,
    HubFilter,
    HubHere,
    HubOrder,
    HubPage,
    HubRow,
    Incident,
    RefusedWork,
    WaitingAddition,
)
from server.tables import AdditionKind, Hub, HubAdded, HubAddition, HubEndedKey, HubIncident, Learner
from server.tables.ids import now_ms

SILENT_MS = 72 * 3_600_000  # what a hub carries is to be home within three days
# What is well comes after all that needs somebody, and before what an administrator ended.
PLACES = {name: place for place, name in enumerate((*list(HubFilter)[:-1], None, HubFilter.REVOKED))}
INCIDENTS_SHOWN_MAX = 50  # the newest; more say nothing new about a hub
ENROLLED_SHOWN_MAX = 100  # the newest; the list of learners has all
ADDITIONS_SHOWN_MAX = 200  # of a hub itself: more wait only where no network was found for weeks


@dataclass(frozen=True, slots=True)
class Question:
    search: str = ""
    show: HubFilter | None = None
    order: HubOrder = HubOrder.NEED
    descending: bool = False


@dataclass(frozen=True)
class Watched:
    """A hub with what it did. `knocked_ms`: when one of its ended keys was shown last, since it joined."""

    hub: Hub
    incidents: int
    knocked_ms: int | None
    now_ms: int

    @property
    def heard_ms(self) -> int:
        """A hub that never spoke counts from its joining, one that has not joined from when it was added."""
        return self.hub.last_uplink_ms or self.hub.joined_ms or self.hub.added_ms

    @cached_property
    def fits(self) -> list[HubFilter]:
        """What an administrator finds it by, in the order of need. A revoked one needs nobody unless it comes again."""
        hub, is_working = self.hub, bool(self.hub.joined_ms and not self.hub.revoked_ms)
        known = {
            HubFilter.KNOCKED: self.knocked_ms is not None,
            HubFilter.ALTERED: is_working and self.incidents > 0,
            HubFilter.SILENT: is_working and self.now_ms - self.heard_ms > SILENT_MS,
            HubFilter.REFUSED: is_working and hub.refused > 0,
            HubFilter.NOT_JOINED: not hub.joined_ms and not hub.revoked_ms,
            HubFilter.WAITING: is_working and hub.waiting > 0,
            HubFilter.REVOKED: hub.revoked_ms is not None,
        }
        return [name for name, is_so in known.items() if is_so]

    def place(self, order: HubOrder) -> tuple[int, int]:
        if order is HubOrder.NEED:
            return PLACES[self.fits[0] if self.fits else None], self.heard_ms
        by = {HubOrder.NAME: 0, HubOrder.LAST_UPLINK: self.hub.last_uplink_ms or 0, HubOrder.WAITING: self.hub.waiting}
        return by[order], 0


def page(session: Session, organisation_id: str, asked: Question, at: PageAsked) -> HubPage:
    everyone = watched(session, organisation_id)
    found = _found(everyone, asked)
    names = {one.hub.id: one.hub.name for one in everyone}
    return HubPage(
        hubs=len(everyone),
        total=len(found),
        offset=at.offset,
        limit=at.limit,
        items=[_row(one) for one in found[at.offset : at.offset + at.limit]],
        incidents=_incidents(session, organisation_id, names),
        enrolled=_enrolled(session, organisation_id, names),
    )


def watched(session: Session, organisation_id: str) -> list[Watched]:
    """By name."""
    counted, knocked = incidents_by_hub(session, organisation_id), knocked_by_hub(session, organisation_id)
    now = now_ms()
    hubs = of(session, organisation_id)
    return [Watched(one, counted.get(one.id, 0), knocked.get(one.id), now) for one in hubs]


def _found(everyone: Iterable[Watched], asked: Question) -> list[Watched]:
    part = asked.search.casefold()
    found = [one for one in everyone if part in one.hub.name.casefold() and asked.show in (None, *one.fits)]
    if asked.order is HubOrder.NAME:
        return found[::-1] if asked.descending else found
    return sorted(found, key=lambda one: one.place(asked.order), reverse=asked.descending)


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


def _row(one: Watched) -> HubRow:
    named = {"incidents", "knocked_ms", "fits"}
    known = one.hub.model_dump(include=set(HubRow.model_fields) - named)
    return HubRow(incidents=one.incidents, knocked_ms=one.knocked_ms, fits=one.fits, **known)


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
