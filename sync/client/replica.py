"""One learner's replica as a device holds it: what she did, what waits to be sent, what is known of the rest.

Nothing here does I/O: `request` gives bytes to carry, by whatever carrier, and `accept` takes the reply's. Work is
unsent until a reply acknowledged it; a lost reply costs a repeat and nothing else.
"""

import json
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import groupby
from typing import Any

from conflict.clock import NEVER, Stamp, bounded, tick, write_stamp
from conflict.intervals import Interval, union, write_intervals
from conflict.packed import write_number
from conflict.rules import Folded, LessonState, Survivor, fold
from sync.admission import Reason, read_change
from sync.client.outbox import Outbox, Sent
from sync.codec import Document, MissingDependencies, change_hash, decode
from sync.events import ROWS_MAX, Batch, Event
from sync.exchange import write_change
from sync.identity import DeviceKey
from sync.submissions import Chain, Submission
from sync.wire import (
    DOCUMENTS,
    NO_EPOCH,
    Frame,
    FrameKind,
    Header,
    Reply,
    Verdict,
    Waiting,
    items_of,
    read_reply,
    statement,
    write_request,
)

ACTOR_BYTES = 16
FLIGHTS_MAX = 16  # requests that are answered late, by file: what an older one carried is simply sent again
DocumentName = tuple[str, FrameKind]
Held = tuple[str, FrameKind, bytes]  # a change: its document, and its body


@dataclass(frozen=True, slots=True)
class Flight:
    """A request on its way, by whatever road: what it carried, and what the replica knew when it was written."""

    sent: Sent
    actor: bytes
    epoch: bytes
    cursor: int
    send_mine: bool
    status: dict[str, Any]


