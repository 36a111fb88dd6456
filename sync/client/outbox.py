"""What a device has yet to send, by tier, and what of it a request in flight carries."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from sync.codec import change_hash
from sync.events import Event
from sync.submissions import FIRST, next_hash
from sync.wire import FrameKind

EVENTS_KEPT = 4_096  # rows, sent or not: a busy month of one learner, some 100 KB


@dataclass(frozen=True, slots=True)
class Sent:
    """What one request carries: part of an outbox, as it stood when the request was made."""

    chain_start: int
    chain_previous: bytes
    records: tuple[bytes, ...]
    changes: dict[FrameKind, tuple[tuple[str, bytes], ...]]
    events_first: int
    events: tuple[tuple[str, Event], ...]


@dataclass
class Outbox:
    """Records and events are numbered from 0 for ever; `*_acknowledged` is the number of the first unsent one.

    Acknowledged events stay for a while, the first that is held is number `events_kept_from`: a restored server lacks
    some. Events alone make room, the oldest first; `events_dropped` counts those that nobody had acknowledged.
    """

    records: list[bytes] = field(default_factory=list)
    hashes: list[bytes] = field(default_factory=list)
    records_acknowledged: int = 0
    changes: dict[bytes, tuple[str, FrameKind, bytes]] = field(default_factory=dict)
    events: list[tuple[str, Event]] = field(default_factory=list)
    events_acknowledged: int = 0
    events_kept_from: int = 0
    events_dropped: int = 0

    def seal(self, record: bytes) -> bytes:
        self.records.append(record)
        self.hashes.append(next_hash(self.hashes[-1] if self.hashes else FIRST, record))
        return self.hashes[-1]

    def add_change(self, course: str, kind: FrameKind, body: bytes) -> None:
        self.changes[_name(course, body)] = (course, kind, body)

    def add_event(self, course: str, event: Event) -> None:
        self.events.append((course, event))
        self._bound_events()

    def snapshot(self) -> Sent:
        start = self.records_acknowledged
        by_kind: dict[FrameKind, list[tuple[str, bytes]]] = {}
        for course, kind, body in self.changes.values():
            by_kind.setdefault(kind, []).append((course, body))
        return Sent(
            chain_start=start,
            chain_previous=self.hashes[start - 1] if start else FIRST,
            records=tuple(self.records[start:]),
            changes={kind: tuple(changes) for kind, changes in by_kind.items()},
            events_first=self.events_acknowledged,
            events=tuple(self.events[self.events_acknowledged - self.events_kept_from :]),
        )

    def acknowledge_records(self, upto: int) -> None:
        self.records_acknowledged = max(self.records_acknowledged, upto)

    def acknowledge_change(self, course: str, body: bytes) -> None:
        self.changes.pop(_name(course, body), None)

    def acknowledge_events(self, upto: int) -> None:
        """Those before `upto` are safe elsewhere; the newest of them are kept in case that place is lost."""
        self.events_acknowledged = max(self.events_acknowledged, upto)

    def _bound_events(self) -> None:
        spare = max(0, len(self.events) - EVENTS_KEPT)
        del self.events[:spare]
        self.events_kept_from += spare
        self.events_dropped += max(0, self.events_kept_from - self.events_acknowledged)
        self.events_acknowledged = max(self.events_acknowledged, self.events_kept_from)

    def offer_all(self, changes: Iterable[tuple[str, FrameKind, bytes]]) -> None:
        """Everything that is still held counts as unsent again; the chain from its very start."""
        self.offer_records()
        self.events_acknowledged = self.events_kept_from
        self.changes = {_name(course, body): (course, kind, body) for course, kind, body in changes}

    def offer_records(self) -> None:
        self.records_acknowledged = 0

    @property
    def is_empty(self) -> bool:
        unsent_events = self.events_kept_from + len(self.events) - self.events_acknowledged
        return not (self.changes or unsent_events or self.records_acknowledged < len(self.records))


def _name(course: str, body: bytes) -> bytes:
    """The same done in two courses at once may be the same bytes."""
    return course.encode() + b"/" + change_hash(body)
