"""Consumers follow the log, each with a cursor of its own that moves in the transaction of what it made.

So each entry has its effect exactly once, whatever dies when. An entry that a consumer cannot take is set aside with
the reason and shown to the administrator; the ones behind it go on.
"""

import logging
import time
from collections.abc import Sequence
from typing import Protocol

from sqlalchemy import Connection

from server.consumers.apart import do_all_or_each
from server.consumers.pace import SLICE_SECONDS, Pace
from server.log.entries import Logged, cursor_of, entries_after, head, insert_once, move_cursor
from server.tables import Quarantined
from server.tables.core import table_of
from server.tables.ids import now_ms

QUARANTINED = table_of(Quarantined)
SKIPPED_MAX = 1_000  # entries for others that are looked through again and again rather than noted as seen
log = logging.getLogger(__name__)


class Consumer(Protocol):
    """Makes something of the entries of some kinds. Called with entries in order, inside a transaction."""

    name: str
    kinds: frozenset[int]

    def consume(self, connection: Connection, entries: Sequence[Logged]) -> None:
        """Raises whatever it must; then nothing of this slice is kept."""


class Follower:
    """Drives one consumer along the log."""

    def __init__(self, consumer: Consumer) -> None:
        self.consumer = consumer
        self._seen = 0  # up to here the log holds nothing more of its kinds
        self._pace = Pace()

    def step(self, connection: Connection, seconds: float = SLICE_SECONDS) -> bool:
        """Consumes what fits into so many seconds of the processor; says whether there was anything."""
        began, cursor = time.thread_time(), self.cursor(connection)
        entries = entries_after(connection, cursor, self.consumer.kinds, self._pace.fitting(seconds))
        if not entries:
            self._skip(connection, cursor)
            return False
        self._consume(connection, entries)
        move_cursor(connection, self.consumer.name, entries[-1].position)
        self._pace.took(len(entries), time.thread_time() - began, of=seconds)
        return True

    def _skip(self, connection: Connection, cursor: int) -> None:
        """Nothing of its kinds is left. Far behind others' entries the cursor follows: each look reads what lies after
        it. Stored, like any step: a commit that fails gives its positions to other entries."""
        self._seen = head(connection)
        if self._seen - cursor > SKIPPED_MAX:
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
        def consume(some: Sequence[Logged]) -> None:
            self.consumer.consume(connection, some)

        def set_aside(entry: Logged, error: Exception) -> None:
            name = self.consumer.name
            log.error("%s cannot take entry %d; it is set aside", name, entry.position, exc_info=error)
            self._set_aside(connection, entry)

        do_all_or_each(connection, [entry for entry in entries if not entry.is_lost], consume, set_aside)
        for entry in entries:
            if entry.is_lost:  # an old entry, and a consumer that begins again: it is released once that is healed
                self._set_aside(connection, entry)

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
