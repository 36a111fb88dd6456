"""A reply of the exchange as bytes: docs/protocol.md, "Reply"."""

from collections.abc import Sequence
from dataclasses import dataclass

from sync.codec.errors import CodecError
from sync.codec.errors import Truncated as CutShort
from sync.codec.leb import Reader, uleb
from sync.errors import Malformed, TooLarge, Truncated
from sync.limits import FRAMES_MAX, REASON_BYTES_MAX, REPLY_READ_BYTES_MAX
from sync.wire.envelope import open_sealed, seal
from sync.wire.kinds import Verdict
from sync.wire.request import EPOCH_BYTES, Frame, number, read_frames, write_frame


@dataclass(frozen=True, slots=True)
class FrameVerdict:
    """What became of the frame at `index` of the request, if it is not durable now. `reason` is a code."""

    index: int
    verdict: Verdict
    reason: str


@dataclass(frozen=True, slots=True)
class Reply:
    """`server_time` in milliseconds since 1970; `wait` in seconds; `more`: the log holds more than this."""

    epoch: bytes
    cursor: int
    server_time: int
    wait: int = 0
    more: bool = False
    verdicts: Sequence[FrameVerdict] = ()
    frames: Sequence[Frame] = ()


def write_reply(reply: Reply, *, plain: bool = False) -> bytes:
    """`plain` for a device whose header asks for it: its browser cannot inflate."""
    head = (reply.cursor, reply.server_time, reply.wait, int(reply.more), len(reply.verdicts))
    return seal(
        b"".join(
            (
                reply.epoch,
                *map(uleb, head),
                *(_write_verdict(verdict) for verdict in reply.verdicts),
                *(write_frame(frame) for frame in reply.frames),
            )
        ),
        plain=plain,
    )


def _write_verdict(verdict: FrameVerdict) -> bytes:
    reason = verdict.reason.encode()
    return uleb(verdict.index) + bytes((verdict.verdict,)) + uleb(len(reason)) + reason


def read_reply(body: bytes) -> Reply:
    """Raises `Truncated`, `Malformed`, `TooLarge` or `UnsupportedVersion`: a reply is hostile too until it was read."""
    if len(body) > REPLY_READ_BYTES_MAX:
        raise TooLarge(f"A reply may have {REPLY_READ_BYTES_MAX} bytes at most. Tell who runs this server.")
    _, payload = open_sealed(body)
    reader = Reader(payload)
    try:
        epoch = reader.take(EPOCH_BYTES)
        cursor, server_time, wait, more = (number(reader) for _ in range(4))
        count = number(reader)
        if count > FRAMES_MAX:
            raise Malformed(f"{count} verdicts are more than a request has frames.")
        verdicts = tuple(_read_verdict(reader) for _ in range(count))
        return Reply(epoch, cursor, server_time, wait, bool(more), verdicts, read_frames(reader))
    except CutShort as error:
        raise Truncated("The reply is cut. Ask again.") from error
    except CodecError as error:
        raise Malformed(f"The reply cannot be read: {error}.") from error


def _read_verdict(reader: Reader) -> FrameVerdict:
    index, verdict, size = number(reader), reader.take(1)[0], number(reader)
    if size > REASON_BYTES_MAX:
        raise Malformed(f"A reason of {size} bytes; the limit is {REASON_BYTES_MAX}.")
    try:
        return FrameVerdict(index, Verdict(verdict), reader.take(size).decode("ascii"))
    except ValueError as error:
        raise Malformed("A verdict that is not known here. Update the app.") from error
