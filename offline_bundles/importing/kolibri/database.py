"""A channel's SQLite database, opened as what it is: a stranger's file.

It is opened read-only and immutable (out of an archive it is copied first), may not call functions from its schema, and
only known columns of known real tables are read, at most so many rows, within so many steps.
Source: sqlite.org/security.html.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from offline_bundles.errors import BrokenPackage
from offline_bundles.importing.kolibri.rows import ROWS_MAX, TABLES, Row, Tables
from offline_bundles.importing.packages import on_disk
from offline_bundles.importing.ports import Package

HEADER = b"SQLite format 3\x00"
DATABASE_BYTES_MAX = 512 << 20  # Khan Academy in English has some 120 MB
VALUE_BYTES_MAX = 1 << 20  # a description; thumbnails are data: addresses of some 30 KB
STEPS_MAX = 200_000_000  # of SQLite's machine, for all tables: reading 200,000 rows takes some ten million
STEPS_AT_ONCE = 100_000
ALLOWED = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_PRAGMA}
COLUMNS = {
    *("id", "name", "description", "author", "root_id", "root_pk", "parent_id", "title", "kind", "lft", "sort_order"),
    *("lang_id", "license_id", "license_name", "license_owner", "coach_content", "available", "options", "lang_code"),
    *("contentnode_id", "local_file_id", "preset", "thumbnail", "supplementary", "priority", "extension", "file_size"),
    *("checksum", "from_contentnode_id", "to_contentnode_id"),
}


def read_database(package: Package, name: str, tables: Sequence[str] = TABLES) -> Tables:
    """Raises `BrokenPackage`."""
    if package.size(name) > DATABASE_BYTES_MAX:
        raise BrokenPackage(f"{name} has more than the {DATABASE_BYTES_MAX >> 20} MB that are read of a channel.")
    with on_disk(package, name, DATABASE_BYTES_MAX) as (path, _):
        try:
            with closing(_opened(path)) as database:
                return {table: _rows(database, table) for table in tables}
        except (sqlite3.Error, UnicodeError) as error:
            raise BrokenPackage(
                f"{name} is no database that can be read: {error}. Export the channel again."
            ) from error


def _opened(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True, isolation_level=None)
    database.text_factory = lambda raw: raw.decode("utf-8", "replace")
    database.row_factory = sqlite3.Row
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, VALUE_BYTES_MAX)
    for pragma in ("trusted_schema = OFF", "query_only = ON", "cell_size_check = ON", "mmap_size = 0"):
        database.execute(f"PRAGMA {pragma}")
    left = [STEPS_MAX // STEPS_AT_ONCE]

    def stop() -> int:
        left[0] -= 1
        return int(left[0] < 0)

    database.set_progress_handler(stop, STEPS_AT_ONCE)
    database.set_authorizer(lambda action, *_: sqlite3.SQLITE_OK if action in ALLOWED else sqlite3.SQLITE_DENY)
    return database


def _rows(database: sqlite3.Connection, table: str) -> list[Row]:
    """A view or a virtual table is no table of Kolibri's, and could be any program."""
    made = database.execute("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)).fetchone()
    if made is None or "VIRTUAL" in str(made["sql"]).upper().split("(")[0]:
        return []
    there = [row["name"] for row in database.execute(f"PRAGMA table_info({table})")]
    columns = ", ".join(f'"{each}"' for each in there if each in COLUMNS)
    if not columns:
        return []
    found = database.execute(f"SELECT {columns} FROM {table} LIMIT ?", (ROWS_MAX + 1,)).fetchall()  # noqa: S608 (known)
    if len(found) > ROWS_MAX:
        raise BrokenPackage(f"The channel has more than {ROWS_MAX} rows in {table}.")
    return [dict(row) for row in found]
