"""Objects and packs as HTTP replies: immutable, by range, compressed where that pays."""

import time
from collections.abc import Iterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from offline_bundles import ObjectStore
from offline_bundles.errors import MissingObject
from server import errors
from server.courses.small import SmallObjects
from server.courses.updates import Updates
from server.serving.elsewhere import Elsewhere
from server.serving.encodings import Compressed, accepted
from server.serving.held import is_held
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
ELSEWHERE_BYTES_MIN = 64 << 10  # being sent on costs a round trip, a second on 2G: what is small comes from here
SAFE = {
    "X-Content-Type-Options": "nosniff",
    # An object is a course's, not ours: opened by itself it may run nothing.
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
}


def object_response(
    store: ObjectStore, elsewhere: Elsewhere | None, digest: str, extension: str, http: Request, compressed: Compressed
) -> Response:
    """The object, the range of it that was asked for, or where to ask. Raises `NotFound`, `RangeNotThere`."""
    try:
        size = store.size(digest)
    except MissingObject as error:
        raise errors.NotFound("object", digest, "Ask for it at the next exchange again.") from error
    store.used(digest, at=time.time())
    kind = TYPES.get(extension, "application/octet-stream")
    headers = {**IMMUTABLE, **SAFE, "ETag": f'"{digest}"', "Accept-Ranges": "bytes", "Content-Type": kind}
    is_text = extension in TEXTS and size <= COMPRESSED_BYTES_MAX
    if is_text:
        headers["Vary"] = "Accept-Encoding"
    if is_held(http.headers.get("if-none-match", ""), digest):
        return Response(status_code=304, headers=headers)
    # A signed address is good for GET alone.
    if elsewhere and http.method == "GET" and not is_text and size >= ELSEWHERE_BYTES_MIN:
        return elsewhere.reply(digest, kind)
    span = asked_span(_range(http, f'"{digest}"'), size)
    if span is None and is_text:
        return _text(store.read(digest), digest, headers, http, compressed)
    return _stretch(store, digest, span, size, headers, is_head=http.method == "HEAD")


def _range(http: Request, tag: str) -> str:
    """The Range header where it counts (RFC 9110, 13.1.5 and 14.2): of a GET, of the very bytes the caller began."""
    begun = http.headers.get("if-range", tag).strip()
    return http.headers.get("range", "") if http.method == "GET" and begun == tag else ""


def _text(content: bytes, digest: str, headers: dict[str, str], http: Request, compressed: Compressed) -> Response:
    for encoding in accepted(http.headers.get("accept-encoding", ""))[:1]:
        headers["Content-Encoding"] = encoding
        headers["ETag"] = f'"{digest}-{encoding}"'  # other bytes: a range of these must not be joined to those
        content = compressed.of(digest, content, encoding)
    return Response(content, headers=headers)


def _stretch(
    store: ObjectStore, digest: str, span: Span | None, size: int, headers: dict[str, str], *, is_head: bool
) -> Response:
    status = _measured(headers, span, size)
    if is_head:
        return Response(status_code=status, headers=headers)
    chunks = _part(store, digest, span) if span else _whole(store, digest)
    return StreamingResponse(chunks, status, headers)


def _measured(headers: dict[str, str], span: Span | None, size: int) -> int:
    """Says in the headers which bytes these are; the status that says so too."""
    headers["Content-Length"] = str(span.length if span else size)
    if span:
        headers["Content-Range"] = span.of(size)
    return 206 if span else 200


def _whole(store: ObjectStore, digest: str) -> Iterator[bytes]:
    """A store far away verifies it meanwhile: what is not the object is cut off before it ends."""
    with store.open(digest) as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


def _part(store: ObjectStore, digest: str, span: Span) -> Iterator[bytes]:
    at = span.start
    while at < span.end and (chunk := store.read(digest, at, min(span.end - at, CHUNK_BYTES))):
        at += len(chunk)
        yield chunk


def small_response(small: SmallObjects, http: Request) -> Response:
    """A release's small objects in a row, or a range of them. Raises `NotFound`, `RangeNotThere`."""
    tag, size = f'"{small.root}-small"', small.size
    kind = "application/octet-stream"
    headers = {**IMMUTABLE, **SAFE, "ETag": tag, "Accept-Ranges": "bytes", "Content-Type": kind}
    span = asked_span(_range(http, tag), size)
    status = _measured(headers, span, size)
    wanted = span or Span(0, size)
    return StreamingResponse(small.read(wanted.start, wanted.end, at=time.time()), status, headers)


def update_response(updates: Updates, root: str, since: str, after: int, http: Request) -> Response:
    """An update, Brotli over all its texts together wherever that is taken. Raises `NotFound`."""
    headers = {**IMMUTABLE, "Content-Type": "application/octet-stream", "Vary": "Accept-Encoding"}
    encoding = next(iter(accepted(http.headers.get("accept-encoding", ""))), "")
    if encoding:
        headers["Content-Encoding"] = encoding
    return Response(updates.of(root, since, encoding, after), headers=headers)


def packed_response(pack: bytes, name: str, compressed: Compressed, http: Request) -> Response:
    """A pack of texts. Brotli over all of them together: what they share is sent once."""
    headers = {**IMMUTABLE, "Content-Type": "application/octet-stream", "Vary": "Accept-Encoding"}
    for encoding in accepted(http.headers.get("accept-encoding", ""))[:1]:
        headers["Content-Encoding"] = encoding
        pack = compressed.of(name, pack, encoding)
    return Response(pack, headers=headers)
