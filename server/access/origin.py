"""Changes are taken from our own pages only. `Sec-Fetch-Site` (Fetch Metadata) says so; browsers without it send
`Origin` with every POST. A request with neither is no browser that carries our cookie, and is refused.
"""

from urllib.parse import urlsplit

from starlette.requests import Request

from server import errors


def require_same_origin(request: Request) -> None:
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin", "")
    same = site == "same-origin" if site else _host(origin) == request.headers.get("host", "-")
    if not same:
        raise errors.CrossOrigin("Changes are only taken from Tiffin's own pages. Open the console and try there.")


def _host(origin: str) -> str:
    try:
        return urlsplit(origin).netloc
    except ValueError:  # no browser writes half an IPv6 address
        return ""
