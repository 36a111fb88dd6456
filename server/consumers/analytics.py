"""Follows events into their own store: one SQLite file a month, through sqlite-utils, in the shape of xAPI statements.

A row is known by (device, profile, sequence): batches may overlap and come again. The store is written before the
cursor moves, so a crash between them repeats rows and adds none.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlite_utils
from sqlalchemy import Connection, Row

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
}
ADD = f"INSERT OR IGNORE INTO events ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"  # noqa: S608
DURATION_MAX_S = 24 * 3600  # a phone that claims more left the lecture open
VERB_SPACE = "http://adlnet.gov/expapi/verbs/"


class Analytics:
    """The store itself: `<folder>/YYYY-MM.db`, a table `events` in each."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def add(self, rows: Sequence[dict[str, Any]]) -> None:
        by_month: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in rows:
            by_month[row["day"][:7]].append(row)
        for month, some in by_month.items():
            with sqlite_utils.Database(self.folder / f"{month}.db") as database:
                table = database["events"]
                if not table.exists():
                    database.enable_wal()  # who reads a report and who writes do not wait for each other
                    table.create(COLUMNS, pk=KEY, if_not_exists=True)
                with database.conn:
                    database.conn.executemany(ADD, [[row[name] for name in COLUMNS] for row in some])

    def daily(self, organisation: str) -> list[dict[str, Any]]:
        """Events and minutes of each day and verb, oldest day first."""
        return [row for path in sorted(self.folder.glob("????-??.db")) for row in self._daily_of(path, organisation)]

    def _daily_of(self, path: Path, organisation: str) -> Iterator[dict[str, Any]]:
        query = (
            "select day, verb, count(*) as events, sum(duration_s) / 60 as minutes, count(distinct actor) as learners "
            "from events where organisation = ? group by day, verb order by day, verb"
        )
        with sqlite_utils.Database(path) as database:
            yield from database.query(query, [organisation])


class Events:
    name = "events"
    kinds = frozenset({int(FrameKind.EVENTS)})

    def __init__(self, store: Analytics) -> None:
        self._store = store

    def consume(self, _: Connection, entries: Sequence[Row[Any]]) -> None:
        self._store.add([row for entry in entries for row in _rows(entry)])


def _rows(entry: Row[Any]) -> Iterator[dict[str, Any]]:
    batch = Batch.read(entry.body)
    for sequence, event in enumerate(batch.events, batch.first):
        moment = datetime.fromtimestamp(min(event.started, entry.received_ms // 1000), UTC)
        yield {
            "device": entry.device_id,
            "profile": entry.profile,
            "sequence": sequence,
            "organisation": entry.organisation_id,
            "actor": entry.learner_id,
            "verb": VERB_SPACE + event.verb.name.lower(),
            "course": batch.course,
            "object": event.activity,
            "timestamp": moment.isoformat(),
            "day": moment.date().isoformat(),
            "duration_s": min(event.seconds, DURATION_MAX_S),
        }
