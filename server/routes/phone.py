"""What a phone asks for: to join, and to exchange (docs/protocol.md)."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute

from server import errors
from server.problems import refusals
from server.routes.given import Given, Writing, body_of, parts_of
from server.shapes.joining import Joined, JoinRequest
from sync import errors as sync
from sync.limits import REQUEST_BYTES_MAX

OCTETS = "application/octet-stream"


class LeanRoute(APIRoute):
    """A route that is described like any other and called with the request alone: finding out what an endpoint is
    given would cost an exchange as much as reading it."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler: Callable[[Request], Coroutine[Any, Any, Response]] = self.endpoint
        return handler


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
    route_class_override=LeanRoute,
)


def _address(http: Request) -> str:
    return http.client.host if http.client else "unknown"
