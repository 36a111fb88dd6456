"""Writing to the log and reading from it, in SQL; SQLite or PostgreSQL.

Entries must become visible in the order of their positions, or a cursor would pass by one that commits late. On SQLite
the write lock sees to that; on PostgreSQL a lock of the log's own, held until the transaction ends.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, select, text
from sqlalchemy.dialects import postgresql, sqlite

from server.log.bulk import insert_rows
from server.tables import LogEntry
from server.tables.core import table_of
from server.tables.ids import now_ms
from sync.wire import FrameKind

LOG = table_of(LogEntry)
SERVER_COLUMNS = (
    *("organisation_id", "learner_id", "course_id", "device_id", "profile"),
    *("kind", "hash", "body", "received_ms", "actor", "seq"),
)
LOG_LOCK = 0x7469_6666  # any number that nobody else uses


def lock_log(connection: Connection) -> None:
    """Called first by whatever writes entries."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOG_LOCK})


def insert_once(connection: Connection, table: Any, rows: Sequence[dict[str, Any]]) -> None:
    """Inserts what is not there yet; what is there already stays as it is."""
    if rows:
        make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
        connection.execute(make(table).on_conflict_do_nothing(), rows)


def upsert(connection: Connection, table: Any, first: dict[str, Any], again: dict[str, Any]) -> None:
    """Inserts a row or, where its key is there already, sets what `again` says."""
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    keys = [column.name for column in table.primary_key]
    connection.execute(make(table).values(first).on_conflict_do_update(index_elements=keys, set_=again))


@dataclass(frozen=True, slots=True)
class ServerEntry:
    """What the server itself has to say, to one learner or, when `learner` is empty, to everyone in the course.

    The same words twice are one entry: a body that may recur must say when it was said.
    """

    organisation: str
    kind: FrameKind
    body: bytes
    course: str = ""
    learner: str = ""


def append_server_entry(
    connection: Connection, *, organisation: str, kind: FrameKind, body: bytes, course: str = "", learner: str = ""
) -> None:
    append_server_entries(connection, [ServerEntry(organisation, kind, body, course, learner)])


def append_server_entries(connection: Connection, entries: Iterable[ServerEntry]) -> None:
    lock_log(connection)
    now = now_ms()
    rows = [(*_place(one), "", 0, int(one.kind), sha256(one.body).digest(), one.body, now, b"", 0) for one in entries]
    insert_rows(connection, LOG, SERVER_COLUMNS, rows, "ON CONFLICT DO NOTHING")


def _place(one: ServerEntry) -> tuple[str, str, str]:
    return one.organisation, one.learner, one.course


def head(connection: Connection) -> int:
    """The highest position there is."""
    return connection.execute(select(LOG.c.position).order_by(LOG.c.position.desc()).limit(1)).scalar() or 0


def entries_after(connection: Connection, cursor: int, kinds: Iterable[int], limit: int) -> Sequence[Row[Any]]:
    """The next entries of some kinds, whoever they are about."""
    query = select(LOG).where(LOG.c.position > cursor, LOG.c.kind.in_(sorted(kinds)))
    return connection.execute(query.order_by(LOG.c.position).limit(limit)).all()


TO_DEVICES = tuple(
    int(kind)
    for kind in (
        FrameKind.MILESTONES,
        FrameKind.PROGRESS,
        FrameKind.GRADE,
        FrameKind.RELEASE,
        FrameKind.MESSAGE,
        FrameKind.ENROLMENT,
    )
)
