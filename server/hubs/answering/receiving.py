"""What a hub brings, taken as if each device had come itself: its own signature is checked, not the hub's word.

What is not as its device signed it is kept as an incident and not taken; the hub is told, and asks its phones again.
"""

from collections.abc import Sequence
from hashlib import sha256

from sqlmodel import Session

from server import errors
from server.database import Database
from server.exchange.carried import outcomes
from server.exchange.service import ExchangeService, Taken
from server.log.entries import insert_once
from server.people.joining import Joining
from server.problems import answer_to
from server.shapes.hubs import Answered, CargoAnswer, CarriedJoin, HubState
from server.tables import Hub, HubIncident
from server.tables.core import table_of
from server.tables.ids import now_ms
from sync import errors as sync
from sync.wire import Verdict, read_request

INCIDENT = table_of(HubIncident)
BUSY = "busy"
# A hub lets a phone in only when it knows it and its signature is good, so these say that its copy was changed since;
# or, of a device that is not known, that a backup was put back here: either is for an administrator to see.
ALTERED = (
    *(sync.BadSignature, sync.UnknownDevice),
    *(sync.Malformed, sync.Truncated, sync.UnsupportedVersion, sync.TooLarge),
)


async def take_cargo(
    service: ExchangeService, database: Database, hub: Hub, parts: Sequence[bytes]
) -> list[CargoAnswer]:
    """An answer for every part; what has an empty code is durable here."""
    answers, altered = [], []
    async for body, outcome in outcomes(service, parts, hub.organisation_id):
        answers.append(CargoAnswer(request=sha256(body).hexdigest(), code=_code(outcome)))
        if isinstance(outcome, ALTERED):
            altered.append((body, answers[-1].code))
    if altered:
        with database.writing() as session:
            for body, code in altered:
                note_incident(session, hub, body, code, _device_in(body))
    return answers


def _code(outcome: Taken | sync.SyncError) -> str:
    if isinstance(outcome, sync.SyncError):
        return answer_to(outcome).code
    return BUSY if any(one.verdict is Verdict.LATER for one in outcome.admitted.set_aside) else ""


def take_join(session: Session, hub: Hub, joining: Joining, join: CarriedJoin) -> Answered:
    """A joining that a hub saw. Its words are the phone's own, and are checked here again."""
    try:
        joining.join_at_hub(session, join, hub.organisation_id)
    except errors.TiffinError as error:
        code = answer_to(error).code
        if isinstance(error, errors.BadKey):
            note_incident(session, hub, join.model_dump_json().encode(), code, "")
        return Answered(code=code)
    return Answered(code="")


def note_incident(session: Session, hub: Hub, body: bytes, reason: str, device: str) -> None:
    row = {
        "organisation_id": hub.organisation_id,
        "hub_id": hub.id,
        "device_id": device,
        "reason": reason,
        "hash": sha256(body).digest(),
        "body": body,
        "at_ms": now_ms(),
    }
    insert_once(session.connection(), INCIDENT, [row])


def note_state(session: Session, hub: Hub, state: HubState) -> None:
    """What the hub says of itself; ages, since its clock may be wrong."""
    hub.last_uplink_ms = now_ms()
    hub.waiting, hub.refused = state.waiting, state.refused
    hub.oldest_cargo_ms = now_ms() - 1_000 * state.oldest_seconds if state.waiting else None
    session.add(hub)


def _device_in(body: bytes) -> str:
    try:
        return read_request(body).header.device.hex()
    except sync.SyncError:
        return ""
