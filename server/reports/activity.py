"""What was done on each day, by course: read from the analytics store, one file a month (SQLite)."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import sqlite_utils

from server.consumers.analytics import Analytics
from server.shapes.administration import DailyActivity

VERBS = ("opened", "played", "read", "attempted", "downloaded")
BY_DAY = """
select day, course, count(distinct actor), sum(duration_s), {verbs} from events
where organisation = ? and day >= ? group by day, course order by day, course
""".format(verbs=", ".join(f"sum(verb like '%/{verb}')" for verb in VERBS))


def daily(store: Analytics, organisation_id: str, days: int) -> list[DailyActivity]:
    """The last days up to today, oldest first; days on which nothing was done are absent."""
    first = datetime.now(UTC).date() - timedelta(days=days - 1)
    return [row for path in _months(store.folder, first) for row in _of_month(path, organisation_id, first)]


def _months(folder: Path, first: date) -> list[Path]:
    return sorted(path for path in folder.glob("????-??.db") if path.stem >= f"{first:%Y-%m}")


def _of_month(path: Path, organisation_id: str, first: date) -> Iterator[DailyActivity]:
    with sqlite_utils.Database(path) as database:
        for day, course, learners, seconds, *counts in database.execute(BY_DAY, [organisation_id, first.isoformat()]):
            by_verb = dict(zip(VERBS, counts, strict=True))
            yield DailyActivity(day=day, course=course, learners=learners, seconds=seconds or 0, **by_verb)