@dataclass
class Replica:
    """State of one profile on one device. `grades`, `releases`: what replies brought, newest last."""

    key: DeviceKey
    profile: int
    epoch: bytes = NO_EPOCH
    cursor: int = 0
    send_mine: bool = False  # storage was lost, or is an old copy: the next reply brings this device's own work too
    status: dict[str, Any] = field(default_factory=dict)
    grades: list[dict[str, Any]] = field(default_factory=list)
    releases: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.actor = secrets.token_bytes(ACTOR_BYTES)
        self.documents: dict[DocumentName, Document] = {}
        self.outbox = Outbox()
        self._clock = NEVER
        self._anchor_seconds = 0
        self._flights: dict[bytes, Flight] = {}  # by SHA-256 of the request, oldest first
        self._status_sent: dict[str, Any] = {}

    def document(self, course: str, kind: FrameKind) -> Document:
        return self.documents.setdefault((course, kind), Document(self.actor))

    def read(self, course: str, key: str) -> Folded:
        """What a key reads as on this replica, by the rules."""
        kind = FrameKind.MILESTONES if key.startswith("s/") else FrameKind.PROGRESS
        found = self.document(course, kind).current(key)
        return fold(key, [Survivor(one.op.counter, one.op.actor, one.value) for one in found])

    @property
    def has_unwritten(self) -> bool:
        """Something was done that is in no change yet."""
        return not all(document.is_written for document in self.documents.values())

    # What a learner does.

    def reach(self, course: str, activity: str, state: LessonState) -> None:
        """Notes how far she is; never goes back."""
        key = f"s/{activity}"
        if state > (self.read(course, key).value or 0):
            self.document(course, FrameKind.MILESTONES).put(key, int(state))

    def place(self, course: str, activity: str, position_s: int, wall_s: int) -> None:
        value = write_stamp(self._tick(wall_s)) + write_number(position_s)
        self.document(course, FrameKind.PROGRESS).put(f"p/{activity}", value)

    def watch(self, course: str, activity: str, intervals: Iterable[Interval]) -> None:
        key = f"w/{activity}"
        before = self.read(course, key).value or ()
        self.document(course, FrameKind.PROGRESS).put(key, write_intervals(union((*before, *intervals))))

    def bookmark(self, course: str, activity: str, position_s: int, *, on: bool = True) -> None:
        document, key = self.document(course, FrameKind.PROGRESS), f"b/{activity}/{position_s}"
        if on:
            document.put(key, True)
        else:
            document.delete(key)

    def note(self, course: str, activity: str, note: str, text: str) -> None:
        self.document(course, FrameKind.PROGRESS).put(f"n/{activity}/{note}", text)

    def submit(self, submission: Submission) -> bytes:
        """Seals an attempt; gives its hash. It can never be changed or taken back."""
        return self.outbox.seal(submission.write())

    def happened(self, course: str, event: Event) -> None:
        self.outbox.add_event(course, event)

    def _tick(self, wall_s: int) -> Stamp:
        believed = bounded(wall_s, self._anchor_seconds) if self._anchor_seconds else wall_s
        self._clock = tick(self._clock, believed)
        return self._clock

    # What travels.

    def commit(self, wall_s: int) -> None:
        """One change for each document that was written to since the last."""
        for (course, kind), document in self.documents.items():
            if body := document.commit(wall_s):
                self.outbox.add_change(course, kind, body)

    def request(self, now_ms: int) -> bytes:
        """The next request: everything unsent, in tier order, signed. Several may be on their way at once."""
        self.commit(now_ms // 1000)
        sent = self.outbox.snapshot()
        frames = (*self._frames(sent), *self._status_frames())
        header = Header(self.key.device, self.profile, self.epoch, self.cursor, now_ms, Waiting(), self.send_mine)
        signature = self.key.sign(statement(header.write(), items_of(frames)))
        body = write_request(header, frames, signature)
        self._flights[sha256(body).digest()] = Flight(
            sent, self.actor, self.epoch, self.cursor, self.send_mine, self._told()
        )
        while len(self._flights) > FLIGHTS_MAX:
            del self._flights[next(iter(self._flights))]
        return body

    def awaits(self, request: bytes) -> bool:
        """Whether a reply to this request, named by its SHA-256, still has something to say here."""
        return request in self._flights

    def _frames(self, sent: Sent) -> Iterator[Frame]:
        if sent.records:
            yield Frame(FrameKind.SUBMISSIONS, Chain(sent.chain_start, sent.chain_previous, sent.records).write())
        for kind in (FrameKind.MILESTONES, FrameKind.PROGRESS):
            for course, body in sent.changes.get(kind, ()):
                yield Frame(kind, write_change(course, body))
        numbered = enumerate(sent.events, sent.events_first)
        for (course, _), run in groupby(numbered, key=lambda pair: (pair[1][0], pair[0] // ROWS_MAX)):
            rows = list(run)
            yield Frame(FrameKind.EVENTS, Batch(rows[0][0], course, tuple(event for _, (_, event) in rows)).write())

    def _status_frames(self) -> Iterator[Frame]:
        if (told := self._told()) != self._status_sent:
            yield Frame(FrameKind.STATUS, json.dumps(told, separators=(",", ":")).encode())

    def _told(self) -> dict[str, Any]:
        """What this device says of itself; of dropped events only when there were any."""
        dropped = self.outbox.events_dropped
        return self.status | ({"dropped": dropped} if dropped else {})

    def accept(self, body: bytes, request: bytes = b"") -> Reply:
        """Takes a reply in; what it acknowledges leaves the outbox.

        `request`: SHA-256 of the request that it answers; the newest one when it is left out. A reply that nothing
        waits for changes nothing, and so does one from a life of the log that this replica has left behind.
        """
        reply = read_reply(body)
        flight = self._landed(request)
        if flight is None or self.epoch not in (reply.epoch, flight.epoch):
            return reply
        # What was written since the request was made knows nothing of what the reply brings, and must not replace it.
        self.commit(reply.server_time // 1000)
        forked = self._forked(reply, flight) if flight.actor == self.actor else set()
        self._acknowledge(reply, flight.sent, forked)
        self._status_sent = flight.status
        if forked:  # before the reply is taken in, for what forked knew nothing of what it brings
            self._start_again_as_another(reply.server_time // 1000, forked)
        self._meet(reply, flight)
        return reply

    def _landed(self, request: bytes) -> Flight | None:
        newest = next(reversed(self._flights), b"")
        return self._flights.pop(request or newest, None)

    def _forked(self, reply: Reply, flight: Flight) -> set[Held]:
        """The changes in whose place, in their actor's sequence, the server has another: an actor was copied, this
        one or one whose work was offered for it."""
        indices = {verdict.index for verdict in reply.verdicts if verdict.reason == Reason.ACTOR_FORKED}
        frames = (frame for index, frame in enumerate(self._frames(flight.sent)) if index in indices)
        return {(course, frame.kind, body) for frame in frames for course, body in [read_change(frame.content)]}

    def _acknowledge(self, reply: Reply, sent: Sent, forked: set[Held]) -> None:
        """What has no verdict is durable; what is parked or in quarantine is kept over there too.

        But the work of a copied actor is to be written again, so none of its changes may leave.
        """
        verdicts = {verdict.index: verdict.verdict for verdict in reply.verdicts}
        kept = {None, Verdict.PARKED, Verdict.QUARANTINED}
        for index, frame in enumerate(self._frames(sent)):
            if verdicts.get(index) in ({None} if forked and frame.kind in DOCUMENTS else kept):
                self._leave(frame)
            if verdicts.get(index) == Verdict.PARKED:
                self._offer_what_it_builds_on(frame, sent)

    def _offer_what_it_builds_on(self, frame: Frame, sent: Sent) -> None:
        """The server lacks what it once had: it is offered again, whichever of her devices wrote it, for that one may
        be lost; or all that follows would wait for ever."""
        if frame.kind is FrameKind.SUBMISSIONS:
            if sent.chain_start:
                self.outbox.offer_records()
            return
        course, _ = read_change(frame.content)
        for body in self.document(course, frame.kind).bodies:
            if (course, body) not in sent.changes[frame.kind]:
                self.outbox.add_change(course, frame.kind, body)

    def _leave(self, frame: Frame) -> None:
        if frame.kind is FrameKind.SUBMISSIONS:
            chain = Chain.read(frame.content)
            self.outbox.acknowledge_records(chain.start + len(chain.records))
        elif frame.kind in DOCUMENTS:
            self.outbox.acknowledge_change(*read_change(frame.content))
        else:
            batch = Batch.read(frame.content)
            self.outbox.acknowledge_events(batch.first + len(batch.events))

    def _meet(self, reply: Reply, flight: Flight) -> None:
        """A server of another epoch may lack what was acknowledged before: all of it is offered again."""
        if reply.epoch != self.epoch:
            if self.epoch != NO_EPOCH:
                self._offer_all()
            self.epoch, self.cursor = reply.epoch, 0
        self._follow(reply, flight)
        self._anchor_seconds = max(self._anchor_seconds, reply.server_time // 1000)

    def join_again(self, profile: int) -> None:
        """The server knows this device anew, or for the first time since it was restored: all is offered again."""
        self.profile = profile
        self.epoch, self.cursor = NO_EPOCH, 0
        self._flights.clear()
        self._offer_all()

    def _follow(self, reply: Reply, flight: Flight) -> None:
        """Takes what the reply brings, if it begins where this replica stands; a late one could leave something out,
        and then the next exchange brings it all the same."""
        began = flight.cursor if flight.epoch == reply.epoch else 0
        if began > self.cursor or (self.send_mine and not flight.send_mine):
            return
        try:
            for frame in reply.frames:
                self._take(frame)
        except MissingDependencies:  # on work of this device that its disk, an old copy, does not hold
            self.cursor, self.send_mine = 0, True
            return
        self.cursor = max(self.cursor, reply.cursor)
        self.send_mine = self.send_mine and reply.more

    def _offer_all(self) -> None:
        """Her other devices' work too: they may have lost it, and this one may be all that holds it."""
        held = ((course, kind, document.bodies) for (course, kind), document in self.documents.items())
        self.outbox.offer_all((course, kind, body) for course, kind, bodies in held for body in bodies)

    def _take(self, frame: Frame) -> None:
        if frame.kind in DOCUMENTS:
            course, body = read_change(frame.content)
            self.document(course, frame.kind).apply(body)
        elif frame.kind is FrameKind.GRADE:
            self.grades.append(json.loads(frame.content))
        elif frame.kind is FrameKind.RELEASE:
            release = json.loads(frame.content)
            self.releases[release["course"]] = release

    def _start_again_as_another(self, wall_s: int, forked: set[Held]) -> None:
        """Two write under one actor: what forked, and all unsent work under this actor, is written again under a fresh
        one, with everything that builds on it."""
        self.cursor, self.send_mine = 0, True
        going = forked | {one for one in self.outbox.changes.values() if decode(one[2]).actor == self.actor}
        self.actor = secrets.token_bytes(ACTOR_BYTES)
        for (course, kind), document in list(self.documents.items()):
            bodies = {body for to, of, body in going if (to, of) == (course, kind)}
            kept, again = _parted(document.bodies, bodies)
            self.documents[course, kind] = Document(self.actor, kept)
            for body in again:
                self.outbox.acknowledge_change(course, body)
                for op in decode(body).ops:
                    self.document(course, kind).pend(op)
        self.commit(wall_s)


def _parted(bodies: Iterable[bytes], going: set[bytes]) -> tuple[list[bytes], list[bytes]]:
    """Those that stay, and those that go, with what builds on them. `bodies`: each after what it builds on."""
    kept: list[bytes] = []
    again: dict[bytes, bytes] = {}
    for body in bodies:
        if body in going or not again.keys().isdisjoint(decode(body).deps):
            again[change_hash(body)] = body
        else:
            kept.append(body)
    return kept, list(again.values())
