"""The upstream's log as a hub follows it: what phones are told, whoever wrote it, in order.

Releases are not among it: a hub publishes one itself once it holds every byte of it.
"""

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, select

from server.log.entries import LOG, TO_DEVICES, head
from server.log.segments import readable

PAGE_ENTRIES_MAX = 2_000
PAGE_BYTES_MAX = 1 << 20  # of bodies: some three minutes at 50 kbit/s, and what is here stays here when the link ends
KINDS = tuple(sorted(TO_DEVICES))


@dataclass
class Told:
    """A page as it grows. `cursor`: up to where everything is told but what is `held`: by learner, the place behind
    which nothing of hers is told yet. `lost`: whose next entry cannot be read, where the page had to end before it."""

    cursor: int
    held: dict[str, int]
    entries: list[dict[str, Any]] = field(default_factory=list)
    more: bool = False
    lost: str = ""
    _room: int = PAGE_BYTES_MAX

    def take(self, row: Any, body: bytes) -> bool:
        """Whether there was room for it; for one entry there always is."""
        self._room -= len(body)
        self.more = bool(self.entries) and (self._room < 0 or len(self.entries) >= PAGE_ENTRIES_MAX)
        if not self.more:
            self.entries.append(_written(row, body))
        return not self.more

    def written(self) -> dict[str, Any]:
        told = {"entries": self.entries, "cursor": self.cursor, "more": self.more}
        return told | {name: value for name, value in (("held", self.held), ("lost", self.lost)) if value}


def page(
    connection: Connection, organisation_id: str, cursor: int, held: Mapping[str, int] | None = None
) -> dict[str, Any]:
    """Entries after a cursor, and where the next page begins.

    It ends before what a damaged segment held, and says whose that is. A hub that asks again with her `held` is told on
    without her, and of her from there as soon as it is healed: each learner's entries come in their order, and no other
    learner's build on them.
    """
    told = Told(cursor, dict(held or {}))
    last = head(connection)
    _tell_all(connection, organisation_id, last, told)
    if told.more or told.lost:
        return told.written()
    told.cursor = last
    for learner in sorted(told.held):
        if not _tell_held(connection, organisation_id, learner, told):
            break
    return told.written()


def _tell_all(connection: Connection, organisation_id: str, last: int, told: Told) -> None:
    """Of everybody but those who are held."""
    behind = [LOG.c.position > told.cursor, LOG.c.position <= last, LOG.c.learner_id != ""]
    for row, body in _readable(connection, organisation_id, *behind, LOG.c.learner_id.not_in(list(told.held))):
        if body is None:
            told.cursor, told.lost = row.position - 1, row.learner_id
            return
        if not told.take(row, body):
            return
        told.cursor = row.position


def _tell_held(connection: Connection, organisation_id: str, learner: str, told: Told) -> bool:
    """What was held of a learner, as far as it is there again; whether the page has room for more."""
    hers = [LOG.c.learner_id == learner, LOG.c.position > told.held[learner], LOG.c.position <= told.cursor]
    for row, body in _readable(connection, organisation_id, *hers):
        if body is None:
            return True
        if not told.take(row, body):
            return False
        told.held[learner] = row.position
    del told.held[learner]
    return True


def _readable(
    connection: Connection, organisation_id: str, *which: ColumnElement[bool]
) -> Iterator[tuple[Any, bytes | None]]:
    """In order, and one more than a page holds: so it shows that there is more."""
    query = select(LOG).where(LOG.c.organisation_id == organisation_id, LOG.c.kind.in_(KINDS), *which)
    rows = connection.execute(query.order_by(LOG.c.position).limit(PAGE_ENTRIES_MAX + 1))
    return readable(connection, rows.all())


def _written(row: Any, body: bytes) -> dict[str, Any]:
    return {
        "learner": row.learner_id,
        "course": row.course_id,
        "device": row.device_id,
        "profile": row.profile,
        "kind": row.kind,
        "hash": row.hash.hex(),
        "actor": row.actor.hex(),
        "seq": row.seq,
        "body": base64.b64encode(body).decode(),
        "received_ms": row.received_ms,
    }
