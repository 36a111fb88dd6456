"""The upstream's log as a hub follows it: what phones are told, whoever wrote it, in order.

Releases are not among it: a hub publishes one itself once it holds every byte of it.
"""

import base64
from typing import Any

from sqlalchemy import Connection, select

from server.log.entries import LOG, TO_DEVICES, head
from server.log.segments import readable
from sync.wire import FrameKind

PAGE_ENTRIES_MAX = 2_000
PAGE_BYTES_MAX = 1 << 20  # of bodies: some three minutes at 50 kbit/s, and what is here stays here when the link ends
KINDS = tuple(sorted(TO_DEVICES))


def page(connection: Connection, organisation_id: str, cursor: int) -> dict[str, Any]:
    """Entries after a cursor, and where the next page begins. It ends before what a damaged segment held: once that is
    healed, the hub is told on from there."""
    last = head(connection)
    query = select(LOG).where(LOG.c.position > cursor, LOG.c.position <= last, LOG.c.kind.in_(KINDS))
    query = query.where(LOG.c.organisation_id == organisation_id, LOG.c.learner_id != "")
    found: list[dict[str, Any]] = []
    room = PAGE_BYTES_MAX
    rows = connection.execute(query.order_by(LOG.c.position).limit(PAGE_ENTRIES_MAX))
    for row, body in readable(connection, rows.all()):
        if body is None:
            return {"entries": found, "cursor": row.position - 1, "more": False}
        room -= len(body)
        if room < 0 and found:
            break
        found.append(_written(row, body))
        cursor = row.position
    else:
        if len(found) < PAGE_ENTRIES_MAX:
            return {"entries": found, "cursor": last, "more": False}
    return {"entries": found, "cursor": cursor, "more": True}


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


def kind_of(entry: dict[str, Any]) -> FrameKind:
    return FrameKind(entry["kind"])
