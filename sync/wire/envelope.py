"""The outermost bytes of requests and replies: a version, an encoding, a payload that may be deflated."""

import zlib
from enum import IntEnum

from sync.errors import Malformed, TooLarge, Truncated, UnsupportedVersion
from sync.limits import INFLATED_BYTES_MAX

VERSION = 1
RAW_DEFLATE = -15  # zlib's way to ask for RFC 1951 without a header
# Window and memory, as zlib counts them. To set up a large window takes 60 µs, a small one 5; where all of a payload
# fits in the small one, as most replies do, both give the same bytes.
LARGE, SMALL, SMALL_BYTES_MAX = (RAW_DEFLATE, 8), (-9, 2), 250


class Encoding(IntEnum):
    PLAIN = 0
    DEFLATE = 1


def seal(payload: bytes, *between: bytes, plain: bool = False) -> bytes:
    """The envelope around a payload, in whichever encoding is smaller; `plain`: not deflated, for who cannot inflate.

    `between` stands behind the first two bytes.
    """
    if plain:
        return b"".join((bytes((VERSION, Encoding.PLAIN)), *between, payload))
    squeezer = zlib.compressobj(9, zlib.DEFLATED, *(SMALL if len(payload) <= SMALL_BYTES_MAX else LARGE))
    deflated = squeezer.compress(payload) + squeezer.flush()
    encoding, body = (Encoding.DEFLATE, deflated) if len(deflated) < len(payload) else (Encoding.PLAIN, payload)
    return b"".join((bytes((VERSION, encoding)), *between, body))


def open_sealed(body: bytes, between_bytes: int = 0) -> tuple[bytes, bytes]:
    """What stands between, and the payload; never more than INFLATED_BYTES_MAX of it."""
    if len(body) < 2 + between_bytes:
        raise Truncated("The request is cut. Send it again.")
    if body[0] != VERSION:
        raise UnsupportedVersion(f"Version {body[0]} of the exchange is not spoken here. Update the app.")
    between, rest = body[2 : 2 + between_bytes], body[2 + between_bytes :]
    if body[1] == Encoding.PLAIN:
        return between, rest
    if body[1] == Encoding.DEFLATE:
        return between, _inflate(rest)
    raise Malformed(f"{body[1]} is no encoding. Update the app.")


def _inflate(rest: bytes) -> bytes:
    stream = zlib.decompressobj(RAW_DEFLATE)
    try:
        payload = stream.decompress(rest, INFLATED_BYTES_MAX + 1)
    except zlib.error as error:
        raise Malformed("The payload is not DEFLATE. Send it again.") from error
    if len(payload) > INFLATED_BYTES_MAX:
        raise TooLarge(f"The payload has more than {INFLATED_BYTES_MAX} bytes. Send less at a time.")
    if not stream.eof:
        raise Truncated("The payload is cut. Send it again.")
    if stream.unused_data:
        raise Malformed("Bytes stand behind the payload. Send it again.")
    return payload
