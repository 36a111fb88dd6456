"""Writing to the log and reading from it, in SQL; SQLite or PostgreSQL.

Entries must become visible in the order of their positions, or a cursor would pass by one that commits late. On SQLite
the write lock sees to that; on PostgreSQL a lock of the log's own, held until the transaction ends.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from sqlalchemy import Connection, text
from sqlalchemy.dialects import postgresql, sqlite

from server.bulk import insert_rows, run, run_many
from server.log.segments import readable
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


class ServerEntry(NamedTuple):
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


class Logged(NamedTuple):
    """An entry as it stands in the log; see `server.tables.LogEntry`."""

    position: int
    organisation_id: str
    learner_id: str
    course_id: str
    device_id: str
    profile: int
    kind: int
    hash: bytes
    actor: bytes
    seq: int
    body: bytes
    parcel_id: int | None
    received_ms: int
    segment_id: int | None = None

    @property
    def is_lost(self) -> bool:
        """Of an entry that was read with its body: the segment that held it is damaged."""
        return self.segment_id is not None


WHOLE = ", ".join(Logged._fields)


def head(connection: Connection) -> int:
    """The highest position there is."""
    rows = run(connection, "SELECT max(position) FROM log_entry")
    return rows[0][0] or 0


def entries_after(connection: Connection, cursor: int, kinds: Iterable[int], limit: int) -> list[Logged]:
    """The next entries of some kinds, whoever they are about."""
    numbers = ", ".join(map(str, sorted(kinds)))
    query = f"SELECT {WHOLE} FROM log_entry WHERE position > ? AND kind IN ({numbers}) ORDER BY position LIMIT ?"  # noqa: S608  # numbers of our own
    return _whole(connection, run(connection, query, (cursor, limit)))


def entries_named(connection: Connection, organisation: str, learner: str, name: bytes) -> list[Logged]:
    """The one entry of that hash, if there is one."""
    query = f"SELECT {WHOLE} FROM log_entry WHERE organisation_id = ? AND learner_id = ? AND hash = ?"  # noqa: S608
    return _whole(connection, run(connection, query, (organisation, learner, name)))


def _whole(connection: Connection, rows: Iterable[tuple[Any, ...]]) -> list[Logged]:
    logged = [Logged(*row) for row in rows]
    if not any(entry.segment_id for entry in logged):  # nearly always
        return logged
    whole = readable(connection, logged)
    return [entry if body is None else entry._replace(body=body, segment_id=None) for entry, body in whole]


def cursor_of(connection: Connection, consumer: str) -> int:
    """The last position that a consumer has done."""
    rows = run(connection, "SELECT position FROM consumer_cursor WHERE name = ?", (consumer,))
    return rows[0][0] if rows else 0


def move_cursor(connection: Connection, consumer: str, position: int) -> None:
    run_many(connection, MOVE, [(consumer, position)])


MOVE = """
    INSERT INTO consumer_cursor (name, position) VALUES (?, ?)
    ON CONFLICT (name) DO UPDATE SET position = excluded.position
"""
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
