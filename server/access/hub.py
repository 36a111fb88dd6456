"""A hub's consoles show what there is, and enrol; what else changes it is done at the upstream, or it would be undone
from there."""

import re

from starlette.requests import Request

from server.errors import OnlyUpstream

READING = ("GET", "HEAD")
# Who signs in, does so here; files are brought to a hub as well, and learners enrolled: that travels up like what came
# by radio.
HERE_TOO = re.compile(
    r"/v1/(sign-in|sign-out|carried|class-lists(/preview)?|learners(/[^/]+/(join-codes|enrolments))?)",
)


def require_upstream(request: Request) -> None:
    """Raises `OnlyUpstream` for a change at a hub."""
    parts = getattr(request.app.state, "parts", None)
    if parts and parts.inviting.hub_of and request.method not in READING and not HERE_TOO.fullmatch(request.url.path):
        raise OnlyUpstream("This is a hub. Change it at the upstream's console; it comes here with the next round.")
