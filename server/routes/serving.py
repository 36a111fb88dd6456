"""Objects and packs as HTTP replies: immutable, by range, compressed where that pays."""

import time
from collections.abc import Iterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from offline_bundles import FolderStore, ObjectStore
from offline_bundles.errors import MissingObject
from server import errors
from server.courses.updates import Updates
from server.serving.encodings import Compressed, accepted
from server.serving.ranges import Span, asked_span

IMMUTABLE = {"Cache-Control": "public, max-age=31536000, immutable"}
TYPES = {
    "webp": "image/webp",
    "mp4": "video/mp4",
    "m3u8": "application/vnd.apple.mpegurl",
    "json": "application/json",
    "vtt": "text/vtt; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
}
TEXTS = frozenset({"m3u8", "json", "vtt", "html"})
COMPRESSED_BYTES_MAX = 1 << 20  # texts above are no texts
CHUNK_BYTES = 256 << 10
SAFE = {
    "X-Content-Type-Options": "nosniff",
    # An object is a course's, not ours: opened by itself it may run nothing.
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
}


def object_response(store: FolderStore, digest: str, extension: str, http: Request, compressed: Compressed) -> Response:
    """The object, or the range of it that was asked for. Raises `NotFound`, `RangeNotThere`."""
    try:
        size = store.size(digest)
    except MissingObject as error:
        raise errors.NotFound("object", digest, "Ask for it at the next exchange again.") from error
    store.used(digest, at=time.time())
    kind = TYPES.get(extension, "application/octet-stream")
    headers = {**IMMUTABLE, **SAFE, "ETag": f'"{digest}"', "Accept-Ranges": "bytes", "Content-Type": kind}
    if f'"{digest}"' in http.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    span = asked_span(http.headers.get("range", ""), size)
    if span is None and extension in TEXTS and size <= COMPRESSED_BYTES_MAX:
        return _text(store.read(digest), digest, headers, http, compressed)
    return _stretch(store, digest, span, size, headers, is_head=http.method == "HEAD")


def _text(content: bytes, digest: str, headers: dict[str, str], http: Request, compressed: Compressed) -> Response:
    headers["Vary"] = "Accept-Encoding"
    for encoding in accepted(http.headers.get("accept-encoding", ""))[:1]:
        headers["Content-Encoding"] = encoding
        content = compressed.of(digest, content, encoding)
    return Response(content, headers=headers)


def _stretch(
    store: ObjectStore, digest: str, span: Span | None, size: int, headers: dict[str, str], *, is_head: bool
) -> Response:
    wanted = span or Span(0, size)
    headers["Content-Length"] = str(wanted.length)
    if span:
        headers["Content-Range"] = span.of(size)
    status = 206 if span else 200
    if is_head:
        return Response(status_code=status, headers=headers)
    return StreamingResponse(_chunks(store, digest, wanted), status, headers)


def _chunks(store: ObjectStore, digest: str, span: Span) -> Iterator[bytes]:
    with store.open(digest) as file:
        file.seek(span.start)
        left = span.length
        while left and (chunk := file.read(min(left, CHUNK_BYTES))):
            left -= len(chunk)
            yield chunk


def update_response(updates: Updates, root: str, since: str, http: Request) -> Response:
    """An update, Brotli over all its texts together wherever that is taken. Raises `NotFound`."""
    headers = {**IMMUTABLE, "Content-Type": "application/octet-stream", "Vary": "Accept-Encoding"}
    encoding = next(iter(accepted(http.headers.get("accept-encoding", ""))), "")
    if encoding:
        headers["Content-Encoding"] = encoding
    return Response(updates.of(root, since, encoding), headers=headers)


def packed_response(pack: bytes, name: str, compressed: Compressed, http: Request) -> Response:
    """A pack of texts. Brotli over all of them together: what they share is sent once."""
    headers = {**IMMUTABLE, "Content-Type": "application/octet-stream", "Vary": "Accept-Encoding"}
    for encoding in accepted(http.headers.get("accept-encoding", ""))[:1]:
        headers["Content-Encoding"] = encoding
        pack = compressed.of(name, pack, encoding)
    return Response(pack, headers=headers)
