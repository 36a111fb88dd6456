"""What a phone asks for: to join, and to exchange (docs/protocol.md)."""

from fastapi import APIRouter, Request, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from server import errors
from server.problems import ANSWERS, known, refusals
from server.routes.given import Given, Writing, body_of, parts_of
from server.shapes.joining import Joined, JoinRequest
from sync import errors as sync
from sync.limits import REQUEST_BYTES_MAX

OCTETS = "application/octet-stream"
EXCHANGE = "/v1/exchange"


router = APIRouter(prefix="/v1", tags=["phone"])
_REFUSED = refusals(
    sync.Malformed,
    sync.Truncated,
    sync.UnsupportedVersion,
    sync.BadSignature,
    sync.UnknownDevice,
    sync.RevokedDevice,
    errors.BodyTooLarge,
    sync.Busy,
    errors.NotReady,
)
_BINARY = {"content": {OCTETS: {"schema": {"type": "string", "format": "binary"}}}}


@router.post(
    "/join",
    status_code=201,
    responses=refusals(errors.CodeUnknown, errors.CodeExpired, errors.BadKey, errors.TooManyTries),
)
def join(request: JoinRequest, http: Request, parts: Given, session: Writing) -> Joined:
    """Binds a new device to the learner whose code it shows, once it proves that it holds its key."""
    parts.join_limit.check(_address(http))
    try:
        return parts.joining.join(session, request)
    except errors.CodeUnknown:
        parts.join_limit.count(_address(http))
        raise


async def exchange(http: Request) -> Response:
    """One request and one reply that bring a phone and the server to the same state. The request signs itself."""
    parts = parts_of(http)
    body = await body_of(http, bytes_max=REQUEST_BYTES_MAX)
    with parts.metrics.exchange(len(body)) as counted:
        counted.reply = reply = await parts.exchange.exchange(body)
    return Response(reply, media_type=OCTETS)


router.add_api_route(
    "/exchange",
    exchange,
    methods=["POST"],
    response_class=Response,
    responses={200: {"description": "The reply.", **_BINARY}, **_REFUSED},
    openapi_extra={"requestBody": {"required": True, **_BINARY}},
)


class ExchangeLane:
    """Exchanges go straight to `exchange`: to find it among all routes and to learn what it is to be given would cost
    0.1 ms, a fifteenth of all that the server may spend on one. The route above describes it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != EXCHANGE or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        http = Request(scope, receive)
        try:
            response = await exchange(http)
        except tuple(ANSWERS) as error:
            response = await known(http, error)
        await response(scope, receive, send)


def _address(http: Request) -> str:
    return http.client.host if http.client else "unknown"
