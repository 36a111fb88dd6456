"""Photographs that answer a question: brought by phones in pieces (docs/protocol.md, "Pictures"), shown to trainers."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from starlette.concurrency import run_in_threadpool

from server import errors
from server.pictures import sender, shown_of, take
from server.problems import refusals
from server.routes.given import Given, Reading, Trainer, body_of, parts_of
from server.shapes.pictures import PictureHeld
from sync import errors as sync
from sync.pictures import REQUEST_BYTES_MAX, read_piece
from sync.wire import Tier

router = APIRouter(prefix="/v1")
LearnerId = Annotated[str, Path(max_length=32, examples=["9f1c2b7d5e3a4811"])]
Sha256 = Annotated[str, Path(pattern="^[0-9a-f]{64}$", examples=["5f" * 32])]
_PIECE = {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
_IMAGE = {"content": {"image/webp": {"schema": {"type": "string", "format": "binary"}}}}


@router.post(
    "/pictures",
    tags=["phone"],
    responses=refusals(
        sync.Malformed,
        sync.Truncated,
        sync.UnsupportedVersion,
        sync.BadSignature,
        sync.UnknownDevice,
        sync.RevokedDevice,
        sync.TooLarge,
        sync.Busy,
        errors.NotFound,
        errors.NotReady,
    ),
    openapi_extra={"requestBody": {"required": True, **_PIECE}},
)
async def take_piece(http: Request) -> PictureHeld:
    """A piece of a photograph that an attempt named. An empty piece asks how much is here. The piece signs itself."""
    parts = parts_of(http)
    parts.exchange.check(Tier.BATCHED)
    piece = read_piece(await body_of(http, bytes_max=REQUEST_BYTES_MAX))
    author = sender(parts.exchange.devices, piece)
    held = await run_in_threadpool(take, parts.database, author, piece)
    return PictureHeld(held=held.held, state=held.state)


@router.get(
    "/learners/{learner}/pictures/{digest}",
    tags=["trainer"],
    response_class=Response,
    responses={200: {"description": "The photograph.", **_IMAGE}, **refusals(errors.NotSignedIn, errors.NotFound)},
)
def read_picture(learner: LearnerId, digest: Sha256, who: Trainer, _: Given, session: Reading) -> Response:
    """What a learner answered with, made anew from its pixels: no word of where and when is left in it."""
    found = shown_of(session, who.organisation_id, learner, digest)
    return Response(found, media_type="image/webp")
