"""A hub's consoles show what there is; what changes it is done at the upstream, or it would be undone from there."""

from starlette.requests import Request

from server.errors import OnlyUpstream

READING = ("GET", "HEAD")
# Who signs in, does so here; and files are brought to a hub as well: they travel up like what came by radio.
HERE_TOO = ("/v1/sign-in", "/v1/sign-out", "/v1/carried")


def require_upstream(request: Request) -> None:
    """Raises `OnlyUpstream` for a change at a hub."""
    parts = getattr(request.app.state, "parts", None)
    if parts and parts.inviting.hub_of and request.method not in READING and request.url.path not in HERE_TOO:
        raise OnlyUpstream("This is a hub. Change it at the upstream's console; it comes here with the next round.")
