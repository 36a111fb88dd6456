"""A file is an exchange written down: requests on their way in, replies on their way back.

Photographs travel in it too, each as a part of its own beside the requests (`sync.pictures.PART`).

Nothing in such a file needs trust: each part of it is signed by its device, as over the network, and applying one
twice changes nothing. Each part carries the beginning of its own digest, so that one damaged part costs only itself;
a digest of the whole stands at the end. A file that was cut short yields what is whole in it.

The first byte has its high bit set and the last of the magic is a line's end: a carrier that takes the file for text
is found out at once (as in PNG, RFC 2083, section 12.11).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from hashlib import sha256

from sync.codec.errors import CodecError
from sync.codec.errors import Truncated as CutShort
from sync.codec.leb import Reader, uleb
from sync.errors import Malformed, NotCarried, RequestRefused, TooLarge, UnsupportedVersion
from sync.limits import CARRIED_BYTES_MAX, CARRIED_PART_BYTES_MAX, CARRIED_PARTS_MAX, REASON_BYTES_MAX
from sync.wire.request import DEVICE_BYTES, EPOCH_BYTES, number, read_request

MAGIC = b"\x89TIFFIN\n"
VERSION = 1
HEAD_BYTES = len(MAGIC) + 2
CHECK_BYTES = 8  # of a part's SHA-256: enough against damage; against forgery there is the device's signature
DIGEST_BYTES = 32
SUFFIX = ".tiffin"


class Kind(IntEnum):
    """Which way the file goes."""

    REQUESTS = 1
    REPLIES = 2


class Outcome(IntEnum):
    """What a carried reply holds."""

    REPLY = 0
    REFUSED = 1
    PICTURE = 2


CODED_BYTES_MIN = {Outcome.PICTURE: EPOCH_BYTES}
CODED_BYTES_MAX = {Outcome.REFUSED: REASON_BYTES_MAX, Outcome.PICTURE: EPOCH_BYTES + REASON_BYTES_MAX}


@dataclass(frozen=True, slots=True)
class Carried:
    """What was read from a file. `damaged`: parts that are not what was written; `is_whole`: all of it is here."""

    kind: Kind
    parts: tuple[bytes, ...]
    damaged: int
    is_whole: bool


@dataclass(frozen=True, slots=True)
class CarriedReply:
    """What came of one carried request, which `request` names by its SHA-256: a reply, or the code of a refusal.

    Of a photograph `request` is the picture's SHA-256, and the body an epoch and a code: `kept` or `unreadable` when
    all of it is durable in that life of the log, else what it waits for.
    """

    device: bytes
    profile: int
    request: bytes
    outcome: Outcome
    body: bytes

    def write(self) -> bytes:
        return b"".join((self.device, uleb(self.profile), self.request, bytes((self.outcome,)), self.body))

    @classmethod
    def read(cls, part: bytes) -> "CarriedReply":
        """Raises `Malformed`."""
        reader = Reader(part)
        try:
            device, profile = reader.take(DEVICE_BYTES), number(reader)
            request, outcome = reader.take(DIGEST_BYTES), Outcome(reader.take(1)[0])
        except (CodecError, ValueError) as error:
            raise Malformed("A carried reply cannot be read. Ask for the file of replies again.") from error
        body = reader.take(reader.left)
        if not CODED_BYTES_MIN.get(outcome, 0) <= len(body) <= CODED_BYTES_MAX.get(outcome, len(body)):
            raise Malformed(f"What is said of a request or a photograph has {len(body)} bytes; that is no code.")
        return cls(device, profile, request, outcome, body)

    @property
    def code(self) -> str:
        """Of what holds one: why a request was refused, or what became of a photograph."""
        raw = self.body[EPOCH_BYTES:] if self.outcome is Outcome.PICTURE else self.body
        return raw.decode("ascii", "replace")

    @property
    def epoch(self) -> bytes:
        """Of a photograph: the life of the log that it came to."""
        return self.body[:EPOCH_BYTES]


def write_carried(kind: Kind, parts: Iterable[bytes]) -> bytes:
    """A whole file. Raises `TooLarge` when it would be more than a reader takes."""
    body = bytearray(MAGIC + bytes((VERSION, kind)))
    for count, part in enumerate(parts, 1):
        if not 0 < len(part) <= CARRIED_PART_BYTES_MAX:
            raise TooLarge(f"A part of {len(part)} bytes; a file takes 1 to {CARRIED_PART_BYTES_MAX}.")
        body += uleb(len(part)) + _check(part) + part
        if count > CARRIED_PARTS_MAX or len(body) > CARRIED_BYTES_MAX - DIGEST_BYTES - 1:
            raise TooLarge(f"A file takes {CARRIED_PARTS_MAX} parts and {CARRIED_BYTES_MAX} bytes. Write several.")
    body += uleb(0)
    return bytes(body + sha256(body).digest())


def read_carried(body: bytes) -> Carried:
    """What is whole in a file. Raises `NotCarried`, `UnsupportedVersion` or `TooLarge`; damage is told, not raised.

    A request alone, as a phone saves it, is a file of one part.
    """
    if _is_request(body):
        return Carried(Kind.REQUESTS, (body,), 0, True)
    kind = _read_head(body)
    walk = _Walk(Reader(body, HEAD_BYTES))
    parts = tuple(walk)
    return Carried(kind, parts, walk.damaged, walk.is_whole and not walk.damaged)


def _is_request(body: bytes) -> bool:
    """A request begins with the exchange's version, a carried file with its magic: neither is taken for the other."""
    if not body or body[0] == MAGIC[0]:
        return False
    try:
        read_request(body)
    except RequestRefused:
        return False
    return True


def _read_head(body: bytes) -> Kind:
    if len(body) > CARRIED_BYTES_MAX:
        raise TooLarge(f"A carried file may have {CARRIED_BYTES_MAX} bytes at most. Split it where it is written.")
    if not body.startswith(MAGIC) or len(body) < HEAD_BYTES:
        raise NotCarried("This is no carried file, or its beginning is lost. Copy it again from the card, as it is.")
    if body[len(MAGIC)] != VERSION:
        raise UnsupportedVersion(f"A carried file of version {body[len(MAGIC)]} is not read here. Update this server.")
    try:
        return Kind(body[len(MAGIC) + 1])
    except ValueError as error:
        raise NotCarried("The file holds neither requests nor replies. Update this server.") from error


class _Walk:
    """Goes from part to part, as far as there are whole ones."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.damaged = 0
        self.is_whole = False

    def __iter__(self) -> Iterator[bytes]:
        for _ in range(CARRIED_PARTS_MAX + 1):
            try:
                size = self._reader.uleb()
                if size == 0:
                    self.is_whole = self._read_trailer()
                    return
                check, part = self._reader.take(CHECK_BYTES), self._reader.take(size)
            except CutShort:
                return
            except CodecError:
                self.damaged += 1
                return
            if size > CARRIED_PART_BYTES_MAX or check != _check(part):
                self.damaged += 1
            else:
                yield part
        raise TooLarge(f"A carried file takes {CARRIED_PARTS_MAX} parts. Split it where it is written.")

    def _read_trailer(self) -> bool:
        written = self._reader.source[: self._reader.at]
        return self._reader.take(self._reader.left) == sha256(written).digest()


def _check(part: bytes) -> bytes:
    return sha256(part).digest()[:CHECK_BYTES]
