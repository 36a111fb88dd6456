"""What hubs ask of their upstream, each request signed by the hub's own key (docs/protocol.md, Hubs); and what an
administrator sees and does about hubs."""

import asyncio
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import ValidationError

from server import errors
from server.hubs.answering import entries, receiving, registry
from server.hubs.answering.adding import Adding
from server.hubs.answering.ended_keys import knocks_noted
from server.hubs.answering.enrolling import Hubs, caller, revoke
from server.hubs.asking.upstream import packed
from server.hubs.signing import HUB, SIGNATURE
from server.problems import refusals
from server.reports import hubs as hub_report
from server.routes.given import Administrator, Given, Page, Reading, SameOrigin, Trainer, Writing, body_of, parts_of
from server.routes.tables import SEARCH
from server.shapes.common import Shape
from server.shapes.hubs import (
    Answers,
    CargoAnswers,
    CarriedAdditions,
    CarriedJoins,
    EntriesAsked,
    HubFilter,
    HubHere,
    HubJoined,
    HubJoinRequest,
    HubOrder,
    HubPage,
    RegistryAsked,
)
from server.tables import Hub
from sync import errors as sync
from sync.carried import Kind, read_carried
from sync.limits import REQUEST_BYTES_MAX

router = APIRouter(prefix="/v1", tags=["hub"])
BODY_BYTES_MAX = 2 * REQUEST_BYTES_MAX  # a batch is a quarter of it, or one request that is as large as they come
PACKED = "application/octet-stream"
_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {"description": "JSON, deflated (zlib).", "content": {PACKED: {"schema": {"type": "string"}}}}
}
_REFUSED = refusals(
    sync.BadSignature, sync.UnknownDevice, sync.RevokedDevice, sync.Malformed, errors.BodyTooLarge, errors.NotReady
)
AskedShape = TypeVar("AskedShape", bound=Shape)


class Asked:
    """A hub's request, once it is known to be that hub's."""

    def __init__(self, hub: Hub, body: bytes) -> None:
        self.hub = hub
        self.body = body

    def read(self, shape: type[AskedShape]) -> AskedShape:
        try:
            return shape.model_validate_json(self.body)
        except ValidationError as error:
            raise sync.Malformed("The hub's request cannot be read. Update the hub or this server.") from error


async def _asked(http: Request, parts: Given) -> Asked:
    body = await body_of(http, bytes_max=BODY_BYTES_MAX)
    return await asyncio.to_thread(_known, http, body)


def _known(http: Request, body: bytes) -> Asked:
    hub_id, signature = (http.headers.get(name, "") for name in (HUB, SIGNATURE))
    database = parts_of(http).database
    with knocks_noted(database), database.reading() as session:
        return Asked(caller(session, hub_id, http.url.path, body, signature), body)


FromHub = Annotated[Asked, Depends(_asked)]


@router.post(
    "/hub/join",
    status_code=201,
    responses=refusals(errors.CodeUnknown, errors.CodeExpired, sync.RevokedDevice, errors.BadKey, errors.TooManyTries),
)
def join_hub(request: HubJoinRequest, http: Request, parts: Given) -> HubJoined:
    """Binds a hub's key to the hub that an administrator added, by its one-time code."""
    address = http.client.host if http.client else "unknown"
    parts.join_limit.check(address)
    try:
        with knocks_noted(parts.database), parts.database.writing() as session:
            return Hubs(parts.keys).join(session, request)
    except errors.CodeUnknown:
        parts.join_limit.count(address)
        raise


@router.post("/hub/registry", response_class=Response, responses={**_ANSWER, **_REFUSED})
def read_registry(asked: FromHub, parts: Given, session: Reading) -> Response:
    """The sections of the organisation's registry that the hub does not hold as they are now."""
    have = asked.read(RegistryAsked).have
    here = registry.sections(session, asked.hub.organisation_id, parts.keys, parts.joining.push_key)
    return _packed(registry.changed(here, have))


