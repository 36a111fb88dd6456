"""Requests that were nearly honest, thrown at the door: reading, the items within, and their admission.

Only `CodecError` and `SyncError` may come out of it, whatever the bytes. A seed gives the same requests each time.
"""

import random
import zlib
from collections.abc import Iterator

from sync.admission import Asked, Author, Facts, admit, items_in
from sync.codec import CodecError
from sync.errors import SyncError
from sync.exchange import write_change
from sync.limits import INFLATED_BYTES_MAX
from sync.submissions import chain_of
from sync.wire import Frame, FrameKind, Header, read_request
from sync.wire.request import write_frame
from tests.vectors.hostile import bytes_of, change, hostile

COURSE = "water"
AUTHOR = Author("o", "l", "d", 1)
EVENTS = b'{"first":0,"course":"water","activities":["a"],"rows":[[1,0,1790000000,5]]}'
SEED_BYTES_MAX = 8_192  # larger ones would be most of the time
EDGES = (0, 1, 0x7F, 0x80, 0xFF)


def contents() -> list[tuple[FrameKind, bytes]]:
    """What frames hold: honest ones, and the hostile ones of the vectors."""
    kinds = {
        "changes": FrameKind.PROGRESS,
        "submissions": FrameKind.SUBMISSIONS,
        "events": FrameKind.EVENTS,
    }
    cases = hostile()
    found = [
        (kind, write_change(COURSE, raw) if group == "changes" else raw)
        for group, kind in kinds.items()
        for raw in map(bytes_of, cases[group])
        if len(raw) <= SEED_BYTES_MAX
    ]
    honest = [
        (FrameKind.PROGRESS, write_change(COURSE, change())),
        (FrameKind.SUBMISSIONS, chain_of([b"{}", b'{"a":1}']).write()),
        (FrameKind.EVENTS, EVENTS),
    ]
    return found + honest * 10


def mutated(rng: random.Random, raw: bytes) -> bytes:
    """Some bytes changed, cut out, or written twice."""
    out = bytearray(raw)
    for _ in range(rng.randrange(4)):
        at, end = sorted(rng.randrange(len(out) + 1) for _ in range(2))
        match rng.randrange(4):
            case 0 if at < len(out):
                out[at] = rng.randrange(256)
            case 1 if at < len(out):
                out[at] = rng.choice(EDGES)
            case 2:
                del out[at : min(end, at + 16)]
            case _:
                out[at:at] = out[at : min(end, at + 16)]
    return bytes(out)


def requests(seed: int) -> Iterator[bytes]:
    """Requests without end; the frames are mutated, and now and then what stands around them."""
    rng, seeds = random.Random(seed), contents()
    while True:
        chosen = sorted(rng.choices(seeds, k=rng.randrange(1, 4)))
        frames = b"".join(write_frame(Frame(kind, mutated(rng, content))) for kind, content in chosen)
        payload = Header(bytes(16), 1).write() + frames
        if rng.random() < 0.2:
            payload = mutated(rng, payload)
        deflate = rng.random() < 0.2
        if deflate:
            payload = zlib.compress(payload, wbits=-15)
        body = bytes((1, deflate)) + bytes(64) + payload
        yield mutated(rng, body) if rng.random() < 0.1 else body


def knock(body: bytes) -> bool:
    """Whether the request could be read. Raises what must never be raised."""
    try:
        request = read_request(body)
        assert len(request.header_bytes) <= INFLATED_BYTES_MAX
        assert request.signed
    except (CodecError, SyncError):
        return False
    items, broken = items_in(AUTHOR, request.frames)
    Asked.about(items)
    admitted = admit(AUTHOR, items, Facts(known=frozenset(), sequences={}, chain_next=0, courses=frozenset({COURSE})))
    judged = len(admitted.accepted) + len(admitted.set_aside)
    assert judged <= len(items)
    assert all(one.item.body is not None for one in broken)
    return True
