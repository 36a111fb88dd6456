"""A request of the exchange as bytes: docs/protocol.md, "Request".

What is signed is the header's digest and each frame's kind and digest, so that the evidence fits beside the log.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256

from sync.codec.errors import CodecError
from sync.codec.errors import Truncated as CutShort
from sync.codec.leb import Reader, uleb
from sync.errors import Malformed, TooLarge, Truncated
from sync.limits import FRAME_BYTES_MAX, FRAMES_MAX, REQUEST_BYTES_MAX
from sync.submissions import Chain
from sync.wire.envelope import open_sealed, seal
from sync.wire.kinds import FROM_DEVICES, FrameKind

SIGNATURE_BYTES = 64
DEVICE_BYTES = 16
EPOCH_BYTES = 8
NO_EPOCH = bytes(EPOCH_BYTES)
NUMBER_MAX = 2**53 - 1
SEND_MINE, ANSWER_PLAIN = 1, 2  # the header's flags
SIGNED = b"tiffin-exchange-1\n"


@dataclass(frozen=True)
class Frame:
    """One thing that travels, with its content as on the wire."""

    kind: FrameKind
    content: bytes

    @cached_property
    def chain(self) -> Chain:
        """Of a frame of submissions; raises what `Chain.read` does."""
        return Chain.read(self.content)

    @cached_property
    def digest(self) -> bytes:
        """What the signature covers of it: the chain's head for submissions, else SHA-256 of the content."""
        return self.chain.head if self.kind is FrameKind.SUBMISSIONS else sha256(self.content).digest()


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much stays unsent on the device after this request, by tier."""

    immediate: int = 0
    batched: int = 0
    eventual: int = 0


@dataclass(frozen=True, slots=True)
class Header:
    """Who asks, and what they know. `sent_at` is the device's clock, milliseconds since 1970.

    `answer_plain`: the browser cannot inflate (Chrome before 103, Safari before 16.4).
    """

    device: bytes
    profile: int
    epoch: bytes = NO_EPOCH
    cursor: int = 0
    sent_at: int = 0
    waiting: Waiting = field(default_factory=Waiting)
    send_mine: bool = False
    answer_plain: bool = False

    def write(self) -> bytes:
        numbers = (self.cursor, self.sent_at, self.waiting.immediate, self.waiting.batched, self.waiting.eventual)
        flags = SEND_MINE * self.send_mine | ANSWER_PLAIN * self.answer_plain
        return b"".join((self.device, uleb(self.profile), uleb(flags), self.epoch, *map(uleb, numbers)))


@dataclass(frozen=True)
class Request:
    """A request that was read; `header_bytes` is what its sender signed."""

    header: Header
    frames: tuple[Frame, ...]
    header_bytes: bytes
    signature: bytes

    @cached_property
    def items(self) -> bytes:
        return items_of(self.frames)

    @property
    def signed(self) -> bytes:
        return statement(self.header_bytes, self.items)


def items_of(frames: Sequence[Frame]) -> bytes:
    """Kind and digest of each frame, in order: the evidence that outlives the request."""
    return b"".join(bytes((frame.kind,)) + frame.digest for frame in frames)


def statement(header_bytes: bytes, items: bytes) -> bytes:
    return SIGNED + sha256(header_bytes).digest() + items


def write_request(header: Header, frames: Sequence[Frame], signature: bytes) -> bytes:
    payload = header.write() + b"".join(write_frame(frame) for frame in frames)
    return seal(payload, signature)


def write_frame(frame: Frame) -> bytes:
    return uleb(frame.kind) + uleb(len(frame.content)) + frame.content


def read_request(body: bytes) -> Request:
    """Raises `Truncated`, `Malformed`, `UnsupportedVersion` or `TooLarge`, whatever the bytes."""
    if len(body) > REQUEST_BYTES_MAX:
        raise TooLarge(f"A request may have {REQUEST_BYTES_MAX} bytes at most. Send less at a time.")
    signature, payload = open_sealed(body, SIGNATURE_BYTES)
    reader = Reader(payload)
    try:
        header = _read_header(reader)
        header_bytes = payload[: reader.at]
        frames = read_frames(reader)
    except CutShort as error:
        raise Truncated("The request is cut. Send it again.") from error
    except CodecError as error:
        raise Malformed(f"The request cannot be read: {error}.") from error
    _check_kinds(frames)
    return Request(header, frames, header_bytes, signature)


def _read_header(reader: Reader) -> Header:
    device, profile = reader.take(DEVICE_BYTES), number(reader)
    flags, epoch = number(reader), reader.take(EPOCH_BYTES)
    cursor, sent_at = number(reader), number(reader)
    waiting = Waiting(number(reader), number(reader), number(reader))
    send_mine, answer_plain = bool(flags & SEND_MINE), bool(flags & ANSWER_PLAIN)
    return Header(device, profile, epoch, cursor, sent_at, waiting, send_mine, answer_plain)


def number(reader: Reader) -> int:
    value = reader.uleb()
    if value > NUMBER_MAX:
        raise Malformed(f"{value} is more than a phone's numbers hold.")
    return value


def read_frames(reader: Reader) -> tuple[Frame, ...]:
    frames: list[Frame] = []
    while reader.left:
        if len(frames) == FRAMES_MAX:
            raise TooLarge(f"More than {FRAMES_MAX} frames. Send less at a time.")
        kind, size = number(reader), number(reader)
        if size > FRAME_BYTES_MAX:
            raise TooLarge(f"A frame of {size} bytes; the limit is {FRAME_BYTES_MAX}.")
        frames.append(Frame(_kind(kind), reader.take(size)))
    return tuple(frames)


def _kind(value: int) -> FrameKind:
    try:
        return FrameKind(value)
    except ValueError as error:
        raise Malformed(f"{value} is no kind of frame. Update the server.") from error


def _check_kinds(frames: tuple[Frame, ...]) -> None:
    kinds = [frame.kind for frame in frames]
    if kinds != sorted(kinds):
        raise Malformed("Frames must stand in ascending order of kind.")
    if strays := set(kinds) - FROM_DEVICES:
        raise Malformed(f"Only a server sends frames of kind {min(strays)}.")
