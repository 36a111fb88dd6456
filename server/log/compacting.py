"""Old history made small, behind everything else: bodies that came weeks ago move into segments, and what was found in
the attempts among them is packed where it lies.

A slice takes one run of one learner's entries, writes its segment, reads that back, and only then writes the rows anew
without their bodies, all in the transaction of the one writer: killed at any moment, a body is in its row or in its
segment. Runs of a learner follow one another without a gap, so where the last one ended says where the next begins.

Rows are deleted and inserted again, not updated: SQLite gives back the pages of rows that went, and keeps those of rows
that shrank. What is freed is used by what comes next; the file does not grow, and shrinks when `VACUUM` is run.
"""

import time
from collections.abc import Sequence
from itertools import accumulate, takewhile
from typing import Any, NamedTuple

from sqlalchemy import Connection

from server.bulk import insert_returning, insert_rows, run, run_many
from server.errors import SegmentDamaged
from server.grading.packing import pack_attempts
from server.log.entries import LOG, WHOLE, Logged
from server.log.segments import BODIES_BYTES_MAX, ENTRIES_MAX, is_written, pack
from server.tables import Segment
from server.tables.core import table_of
from server.tables.ids import now_ms
from sync.wire import FrameKind

SEGMENT = table_of(Segment)
SEGMENT_COLUMNS = (
    *("organisation_id", "learner_id", "first_position", "last_position"),
    *("entries", "size", "content", "made_ms"),
)
KEPT_MS = 28 * 86_400_000  # most phones come back within four weeks: what they are sent lies open
BYTES_MIN = 16 << 10  # two weeks of a busy learner: what is shorter packs worse, and can wait until it is longer
LEARNERS_MAX = 64  # looked at in one slice, some 3 ms, when there is nothing to pack
SWEEP_SECONDS = 6 * 3_600  # one through 5,000 learners who have nothing to pack takes half a second
NEXT_LEARNER = "SELECT learner_id FROM log_entry WHERE learner_id > ? ORDER BY learner_id LIMIT 1"
PACKED_UNTIL = "SELECT max(last_position) FROM segment WHERE learner_id = ?"
SIZES = f"""
    SELECT position, length(body), received_ms FROM log_entry
    WHERE learner_id = ? AND position > ? AND position <= ? ORDER BY position LIMIT {ENTRIES_MAX + 1}
"""  # noqa: S608  # numbers of our own
_RUN = "learner_id = ? AND position >= ? AND position <= ?"
ROWS = f"SELECT {WHOLE} FROM log_entry WHERE {_RUN} ORDER BY position"  # noqa: S608  # names of our own
ALL_PACKED = """
    SELECT count(*), coalesce(sum(entries), 0), coalesce(sum(size), 0), coalesce(sum(length(content)), 0) FROM segment
"""
EMPTIED = f"DELETE FROM log_entry WHERE {_RUN}"  # noqa: S608


class Run(NamedTuple):
    """Entries of one learner, all of hers between two positions, both included."""

    learner: str
    first: int
    last: int


class Packed(NamedTuple):
    """What lies in segments: `size` bytes of bodies in `packed` bytes."""

    segments: int
    entries: int
    size: int
    packed: int


def packed(connection: Connection) -> Packed:
    [row] = run(connection, ALL_PACKED)
    return Packed(*map(int, row))


class Sweep:
    """One way through all learners, a slice at a time."""

    def __init__(self, *, kept_ms: int = KEPT_MS, bytes_min: int = BYTES_MIN) -> None:
        self.learners = 0  # who have been looked at
        self.is_over = False
        self._kept_ms = kept_ms
        self._bytes_min = bytes_min
        self._after = ""

    def step(self, connection: Connection, passed: int) -> bool:
        """One slice: a segment, or a look at some learners who need none; says whether there may be more.

        `passed`: the position up to which every consumer has read.
        """
        before_ms = now_ms() - self._kept_ms
        for _ in range(LEARNERS_MAX):
            found = run(connection, NEXT_LEARNER, (self._after,))
            if not found:
                self.is_over = True
                return False
            [(learner,)] = found
            if self._compact(connection, learner, passed, before_ms):
                return True
            self._after = learner
            self.learners += 1
        return True

    def _compact(self, connection: Connection, learner: str, passed: int, before_ms: int) -> bool:
        """Packs the next run of a learner's entries, where enough of them are old; says whether they were."""
        [(packed_until,)] = run(connection, PACKED_UNTIL, (learner,))
        sizes = run(connection, SIZES, (learner, packed_until or 0, passed))
        old = list(takewhile(lambda entry: entry[2] <= before_ms, sizes))
        fitting = _fitting(old)
        if len(fitting) == len(old) and sum(size for _, size, _ in old) < self._bytes_min:
            return False
        self._move(connection, Run(learner, fitting[0][0], fitting[-1][0]))
        return True

    def _move(self, connection: Connection, one: Run) -> None:
        """Raises `SegmentDamaged` when what was written is not what is read back; then nothing has happened."""
        rows = [Logged(*row) for row in run(connection, ROWS, one)]
        segment = self._write(connection, one, rows)
        empty(connection, one, rows, segment)
        pack_attempts(connection, one.learner, [row.hash for row in rows if row.kind == FrameKind.SUBMISSIONS])

    def _write(self, connection: Connection, one: Run, rows: Sequence[Logged]) -> int:
        """The segment of these rows, read back."""
        whole = {row.position: bytes(row.body) for row in rows}
        place = (rows[0].organisation_id, *one, len(rows), sum(map(len, whole.values())), pack(whole), now_ms())
        [(segment,)] = insert_returning(connection, SEGMENT, SEGMENT_COLUMNS, [place], "id")
        if not is_written(connection, segment, whole):
            raise SegmentDamaged(f"What was packed of {one} is not what is read back. It stays as it was.")
        return int(segment)


class Sweeps:
    """One sweep after another, with hours between them."""

    def __init__(self) -> None:
        self._sweep = Sweep()
        self._again = 0.0

    @property
    def is_due(self) -> bool:
        return time.monotonic() >= self._again

    def step(self, connection: Connection, passed: int) -> bool:
        """One slice; says whether there may be more of this sweep."""
        if self._sweep.step(connection, passed):
            return True
        self._sweep, self._again = Sweep(), time.monotonic() + SWEEP_SECONDS
        return False


def _fitting(old: Sequence[Any]) -> Sequence[Any]:
    """As many of the first as one segment holds, at least one of any."""
    sums = accumulate(size for _, size, _ in old[:ENTRIES_MAX])
    count = sum(1 for size in sums if size <= BODIES_BYTES_MAX)
    return old[: max(1, count)]


def empty(connection: Connection, one: Run, rows: Sequence[Logged], segment: int) -> None:
    """Takes the bodies out of rows, once a segment holds them."""
    run_many(connection, EMPTIED, [one])
    insert_rows(connection, LOG, Logged._fields, [row._replace(body=b"", segment_id=segment) for row in rows])
