"""The FastAPI application: its routes, its description, its log line for each request.

It is given its parts by `running`; without them it still describes itself.
"""

import logging
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server import errors, problems
from server.routes import (
    administration,
    content,
    grading,
    hubs,
    pages,
    phone,
    pictures,
    probes,
    search,
    session,
    trainer,
    xapi,
)

DESCRIPTION = """
Tiffin packs courses where there is a network and lets people learn where there is none.

Phones use `/v1/join`, `/v1/exchange` and the content addresses; they carry no cookie. The consoles sign in with a
cookie, and changes are only taken from the console's own origin. Every refusal is a problem (RFC 9457) with a `code`
for programs and a `detail` that says what to do. Times are milliseconds since 1970; scores are thousandths of a point.
"""
TAGS = [
    {"name": "phone", "description": "Join and exchange. See docs/protocol.md."},
    {"name": "content", "description": "Objects and releases, immutable. See docs/bundle-format.md."},
    {"name": "session", "description": "Sign in and out."},
    {"name": "trainer", "description": "Learners, courses, results. For trainers and administrators."},
    {"name": "administrator", "description": "Devices and what needs doing. For administrators."},
    {"name": "hub", "description": "Between a hub and its upstream; signed by the hub's key."},
    {"name": "health", "description": "Probes and metrics."},
]
QUIET = ("/livez", "/readyz", "/metrics")  # asked every few seconds by machines

log = logging.getLogger("server.requests")
Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def create_app(lifespan: Lifespan | None = None) -> FastAPI:
    app = FastAPI(
        title="Tiffin",
        version=version("tiffin"),
        description=DESCRIPTION,
        openapi_tags=TAGS,
        lifespan=lifespan,
        generate_unique_id_function=_operation_name,
        openapi_url="/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    for part in (
        phone,
        content,
        session,
        trainer,
        search,
        grading,
        administration,
        pictures,
        hubs,
        xapi,
        probes,
        pages,
    ):
        app.include_router(part.router)
    problems.install(app)
    app.add_middleware(StorableAddress)
    app.add_middleware(phone.ExchangeLane)
    app.add_middleware(RequestLog)
    return app


def describe() -> dict[str, Any]:
    """The OpenAPI description. Needs no database and no settings."""
    return create_app().openapi()


def _operation_name(route: APIRoute) -> str:
    return route.name


class StorableAddress:
    """Refuses addresses with NUL in them, which PostgreSQL takes in no comparison: nothing is named so."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and ("\0" in scope["path"] or b"%00" in scope["query_string"]):
            refused = problems.ANSWERS[errors.DoesNotFit]
            await problems.problem(refused, "Nothing here has NUL in its name.")(scope, receive, send)
            return
        await self._app(scope, receive, send)


class RequestLog:
    """One line for each request: method, path, status, milliseconds. The query is left out: it may hold a name."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in QUIET:
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 0

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _harden(scope["path"], message)
            await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            took = round((time.perf_counter() - began) * 1000, 1)
            log.info("request", extra={"method": scope["method"], "path": scope["path"], "status": status, "ms": took})


def _harden(path: str, message: Message) -> None:
    """What the consoles are told is private: no cache may keep it. A phone's reply stays as small as it is."""
    private = path.startswith("/v1/") and not path.startswith(("/v1/exchange", "/v1/objects/", "/v1/releases/"))
    if private:
        message["headers"] = [
            *message["headers"],
            (b"cache-control", b"no-store"),
            (b"x-content-type-options", b"nosniff"),
        ]
