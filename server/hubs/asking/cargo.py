"""What devices sent to this hub, kept as it came until the upstream has it, and after: another life of the upstream's
log, restored from a backup, is given it again.

A request is kept in the transaction that answers it: what a phone was told is safe will travel on.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, case, func, select, update

from server.exchange.group import OneExchange, tier_of
from server.log.entries import insert_once
from server.shapes.hubs import JOINS_MAX, CarriedJoin, HubState
from server.tables import Cargo, HubAddition, HubJoin
from server.tables.core import table_of
from server.tables.ids import now_ms

CARGO, JOIN, ADDITION = table_of(Cargo), table_of(HubJoin), table_of(HubAddition)
BATCH_BYTES_MAX = 256 << 10  # of one request upward: some forty seconds at 50 kbit/s, and a cut costs no more than it
BATCH_PARTS_MAX = 200

Place = tuple[int, int]  # tier and id
BEGIN: Place = (-1, 0)


@dataclass(frozen=True, slots=True)
class Piece:
    """`hash` names it as it came; `digest` as it is now."""

    id: int
    hash: bytes
    body: bytes

    @property
    def digest(self) -> str:
        return sha256(self.body).hexdigest()

    @property
    def is_altered(self) -> bool:
        """This disk is failing, or somebody wrote on it."""
        return self.digest != self.hash.hex()


def keep(connection: Connection, tasks: Sequence[OneExchange]) -> None:
    """Called by the writer for each group of exchanges. What only asks is not kept."""
    now = now_ms()
    rows = [
        {
            "device_id": one.arrival.author.device,
            "profile": one.arrival.author.profile,
            "tier": int(tier_of(one.arrival.request)),
            "hash": sha256(one.body).digest(),
            "body": one.body,
            "received_ms": now,
            "delivered_epoch": b"",
            "refused": "",
        }
        for one in tasks
        if one.arrival.request.frames
    ]
    insert_once(connection, CARGO, rows)


def batch(connection: Connection, epoch: bytes, after: Place) -> tuple[list[Piece], Place]:
    """What one life of the upstream's log has not been given yet, the pressing first; and where the next begins."""
    tier, last = after
    behind = (CARGO.c.tier > tier) | ((CARGO.c.tier == tier) & (CARGO.c.id > last))
    query = select(CARGO).where(waits(CARGO, epoch), behind).order_by(CARGO.c.tier, CARGO.c.id).limit(BATCH_PARTS_MAX)
    found: list[Piece] = []
    room = BATCH_BYTES_MAX
    for row in connection.execute(query):
        room -= len(row.body)
        if room < 0 and found:
            break
        found.append(Piece(row.id, row.hash, row.body))
        after = (row.tier, row.id)
    return found, after


def joins(connection: Connection, epoch: bytes, after: int = 0) -> list[Row[Any]]:
    waiting = select(JOIN).where(waits(JOIN, epoch), JOIN.c.id > after)
    return list(connection.execute(waiting.order_by(JOIN.c.id).limit(JOINS_MAX)))


def joining(row: Row[Any]) -> CarriedJoin:
    """One as the upstream reads it."""
    return CarriedJoin(
        code=row.code,
        public_key=row.public_key,
        proof=row.proof,
        label=row.label,
        language=row.language,
        profile=row.profile,
    )


def note(connection: Connection, table: Any, epoch: bytes, outcomes: Sequence[tuple[int, str]]) -> None:
    """What the upstream said of each, by its id: an empty code for what is durable there."""
    for place, code in outcomes:
        delivered = epoch if not code else b""
        connection.execute(update(table).where(table.c.id == place).values(delivered_epoch=delivered, refused=code))


def offer_refused_again(connection: Connection) -> None:
    """What the upstream would not have may be welcome now: a device was let in again."""
    for table in (CARGO, JOIN, ADDITION):
        connection.execute(update(table).where(table.c.refused != "").values(refused=""))


def state(connection: Connection, epoch: bytes) -> HubState:
    """Of work, and of who was enrolled here."""
    counted = [
        _counted(connection, epoch, *each) for each in ((CARGO, CARGO.c.received_ms), (ADDITION, ADDITION.c.added_ms))
    ]
    oldest_ms = min((oldest for _, _, oldest in counted if oldest is not None), default=now_ms())
    return HubState(
        waiting=sum(waiting for waiting, _, _ in counted),
        oldest_seconds=max(0, now_ms() - oldest_ms) // 1_000,
        refused=sum(refused for _, refused, _ in counted),
    )


def _counted(connection: Connection, epoch: bytes, table: Any, since: Any) -> tuple[int, int, int | None]:
    """How many wait, how many were refused, and since when the oldest waits."""
    counted = select(
        func.coalesce(func.sum(case((waits(table, epoch), 1), else_=0)), 0),
        func.coalesce(func.sum(case((table.c.refused != "", 1), else_=0)), 0),
        func.min(case((waits(table, epoch), since))),
    )
    waiting, refused, oldest_ms = connection.execute(counted).one()
    return int(waiting), int(refused), oldest_ms


def refused(connection: Connection) -> dict[str, int]:
    """How many pieces of work and joinings the upstream would not have, by its code."""
    found: Counter[str] = Counter()
    for table in (CARGO, JOIN):
        query = select(table.c.refused, func.count()).where(table.c.refused != "").group_by(table.c.refused)
        for code, count in connection.execute(query):
            found[code] += count
    return found


def waits(table: Any, epoch: bytes) -> ColumnElement[bool]:
    """What one life of the upstream's log has not been given yet, and did not refuse."""
    waits: ColumnElement[bool] = (table.c.delivered_epoch != epoch) & (table.c.refused == "")
    return waits if epoch else (table.c.refused == "")
