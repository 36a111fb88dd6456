"""The FastAPI application: its routes, its description, its middleware. It is given its parts by `composition`."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from server import problems
from server.routes import administration, content, phone, probes, session, trainer

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
    {"name": "health", "description": "Probes and metrics."},
]

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
    for part in (phone, content, session, trainer, administration, probes):
        app.include_router(part.router)
    problems.install(app)
    return app


def describe() -> dict[str, Any]:
    """The OpenAPI description. Needs no database and no settings."""
    return create_app().openapi()


def _operation_name(route: APIRoute) -> str:
    return route.name