@router.post("/hub/entries", response_class=Response, responses={**_ANSWER, **_REFUSED})
def read_entries(asked: FromHub, parts: Given, session: Writing) -> Response:
    """The next page of what phones are told; the hub says what waits on it."""
    wanted, epoch = asked.read(EntriesAsked), parts.exchange.epoch
    receiving.note_state(session, session.get_one(Hub, asked.hub.id), wanted.state)
    cursor, held = (wanted.cursor, wanted.held) if wanted.epoch == epoch.hex() else (0, {})
    page = entries.page(session.connection(), asked.hub.organisation_id, cursor, held)
    return _packed({"epoch": epoch.hex(), **page})


@router.post("/hub/additions", response_class=Response, responses={**_ANSWER, **_REFUSED})
def take_additions(asked: FromHub, parts: Given, session: Writing) -> Response:
    """Learners, enrolments and codes that were added at the hub: taken once, and never changing what is here."""
    additions = asked.read(CarriedAdditions).additions
    answers = Adding(session, asked.hub, parts.inviting, parts.outlines, parts.keys).take(additions)
    return _packed(Answers(epoch=parts.exchange.epoch.hex(), answers=answers).model_dump())


@router.post("/hub/joins", response_class=Response, responses={**_ANSWER, **_REFUSED})
def take_joins(asked: FromHub, parts: Given, session: Writing) -> Response:
    """Joinings that the hub saw, in the phones' own signed words."""
    joins = asked.read(CarriedJoins).joins
    answers = [receiving.take_join(session, asked.hub, parts.joining, one) for one in joins]
    parts.exchange.devices.forget()  # who was unknown a moment ago may be known now
    return _packed(Answers(epoch=parts.exchange.epoch.hex(), answers=answers).model_dump())


@router.post("/hub/cargo", response_class=Response, responses={**_ANSWER, **_REFUSED})
async def take_cargo(asked: FromHub, parts: Given) -> Response:
    """Requests of many devices as the hub got them: a carried file. What is answered without a code is durable."""
    carried = await asyncio.to_thread(read_carried, asked.body)
    if carried.kind is not Kind.REQUESTS or not carried.is_whole:
        raise sync.Malformed("This is no whole file of requests. Send it again.")
    answers = await receiving.take_cargo(parts.exchange, parts.database, asked.hub, carried.parts)
    return _packed(CargoAnswers(epoch=parts.exchange.epoch.hex(), answers=answers).model_dump())


def _packed(told: object) -> Response:
    return Response(packed(told), media_type=PACKED)


@router.get("/hub", responses=refusals(errors.NotSignedIn, errors.NotFound))
def read_hub(who: Trainer, session: Reading) -> HubHere:
    """This server as a hub: its last round, and what its upstream has not or will not have."""
    return hub_report.here(session)


@router.get("/hubs", responses=refusals(errors.NotSignedIn, errors.NotAllowed))
def list_hubs(
    who: Administrator,
    session: Reading,
    page: Page,
    search: Annotated[str, SEARCH, Query(description="Part of a name.")] = "",
    show: Annotated[HubFilter | None, Query(alias="filter", description="Only hubs of which this is so.")] = None,
    order: HubOrder = HubOrder.NEED,
    descending: bool = False,
) -> HubPage:
    """Hubs with their last uplink, what waits on them, and what they brought that was not as a device signed it; those
    that need a person come first."""
    asked = hub_report.Question(search=search, show=show, order=order, descending=descending)
    return hub_report.page(session, who.organisation_id, asked, page)


@router.post(
    "/hubs/{hub}/revoke",
    status_code=204,
    dependencies=[SameOrigin],
    responses=refusals(errors.NotSignedIn, errors.NotAllowed, errors.NotFound, errors.CrossOrigin),
)
def revoke_hub(hub: Annotated[str, Path(max_length=32)], who: Administrator, session: Writing) -> None:
    """Ends a hub's right to ask and to bring: the laptop was lost. What it brought stays."""
    revoke(session, who.organisation_id, hub)
