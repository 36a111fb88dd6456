"""What was done on each day, in each course and in all: read from the analytics store, one file a month (SQLite)."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import sqlite_utils

from server.consumers.analytics import Analytics
from server.consumers.days import COUNTS
from server.shapes.administration import DailyActivity

_SUMS = ", ".join(f"sum({name})" for name in COUNTS)
_OF_LEARNERS = ", ".join(f"sum({name}) AS {name}" for name in COUNTS)
# The rows lie by day and learner: each learner is counted where her rows end, and nothing is sorted.
IN_ALL = f"""SELECT day, '', count(*), {_SUMS} FROM (
SELECT day, {_OF_LEARNERS} FROM days WHERE organisation = ? AND day >= ? GROUP BY day, actor) GROUP BY day"""  # noqa: S608
BY_COURSE = f"""SELECT day, course, count(*), {_SUMS} FROM days
WHERE organisation = ? AND day >= ? GROUP BY day, course ORDER BY day, course"""  # noqa: S608  # names of our own columns


def daily(store: Analytics, organisation_id: str, days: int) -> list[DailyActivity]:
    """The last days up to today, oldest first; days on which nothing was done are absent."""
    first = datetime.now(UTC).date() - timedelta(days=days - 1)
    rows = [row for path in _months(store.folder, first) for row in _of_month(path, organisation_id, first)]
    return sorted(rows, key=lambda row: (row.day, row.course))


def _months(folder: Path, first: date) -> list[Path]:
    return sorted(path for path in folder.glob("????-??.db") if path.stem >= f"{first:%Y-%m}")


def _of_month(path: Path, organisation_id: str, first: date) -> Iterator[DailyActivity]:
    with sqlite_utils.Database(path) as database:
        for query in (IN_ALL, BY_COURSE):
            for day, course, learners, *counts in database.execute(query, [organisation_id, first.isoformat()]):
                yield DailyActivity(day=day, course=course, learners=learners, **dict(zip(COUNTS, counts, strict=True)))
