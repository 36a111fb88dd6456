"""One learner's replica as a device holds it: what she did, what waits to be sent, what is known of the rest.

Nothing here does I/O: `request` gives bytes to carry, by whatever carrier, and `accept` takes the reply's. Work is
unsent until a reply acknowledged it; a lost reply costs a repeat and nothing else.
"""

import json
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from conflict.clock import NEVER, Stamp, bounded, tick, write_stamp
from conflict.intervals import Interval, union, write_intervals
from conflict.packed import write_number
from conflict.rules import Folded, LessonState, Survivor, fold
from sync.admission import Reason, read_change
from sync.client.outbox import Outbox, Sent
from sync.codec import Document, change_hash, decode
from sync.events import Batch, Event
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
NOT_MY_ACTOR = frozenset({Reason.ACTOR_TAKEN, Reason.ACTOR_FORKED})
DocumentName = tuple[str, FrameKind]


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
        self._sent: Sent | None = None
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
        """The next request: everything unsent, in tier order, signed."""
        self.commit(now_ms // 1000)
        self._sent = self.outbox.snapshot()
        frames = (*self._frames(self._sent), *self._status_frames())
        header = Header(self.key.device, self.profile, self.epoch, self.cursor, now_ms, Waiting(), self.send_mine)
        signature = self.key.sign(statement(header.write(), items_of(frames)))
        return write_request(header, frames, signature)

    def _frames(self, sent: Sent) -> Iterator[Frame]:
        if sent.records:
            yield Frame(FrameKind.SUBMISSIONS, Chain(sent.chain_start, sent.chain_previous, sent.records).write())
        for kind in (FrameKind.MILESTONES, FrameKind.PROGRESS):
            for course, body in sent.changes.get(kind, ()):
                yield Frame(kind, write_change(course, body))
        numbered = enumerate(sent.events, sent.events_first)
        for course, run in groupby(numbered, key=lambda pair: pair[1][0]):
            rows = list(run)
            yield Frame(FrameKind.EVENTS, Batch(rows[0][0], course, tuple(event for _, (_, event) in rows)).write())

    def _status_frames(self) -> Iterator[Frame]:
        if self.status != self._status_sent:
            yield Frame(FrameKind.STATUS, json.dumps(self.status, separators=(",", ":")).encode())

    def accept(self, body: bytes) -> Reply:
        """Takes a reply in; what it acknowledges leaves the outbox."""
        reply = read_reply(body)
        if self._sent is None:
            return reply
        # What was written since the request was made knows nothing of what the reply brings, and must not replace it.
        self.commit(reply.server_time // 1000)
        is_copy = any(verdict.reason in NOT_MY_ACTOR for verdict in reply.verdicts)
        self._acknowledge(reply, self._sent, is_copy=is_copy)
        self._status_sent = dict(self.status)
        self._meet(reply)
        for frame in reply.frames:
            self._take(frame)
        self.send_mine = is_copy or (self.send_mine and reply.more)
        if is_copy:
            self._start_again_as_another()
        self._sent = None
        return reply

    def _acknowledge(self, reply: Reply, sent: Sent, *, is_copy: bool) -> None:
        """What has no verdict is durable; what is parked or in quarantine is kept over there too.

        But the work of a copied actor is to be written again, so none of its changes may leave.
        """
        verdicts = {verdict.index: verdict.verdict for verdict in reply.verdicts}
        kept = {None, Verdict.PARKED, Verdict.QUARANTINED}
        for index, frame in enumerate(self._frames(sent)):
            if verdicts.get(index) in ({None} if is_copy and frame.kind in DOCUMENTS else kept):
                self._leave(frame)

    def _leave(self, frame: Frame) -> None:
        if frame.kind is FrameKind.SUBMISSIONS:
            chain = Chain.read(frame.content)
            self.outbox.acknowledge_records(chain.start + len(chain.records))
        elif frame.kind in DOCUMENTS:
            self.outbox.acknowledge_change(change_hash(read_change(frame.content)[1]))
        else:
            batch = Batch.read(frame.content)
            self.outbox.acknowledge_events(batch.first + len(batch.events))

    def _meet(self, reply: Reply) -> None:
        """A server of another epoch may lack what was acknowledged before: all of it is offered again."""
        if reply.epoch != self.epoch and self.epoch != NO_EPOCH:
            self._offer_all()
        self.epoch, self.cursor = reply.epoch, reply.cursor
        self._anchor_seconds = max(self._anchor_seconds, reply.server_time // 1000)

    def _offer_all(self) -> None:
        mine = [
            (course, kind, body)
            for (course, kind), document in self.documents.items()
            for body in document.bodies
            if decode(body).actor == self.actor
        ]
        self.outbox.offer_all(mine)

    def _take(self, frame: Frame) -> None:
        if frame.kind in DOCUMENTS:
            course, body = read_change(frame.content)
            self.document(course, frame.kind).apply(body)
        elif frame.kind is FrameKind.GRADE:
            self.grades.append(json.loads(frame.content))
        elif frame.kind is FrameKind.RELEASE:
            release = json.loads(frame.content)
            self.releases[release["course"]] = release

    def _start_again_as_another(self) -> None:
        """This actor is somebody else's, or was copied: unsent work is written again under a fresh one."""
        self.cursor = 0
        unsent = self.outbox.take_changes()
        self.actor = secrets.token_bytes(ACTOR_BYTES)
        refused = {change_hash(body) for _, _, body in unsent}
        for name, document in list(self.documents.items()):
            kept = [body for body in document.bodies if change_hash(body) not in refused]
            self.documents[name] = Document(self.actor, kept)
        for course, kind, body in unsent:
            for op in decode(body).ops:
                self.document(course, kind).pend(op)
