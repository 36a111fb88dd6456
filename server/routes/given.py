"""What routes are given: the parts, a database session, who asks, and which page of a list."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, Query, Request
from sqlmodel import Session

from server import errors
from server.access.hub import require_upstream
from server.access.origin import require_same_origin
from server.access.sessions import COOKIE
from server.parts import Parts
from server.people import accounts
from server.people.accounts import SignedIn
from server.reports.paging import PageAsked
from server.tables import Role

PAGE_ITEMS_MAX = 200  # more rows than a person reads; keeps a reply below 100 KB


def parts_of(request: Request) -> Parts:
    parts: Parts | None = getattr(request.app.state, "parts", None)
    if parts is None:
        raise errors.NotReady("The server is starting or ending. Try again in a moment.")
    return parts


Given = Annotated[Parts, Depends(parts_of)]


def _reading(parts: Given) -> Iterator[Session]:
    with parts.database.reading() as session:
        yield session


def _writing(parts: Given) -> Iterator[Session]:
    with parts.database.writing() as session:
        yield session


def _may_change(request: Request) -> None:
    require_same_origin(request)
    require_upstream(request)


# Scope "function" ends the transaction before the reply leaves: what is answered is durable.
Reading = Annotated[Session, Depends(_reading, scope="function")]
Writing = Annotated[Session, Depends(_writing, scope="function")]
SameOrigin = Depends(_may_change)


def _signed_in(request: Request, parts: Given) -> SignedIn:
    claim = parts.cookies.read(request.cookies.get(COOKIE, ""))
    with parts.database.reading() as session:
        return accounts.signed_in(session, claim)


def _administrator(who: Annotated[SignedIn, Depends(_signed_in)]) -> SignedIn:
    if who.role is not Role.ADMINISTRATOR:
        raise errors.NotAllowed("Only an administrator may see this. Ask one, or sign in as one.")
    return who


Trainer = Annotated[SignedIn, Depends(_signed_in)]
Administrator = Annotated[SignedIn, Depends(_administrator)]


def _page(
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0, limit: Annotated[int, Query(ge=1, le=PAGE_ITEMS_MAX)] = 50
) -> PageAsked:
    return PageAsked(offset, limit)


Page = Annotated[PageAsked, Depends(_page)]


async def body_of(request: Request, *, bytes_max: int) -> bytes:
    """The request's body, or `BodyTooLarge` as soon as it is known to be, without reading on."""
    if _announced(request) > bytes_max:
        raise errors.BodyTooLarge(bytes_max)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > bytes_max:
            raise errors.BodyTooLarge(bytes_max)
    return bytes(body)


def _announced(request: Request) -> int:
    """How long the body says it is; 0 where it does not say, or says no number: then it is counted as it comes."""
    try:
        return int(request.headers.get("content-length") or 0)
    except ValueError:
        return 0
