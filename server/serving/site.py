"""The app's built files. Two pages: the learner's at / and the consoles' at /trainer and /admin; every other address
without a file is a place inside one of them.

A page may load nothing from elsewhere and run no script that is not a file of ours. Its files keep their forms
compressed beside them (.br, .gz), made when the app was built.
"""

import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from server.serving.encodings import accepted

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "worker-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
PAGE_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "no-referrer",
    # The camera reads a trainer's QR code; nothing else of the phone is any business of ours.
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
IMMUTABLE = "public, max-age=31536000, immutable"
CONSOLES = ("trainer", "admin")
SUFFIXES = {"br": ".br", "gzip": ".gz"}
TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
NOT_BUILT = """<!doctype html><html lang="en"><title>Tiffin</title><h1>The app is not built yet</h1>
<p>The server runs, but the app's files are missing. Stop it and run <code>make demo</code>, which builds them.</p>"""


@dataclass(frozen=True, slots=True)
class Site:
    folder: Path
    media_origin: str = ""  # where media lies when it is not here: pages may fetch from there too

    def reply(self, path: str, request: Request) -> Response:
        """The file at a path, or the page that the path is a place in."""
        found = self._file(path) or self._page(path)
        if found is None:
            return Response("Not found", 404, media_type="text/plain")
        if not found.is_file():
            return HTMLResponse(NOT_BUILT, 503, {"Cache-Control": "no-store", **PAGE_HEADERS})
        return self._served(found, request)

    def _file(self, path: str) -> Path | None:
        root = self.folder.resolve()
        try:
            wanted = (root / path).resolve()
            inside = wanted.is_relative_to(root) and wanted != root
            return wanted if inside and wanted.is_file() and wanted.suffix not in SUFFIXES.values() else None
        except (OSError, ValueError):  # a name that no file can have: too long, or with NUL in it
            return None

    def _page(self, path: str) -> Path | None:
        first, _, _ = path.partition("/")
        if "." in path.rpartition("/")[2]:
            return None  # a missing file is missing: a page in its place would be cached as a script
        return self.folder / ("console.html" if first in CONSOLES else "index.html")

    def _served(self, found: Path, request: Request) -> Response:
        headers = self._headers(found)
        if headers["ETag"] in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        content, encoding = _smallest(found, request.headers.get("accept-encoding", ""))
        if encoding:
            headers["Content-Encoding"] = encoding
        return Response(content, headers=headers)

    def _headers(self, found: Path) -> dict[str, str]:
        lasting = found.parent.name == "assets"  # Vite puts the content's hash into these names
        headers = {
            "Content-Type": TYPES.get(found.suffix)
            or mimetypes.guess_type(found.name)[0]
            or "application/octet-stream",
            "Cache-Control": IMMUTABLE if lasting else "no-cache",
            "ETag": f'"{hashlib.sha256(found.read_bytes()).hexdigest()[:16]}"',
            "X-Content-Type-Options": "nosniff",
            "Vary": "Accept-Encoding",
        }
        return headers | (self._page_headers() if found.suffix == ".html" else {})

    def _page_headers(self) -> dict[str, str]:
        if not self.media_origin:
            return PAGE_HEADERS
        policy = CONTENT_SECURITY_POLICY
        for what in ("img-src", "media-src", "connect-src"):
            policy = policy.replace(f"{what} 'self'", f"{what} 'self' {self.media_origin}")
        return PAGE_HEADERS | {"Content-Security-Policy": policy}


def _smallest(found: Path, accept: str) -> tuple[bytes, str]:
    for encoding in accepted(accept):
        beside = found.with_name(found.name + SUFFIXES[encoding])
        if beside.is_file():
            return beside.read_bytes(), encoding
    return found.read_bytes(), ""
