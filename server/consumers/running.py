"""Consumers follow the log, each with a cursor of its own that moves in the transaction of what it made.

So each entry has its effect exactly once, whatever dies when. An entry that a consumer cannot take is set aside with
the reason and shown to the administrator; the ones behind it go on.
"""

import logging
import time
from collections.abc import Sequence
from typing import Protocol

from sqlalchemy import Connection
from sqlalchemy.exc import DataError, SQLAlchemyError

from server.log.entries import Logged, cursor_of, entries_after, head, insert_once, move_cursor
from server.tables import Quarantined
from server.tables.core import table_of
from server.tables.ids import now_ms

QUARANTINED = table_of(Quarantined)
SLICE_SECONDS = 0.04  # of the processor: what an exchange may have to wait for
PRESSED = 4  # so much less, while learners hand in attempts: a slice must not be what their slowest hundredth waits for
SLICE_ENTRIES_MAX = 1_024  # beyond it a slice costs hardly less for each entry
SLICE_ENTRIES_FIRST = 64
SLICE_ENTRIES_MIN = 4  # events come by the hundred in one entry
SKIPPED_MAX = 1_000  # entries for others that are looked through again and again rather than noted as seen
log = logging.getLogger(__name__)


class Consumer(Protocol):
    """Makes something of the entries of some kinds. Called with entries in order, inside a transaction."""

    name: str
    kinds: frozenset[int]

    def consume(self, connection: Connection, entries: Sequence[Logged]) -> None:
        """Raises whatever it must; then nothing of this slice is kept."""


def _next_slice(limit: int, entries: int, seconds: float) -> int:
    """Shrinks after a slice that took too long; grows, twofold, after a full one that took less than half its time."""
    if seconds > SLICE_SECONDS:
        return max(SLICE_ENTRIES_MIN, int(limit * SLICE_SECONDS / seconds))
    return min(SLICE_ENTRIES_MAX, 2 * limit) if entries == limit and seconds < SLICE_SECONDS / 2 else limit


class Follower:
    """Drives one consumer along the log."""

    def __init__(self, consumer: Consumer) -> None:
        self.consumer = consumer
        self._seen = 0  # up to here the log holds nothing more of its kinds
        self._slice = SLICE_ENTRIES_FIRST  # then as many entries as were lately done in SLICE_SECONDS

    def step(self, connection: Connection, *, is_pressed: bool = False) -> bool:
        """Consumes the next slice, a smaller one while others press; says whether there was anything."""
        limit, began = self._slice, time.thread_time()
        if is_pressed:
            limit = max(SLICE_ENTRIES_MIN, limit // PRESSED)
        entries = entries_after(connection, self.cursor(connection), self.consumer.kinds, limit)
        if not entries:
            self._skip(connection)
            return False
        self._consume(connection, entries)
        move_cursor(connection, self.consumer.name, entries[-1].position)
        if not is_pressed:
            self._slice = _next_slice(limit, len(entries), time.thread_time() - began)
        return True

    def _skip(self, connection: Connection) -> None:
        """Nothing of its kinds is left. Far behind others' entries the cursor follows: each look reads what lies after
        it. Stored, like any step: a commit that fails gives its positions to other entries."""
        self._seen = head(connection)
        if self._seen - self.cursor(connection) > SKIPPED_MAX:
            move_cursor(connection, self.consumer.name, self._seen)

    def cursor(self, connection: Connection) -> int:
        """The stored one: a copy in memory would run ahead when a commit fails."""
        return cursor_of(connection, self.consumer.name)

    def behind(self, connection: Connection) -> int:
        """Positions between what this consumer has seen and the log's head: at most so much is left to do."""
        return max(0, head(connection) - max(self._seen, self.cursor(connection)))

    def unread_since_ms(self, connection: Connection) -> int | None:
        """When the oldest entry that it has not read came; None: it has read all."""
        entries = entries_after(connection, max(self._seen, self.cursor(connection)), self.consumer.kinds, 1)
        return entries[0].received_ms if entries else None

    def _consume(self, connection: Connection, entries: Sequence[Logged]) -> None:
        try:
            with connection.begin_nested():
                self.consumer.consume(connection, entries)
        except Exception as error:
            if isinstance(error, SQLAlchemyError) and not isinstance(error, DataError):
                raise  # the database is at fault, not the entry: try again later
            if len(entries) > 1:
                for entry in entries:
                    self._consume(connection, [entry])
                return
            log.exception("%s cannot take entry %d; it is set aside", self.consumer.name, entries[0].position)
            self._set_aside(connection, entries[0])

    def _set_aside(self, connection: Connection, entry: Logged) -> None:
        row = {
            "organisation_id": entry.organisation_id,
            "learner_id": entry.learner_id,
            "course_id": entry.course_id,
            "device_id": entry.device_id,
            "profile": entry.profile,
            "kind": entry.kind,
            "hash": entry.hash,
            "body": entry.body,
            "reason": f"consumer_{self.consumer.name}",
            "since_ms": now_ms(),
        }
        insert_once(connection, QUARANTINED, [row])
