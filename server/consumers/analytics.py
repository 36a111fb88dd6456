"""Follows events into their own store: one SQLite file a month, through sqlite-utils, in the shape of xAPI statements.

A row is known by (device, profile, sequence): batches may overlap and come again. The store is written before the
cursor moves, so a crash between them repeats rows and adds none. Grades stand beside the events, each as it was told:
a grade that changed is another row. `server/xapi` reads both by the moment they were stored.
"""

import json
import sqlite3
import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from hashlib import sha1
from pathlib import Path
from typing import Any

import sqlite_utils
from sqlalchemy import Connection

from server.consumers import days
from server.log.entries import Logged
from sync.events import Batch
from sync.wire import FrameKind

KEY = ("device", "profile", "sequence")
COLUMNS = {
    "device": str,
    "profile": int,
    "sequence": int,
    "organisation": str,
    "actor": str,
    "verb": str,
    "course": str,
    "object": str,
    "timestamp": str,
    "day": str,
    "duration_s": int,
    "stored_ms": int,
    "statement": str,
}
SCORES = {
    "statement": str,
    "organisation": str,
    "actor": str,
    "course": str,
    "object": str,
    "release": int,
    "number": int,
    "score": int,
    "score_max": int,
    "passed": int,
    "timestamp": str,
    "day": str,
    "stored_ms": int,
}
TABLES: dict[str, tuple[dict[str, type], tuple[str, ...]]] = {
    "events": (COLUMNS, KEY),
    "scores": (SCORES, ("statement",)),
}
IN_ORDER = ("organisation", "stored_ms", "statement")  # of the index that pages of statements follow
STATEMENTS = uuid.UUID("6f0c2c0e-6d1b-5b0e-9a55-3f6f7c1e7a10")  # the name space of statement ids: never changes
STARTED_MIN_S = 1_577_836_800  # 2020: before there were phones with this app. Each month is a file, and phones lie
DURATION_MAX_S = 24 * 3600  # a phone that claims more left the lecture open
DAY_CHARACTERS = len("2026-09-21")  # of a timestamp


