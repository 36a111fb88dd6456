"""What waits for its dependencies: read back whole, and moved into the log once they have come, by whatever road.

A learner's phones wait for each other: what one of them sent is placed when another brings what it builds on. Each
item keeps its own device and its own evidence.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from server.log.entries import LOG, insert_once
from server.tables import Parked, Quarantined
from server.tables.core import table_of
from server.tables.ids import now_ms
from sync.admission import Author, Item, SetAside
from sync.codec import decode
from sync.wire import DOCUMENTS, FrameKind

PARKED, QUARANTINED = table_of(Parked), table_of(Quarantined)
READ_MAX = 512  # of one learner: more than that wait for the next exchange


def waiting(connection: Connection, author: Author) -> tuple[Item, ...]:
    """What of the author's learner is parked, whichever of her devices sent it; oldest first."""
    query = select(PARKED).where(PARKED.c.learner_id == author.learner).order_by(PARKED.c.id)
    return tuple(_item(row, author) for row in connection.execute(query.limit(READ_MAX)))


def _item(row: Row[Any], author: Author) -> Item:
    writer = (row.device_id, row.profile)
    owner = None if writer == (author.device, author.profile) else writer
    return Item(-1, FrameKind(row.kind), row.course_id, row.hash, row.body, row.actor, row.seq, _deps(row), owner)


def _deps(row: Row[Any]) -> tuple[bytes, ...]:
    if row.kind in DOCUMENTS:
        return decode(row.body).deps
    return (row.previous,) if row.kind == FrameKind.SUBMISSIONS else ()


def previous_of(item: Item) -> bytes:
    """What a row keeps so that the item can be made again: a change's body tells what it builds on, an attempt's
    does not."""
    return item.deps[0] if item.kind is FrameKind.SUBMISSIONS and item.deps else b""


def move_to_log(connection: Connection, author: Author, placed: Iterable[Item]) -> None:
    """Writes parked items to the log, in this order, each under its own device and with its own evidence."""
    for item in placed:
        here = (PARKED.c.learner_id == author.learner, PARKED.c.hash == item.hash)
        row = connection.execute(select(PARKED).where(*here)).one()._asdict()
        entry = {column.name: row[column.name] for column in LOG.columns if column.name in row}
        connection.execute(insert(LOG), entry | {"received_ms": now_ms()})
        connection.execute(delete(PARKED).where(*here))


def give_up(connection: Connection, author: Author, hopeless: Iterable[SetAside]) -> None:
    """What can never be placed is shown to a person, with its bytes; nothing waits for ever."""
    for aside in hopeless:
        here = (PARKED.c.learner_id == author.learner, PARKED.c.hash == aside.item.hash)
        row = connection.execute(select(PARKED).where(*here)).one()._asdict()
        kept = {column.name: row[column.name] for column in QUARANTINED.columns if column.name in row}
        del kept["id"]
        insert_once(connection, QUARANTINED, [kept | {"reason": aside.reason, "since_ms": now_ms()}])
        connection.execute(delete(PARKED).where(*here))


def forget(connection: Connection, author: Author, hashes: Iterable[bytes]) -> None:
    """Drops what came again and found its place by itself."""
    here = (PARKED.c.learner_id == author.learner, PARKED.c.hash.in_(list(hashes)))
    connection.execute(delete(PARKED).where(*here))
