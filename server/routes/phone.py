"""What a phone asks for: to join, and to exchange (docs/protocol.md)."""

from fastapi import APIRouter, Request, Response

from server import errors
from server.people import joining
from server.problems import refusals
from server.routes.given import Given, Writing, body_of
from server.shapes.joining import Joined, JoinRequest

EXCHANGE_BYTES_MAX = 1 << 20  # a year of one learner's work is below this; a phone with more sends in parts
OCTETS = "application/octet-stream"

router = APIRouter(prefix="/v1", tags=["phone"])
_BINARY = {"content": {OCTETS: {"schema": {"type": "string", "format": "binary"}}}}


@router.post(
    "/join",
    status_code=201,
    responses=refusals(errors.CodeUnknown, errors.CodeExpired, errors.BadKey, errors.TooManyTries),
)
def join(request: JoinRequest, http: Request, parts: Given, session: Writing) -> Joined:
    """Binds a new device to the learner whose code it shows, once it proves that it holds its key."""
    parts.join_limit.count(_address(http))
    return joining.join(session, request, parts.joining)


@router.post(
    "/exchange",
    response_class=Response,
    responses={200: {"description": "The reply.", **_BINARY}, **refusals(errors.BodyTooLarge, errors.NotReady)},
    openapi_extra={"requestBody": {"required": True, **_BINARY}},
)
async def exchange(http: Request, parts: Given) -> Response:
    """One request and one reply that bring a phone and the server to the same state. The request signs itself."""
    reply = await parts.exchange.exchange(await body_of(http, bytes_max=EXCHANGE_BYTES_MAX))
    return Response(reply, media_type=OCTETS, headers={"Cache-Control": "no-store"})


def _address(http: Request) -> str:
    return http.client.host if http.client else "unknown"