class Analytics:
    """The store itself: `<folder>/YYYY-MM.db`, a table `events` in each."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._open: tuple[str, sqlite3.Connection] | None = None
        folder.mkdir(parents=True, exist_ok=True)
        for path in self.months():
            with sqlite_utils.Database(path) as database:
                _prepare(database)

    def months(self) -> list[Path]:
        """The files there are, oldest month first."""
        return sorted(self.folder.glob("????-??.db"))

    def add(self, rows: Sequence[dict[str, Any]], table: str = "events") -> None:
        by_month: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in rows:
            by_month[row["day"][:7]].append(row)
        for month, some in by_month.items():
            with self._month(month) as connection:
                connection.executemany(*_insert(table, some))

    def close(self) -> None:
        if self._open:
            self._open[1].close()
            self._open = None

    def _month(self, month: str) -> sqlite3.Connection:
        """To write into; the last one stays open, since opening one costs what fifty rows cost."""
        if self._open is None or self._open[0] != month:
            self.close()
            # One thread at a time writes here, and it need not be the one that began.
            connection = sqlite3.connect(self.folder / f"{month}.db", check_same_thread=False)
            database = sqlite_utils.Database(connection)
            if not database["scores"].exists():
                _prepare(database)
            self._open = month, connection
        return self._open[1]

    def daily(self, organisation: str) -> list[dict[str, Any]]:
        """Events and minutes of each day and verb, oldest day first."""
        return [row for path in self.months() for row in self._daily_of(path, organisation)]

    def _daily_of(self, path: Path, organisation: str) -> Iterator[dict[str, Any]]:
        query = (
            "select day, verb, count(*) as events, sum(duration_s) / 60 as minutes, count(distinct actor) as learners "
            "from events where organisation = ? group by day, verb order by day, verb"
        )
        with sqlite_utils.Database(path) as database:
            yield from database.query(query, [organisation])


def _insert(table: str, rows: Sequence[dict[str, Any]]) -> tuple[str, list[list[Any]]]:
    names, _ = TABLES[table]
    places = ", ".join("?" * len(names))
    statement = f"INSERT OR IGNORE INTO {table} ({', '.join(names)}) VALUES ({places})"  # noqa: S608
    return statement, [[row[name] for name in names] for row in rows]


def _prepare(database: sqlite_utils.Database) -> None:
    """Makes the tables, and brings a file of an earlier version up to them."""
    database.enable_wal()  # who reads a report and who writes do not wait for each other
    earlier = database["events"].exists() and not database["scores"].exists()  # which is made when the rest is done
    for name, (columns, key) in TABLES.items():
        table = database.table(name)
        if not table.exists():
            table.create(columns, pk=key, if_not_exists=True)
        elif earlier:
            _name_earlier(database)
        table.create_index(IN_ORDER, if_not_exists=True)
        if key != ("statement",):
            table.create_index(["statement"], if_not_exists=True)
    days.keep(database)


def _name_earlier(database: sqlite_utils.Database) -> None:
    """Rows from before statements had ids: when they were stored is not known any more; they say when it happened."""
    events = database.table("events")
    database.register_function(_event_id, deterministic=True, name="event_id")
    with database.conn:
        for name in {"stored_ms", "statement"} - set(events.columns_dict):
            events.add_column(name, COLUMNS[name])
        database.execute(
            "update events set stored_ms = strftime('%s', timestamp) * 1000,"
            " statement = event_id(device, profile, sequence)"
        )


def statement_id(*place: str | int) -> str:
    """The same for the same place, whenever and wherever it is asked: its UUID of version 5 (RFC 4122, section 4.3),
    in a quarter of the time that `uuid.uuid5` takes."""
    raw = bytearray(sha1(STATEMENTS.bytes + "/".join(map(str, place)).encode(), usedforsecurity=False).digest()[:16])
    raw[6], raw[8] = raw[6] & 0x0F | 0x50, raw[8] & 0x3F | 0x80
    name = raw.hex()
    return f"{name[:8]}-{name[8:12]}-{name[12:16]}-{name[16:20]}-{name[20:]}"


def _event_id(device: str, profile: int, sequence: int) -> str:
    return statement_id(device, profile, sequence)


class Events:
    name = "events"
    kinds = frozenset({int(FrameKind.EVENTS)})

    def __init__(self, store: Analytics) -> None:
        self._store = store

    def consume(self, _: Connection, entries: Sequence[Logged]) -> None:
        self._store.add([row for entry in entries for row in _rows(entry)])


def _rows(entry: Logged) -> Iterator[dict[str, Any]]:
    batch = Batch.read(entry.body)
    for sequence, event in enumerate(batch.events, batch.first):
        timestamp = _moment(event.started, entry.received_ms).isoformat()
        yield {
            "device": entry.device_id,
            "profile": entry.profile,
            "sequence": sequence,
            "organisation": entry.organisation_id,
            "actor": entry.learner_id,
            "verb": days.VERB_SPACE + event.verb.name.lower(),
            "course": batch.course,
            "object": event.activity,
            "timestamp": timestamp,
            "day": timestamp[:DAY_CHARACTERS],
            "duration_s": min(event.seconds, DURATION_MAX_S),
            "stored_ms": entry.received_ms,
            "statement": statement_id(entry.device_id, entry.profile, sequence),
        }


def _moment(said_s: int, received_ms: int) -> datetime:
    """When a phone says that something was, and not after it told of it: it also chooses the month, and so the file."""
    return datetime.fromtimestamp(max(STARTED_MIN_S, min(said_s, received_ms // 1000)), UTC)


class Scores:
    """Follows the grades that learners were told."""

    name = "scores"
    kinds = frozenset({int(FrameKind.GRADE)})

    def __init__(self, store: Analytics) -> None:
        self._store = store

    def consume(self, _: Connection, entries: Sequence[Logged]) -> None:
        told = [(entry, json.loads(entry.body)) for entry in entries]
        self._store.add([_score(entry, grade) for entry, grade in told if grade["state"] == "graded"], "scores")


def _score(entry: Logged, grade: dict[str, Any]) -> dict[str, Any]:
    timestamp = _moment(grade["ended"], entry.received_ms).isoformat()
    return {
        "statement": statement_id(entry.learner_id, entry.hash.hex()),
        "organisation": entry.organisation_id,
        "actor": entry.learner_id,
        "course": grade["course"],
        "object": grade["activity"],
        "release": grade["release"],
        "number": grade["number"],
        "score": grade["score"],
        "score_max": grade["max"],
        "passed": grade["passed"],
        "timestamp": timestamp,
        "day": timestamp[:DAY_CHARACTERS],
        "stored_ms": entry.received_ms,
    }
