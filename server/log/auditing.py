"""Old history watched over: every segment is read again now and then, and each body compared with its entry's hash.

What a disk, or a wrong compaction, made of it stands in the table `damage` until it is well again: healed
(`server.log.healing`), or read whole after all. How far the audit has come is kept, so that a server that is started
anew every day goes through all of it as well. It changes nothing but that.
"""

import json
import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, delete, select

from server.bulk import run
from server.log.entries import upsert
from server.log.names import Named, confirmed
from server.log.segments import UNREADABLE, contents, packed_in, salvage, unpack
from server.tables import Damage, ServerState
from server.tables.core import table_of
from server.tables.ids import now_ms

DAMAGE, STATE = table_of(Damage), table_of(ServerState)
AUDIT = "audit"  # its row in the server's state
SEGMENTS_MAX = 4  # of a slice: some 10 ms
WAIT_SECONDS = 15 * 60  # after the start, when phones come back, and before it is asked again whether it is time
AUDIT_MS = 7 * 86_400_000  # from one to the next: 15 s of the processor for 1,000 phones' year
PLACES = "SELECT s.id, s.organisation_id, s.learner_id, s.first_position, s.last_position FROM segment s"
NEXT = f"{PLACES} WHERE s.id > ? ORDER BY s.id LIMIT {SEGMENTS_MAX}"
AT = f"{PLACES} WHERE s.id = ?"
DAMAGED = f"{PLACES} JOIN damage d ON d.segment_id = s.id ORDER BY s.id"
AHEAD = "SELECT count(*) FROM segment WHERE id > ?"
TOLD = """
    SELECT s.id, l.name, d.lost, count(*), min(e.received_ms), max(e.received_ms)
    FROM damage d JOIN segment s ON s.id = d.segment_id JOIN learner l ON l.id = d.learner_id
    JOIN log_entry e ON e.learner_id = s.learner_id AND e.position >= s.first_position
    AND e.position <= s.last_position AND e.segment_id = s.id
    GROUP BY s.id, l.name, d.lost ORDER BY s.id
"""


class Place(NamedTuple):
    """Where a segment stands."""

    id: int
    organisation: str
    learner: str
    first: int
    last: int


class Read(NamedTuple):
    """What a segment ought to hold, and what it does: bodies by position, each what its entry's hash says."""

    entries: Sequence[Named]
    bodies: dict[int, bytes]

    @property
    def lost(self) -> int:
        return len(self.entries) - len(self.bodies)


class Progress(NamedTuple):
    """How far the audit has come: `after` which segment it goes on, when the last one `ended_ms`; 0: never."""

    after: int = 0
    ended_ms: int = 0


def read(connection: Connection, place: Place) -> Read:
    """As much as there is of a segment, whatever became of it."""
    entries = packed_in(connection, place.id)
    if not entries:  # what took its place is a segment of its own
        return Read((), {})
    [(_, content)] = contents(connection, [place.id]) or [(place.id, b"")]
    try:
        bodies = unpack(content)
    except UNREADABLE:
        bodies = salvage(content)
    return Read(entries, confirmed(connection, entries, bodies))


class Audit:
    """One way through all segments, a slice at a time."""

    def __init__(self, after: int = 0) -> None:
        self.after = after
        self.segments = 0  # that have been read
        self.is_over = False

    def step(self, connection: Connection) -> None:
        """One slice: reads some segments, and notes what it finds."""
        places = _next(connection, self.after)
        for place in places:
            note(connection, place, read(connection, place).lost)
        self.segments += len(places)
        self.after = places[-1].id if places else self.after
        self.is_over = len(places) < SEGMENTS_MAX

    def left(self, connection: Connection) -> int:
        [(count,)] = run(connection, AHEAD, (self.after,))
        return int(count)


def _next(connection: Connection, after: int) -> list[Place]:
    return [Place(*row) for row in run(connection, NEXT, (after,))]


def lost_by_segment(connection: Connection) -> Iterator[tuple[Place, int]]:
    """Every damaged segment, with how many entries of it are lost; notes nothing, since it is a copy that is read."""
    after = 0
    while places := _next(connection, after):
        after = places[-1].id
        for place in places:
            if lost := read(connection, place).lost:
                yield place, lost


class Audits:
    """One audit after another, with a week between them; goes on where the last process was stopped."""

    def __init__(self, *, wait_seconds: float = WAIT_SECONDS) -> None:
        self._again = time.monotonic() + wait_seconds
        self._suspected: set[int] = set()  # segments that somebody met: looked at before all others
        self._known: set[int] = set()  # those that were: who needs one asks for it again and again

    @property
    def is_due(self) -> bool:
        return bool(self._suspected) or time.monotonic() >= self._again

    def suspect(self, segment: int) -> None:
        if segment not in self._known:
            self._suspected.add(segment)

    def step(self, connection: Connection) -> bool:
        """One slice, if it is time for an audit; says whether there may be more of it."""
        if self._suspected:
            segment = self._suspected.pop()
            self._known.add(segment)
            for row in run(connection, AT, (segment,)):
                note(connection, Place(*row), read(connection, Place(*row)).lost)
            return True
        before = progress(connection)
        self._again = time.monotonic() + WAIT_SECONDS  # also when the table of segments itself cannot be read
        if before.after == 0 and now_ms() - before.ended_ms < AUDIT_MS:
            return False
        audit = Audit(before.after)
        audit.step(connection)
        keep(connection, Progress(0, now_ms()) if audit.is_over else before._replace(after=audit.after))
        if not audit.is_over:
            self._again = 0.0
        return not audit.is_over


def progress(connection: Connection) -> Progress:
    kept = connection.execute(select(STATE.c.value).where(STATE.c.name == AUDIT)).scalar()
    return Progress(*json.loads(kept)) if kept else Progress()


def keep(connection: Connection, now: Progress) -> None:
    value = json.dumps(now).encode()
    upsert(connection, STATE, {"name": AUDIT, "value": value}, {"value": value})


def note(connection: Connection, place: Place, lost: int) -> None:
    """Writes down how many bodies of a segment cannot be read; nothing, where it is well."""
    if not lost:
        connection.execute(delete(DAMAGE).where(DAMAGE.c.segment_id == place.id))
        return
    row = {"segment_id": place.id, "organisation_id": place.organisation, "learner_id": place.learner, "lost": lost}
    upsert(connection, DAMAGE, row | {"found_ms": now_ms()}, {"lost": lost})


def damaged(connection: Connection) -> list[Place]:
    return [Place(*row) for row in run(connection, DAMAGED)]


class Told(NamedTuple):
    """A damaged segment, for a person: whose, how much of it is lost, from when to when its entries came."""

    segment: int
    learner: str
    lost: int
    entries: int
    since_ms: int
    until_ms: int


def told(connection: Connection) -> list[Told]:
    return [Told(*row) for row in run(connection, TOLD)]
