"""The newest tables, empty: migrated once, copied for each test. `tests/server/test_tables.py` tries the migrations."""

import tempfile
from functools import cache
from pathlib import Path

from server.database import Database

DATABASE = "tiffin.db"


@cache
def newest_tables() -> bytes:
    """A SQLite database as it lies on the disk."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / DATABASE
        migrated(f"sqlite:///{path}")
        return path.read_bytes()


def migrated(url: str) -> None:
    database = Database(url)
    database.migrate()
    database.close()


def lay_tables(path: Path) -> None:
    """A SQLite database with the tables, where there is none yet."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.write_bytes(newest_tables())
