"""Pages of the analytics store in the order in which its rows were stored, without reading more of it than a page.

Invariants: a page looks at a bounded number of rows of each table of each month, through an index; rows that are
stored later never come before a place that was given out, but within the time that `Consistent-Through` leaves open.
Source: xAPI 1.0.3, part 3, section 2.1.3 (GET statements).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import sqlite_utils

from server.consumers.analytics import TABLES, Analytics

LOOKED_AT_MAX = 1_000  # rows a page looks at when a filter leaves most of them out; then `more` goes on from there
EVER_MS = 2**62
FILTERED = ("actor", "verb", "course", "object")


class StatementPlace(NamedTuple):
    """A place in the order of statements: behind this one."""

    stored_ms: int
    statement: str


@dataclass(frozen=True, slots=True)
class StatementQuery:
    """What is asked for; empty texts ask for all. Stored after `since_ms`, and at or before `until_ms`."""

    organisation: str
    limit: int
    since_ms: int = -1
    until_ms: int = EVER_MS
    actor: str = ""
    verb: str = ""
    course: str = ""
    object: str = ""
    ascending: bool = False
    after: StatementPlace | None = None

    @property
    def rows_max(self) -> int:
        return LOOKED_AT_MAX if any(getattr(self, name) for name in FILTERED) else self.limit

    @property
    def bounds(self) -> tuple[StatementPlace, StatementPlace]:
        """Places that rows lie strictly between. No statement's id sorts behind `~`."""
        low, high = StatementPlace(self.since_ms, "~"), StatementPlace(self.until_ms, "~")
        if self.after and self.ascending:
            return max(low, self.after), high
        return (low, min(high, self.after)) if self.after else (low, high)

    def fits(self, row: dict[str, Any]) -> bool:
        return all(getattr(self, name) in ("", row[name]) for name in FILTERED)


@dataclass(frozen=True, slots=True)
class Found:
    """Rows of one page; `more` is where the next begins, none when there is no next."""

    rows: list[dict[str, Any]]
    more: StatementPlace | None


def find(store: Analytics, asked: StatementQuery) -> Found:
    looked_at: list[dict[str, Any]] = []
    for path in store.months():
        looked_at = sorted([*looked_at, *_of_month(path, asked)], key=_place, reverse=not asked.ascending)
        del looked_at[asked.rows_max + 1 :]
    found: list[dict[str, Any]] = []
    for row in looked_at[: asked.rows_max]:
        found += [row] if asked.fits(row) else []
        if len(found) == asked.limit:
            return Found(found, _place(row) if row is not looked_at[-1] else None)
    return Found(found, _place(looked_at[-2]) if len(looked_at) > asked.rows_max else None)


def one(store: Analytics, organisation: str, statement: str) -> dict[str, Any] | None:
    for path in store.months():
        with sqlite_utils.Database(path) as database:
            for table in TABLES:
                query = f"select * from {table} where statement = ? and organisation = ?"  # noqa: S608
                for row in database.query(query, [statement, organisation]):
                    return _whole(row, table)
    return None


def page_query(table: str, *, ascending: bool) -> str:
    order = "asc" if ascending else "desc"
    return (
        f"select * from {table} where organisation = ? "  # noqa: S608
        "and (stored_ms, statement) > (?, ?) and (stored_ms, statement) < (?, ?) "
        f"order by stored_ms {order}, statement {order} limit ?"
    )


def _of_month(path: Path, asked: StatementQuery) -> Iterator[dict[str, Any]]:
    low, high = asked.bounds
    with sqlite_utils.Database(path) as database:
        for table in TABLES:
            query = page_query(table, ascending=asked.ascending)
            for row in database.query(query, [asked.organisation, *low, *high, asked.rows_max + 1]):
                yield _whole(row, table)


def _whole(row: dict[str, Any], table: str) -> dict[str, Any]:
    """A score tells its verb by the table that it stands in."""
    return row if table == "events" else {"verb": "scored", **row}


def _place(row: dict[str, Any]) -> StatementPlace:
    return StatementPlace(row["stored_ms"], row["statement"])
