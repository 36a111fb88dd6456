"""Sessions on SQLite or PostgreSQL, and the migrations that make the tables.

On SQLite: WAL, so that readers and the one writer do not wait for each other, also across processes; synchronous FULL,
so that what is answered survives a power cut; writing sessions take the write lock at their start, since a reader that
turns writer may be refused however long it waits. A busy lock is waited for.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, event
from sqlmodel import Session, create_engine

from server.bulk import tell

LOCK_WAIT_MS = 15_000  # longer than any transaction here lasts; a phone waits 30 s for its reply
# Each commit writes the pages of its rows to the log that SQLite keeps beside the file; from there each is copied once
# between two checkpoints, however often it was written. 4,096 pages are 16 MB, read again in a moment after a crash.
CHECKPOINT_PAGES = 4_096
CACHE_KB = 16_384  # of a connection, as far as it reads: what a crowd's rows and their indexes lie on
# PostgreSQL compiles a question that it takes for dear, since JSON might hold anything: two seconds, to save none.
NO_JIT = "-c jit=off"
MIGRATIONS = Path(__file__).parent / "migrations"


def engine_for(url: str) -> Engine:
    if not url.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True, pool_size=8, max_overflow=8, connect_args={"options": NO_JIT})
    engine = create_engine(url, connect_args={"check_same_thread": False, "timeout": LOCK_WAIT_MS / 1000})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _: object) -> None:
    connection.isolation_level = None  # transactions are begun below, not by the driver's guess
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute(f"PRAGMA busy_timeout={LOCK_WAIT_MS}")
    cursor.execute(f"PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES}")
    cursor.execute(f"PRAGMA cache_size=-{CACHE_KB}")  # below 0: in KB, not in pages
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get("writing", False)
    tell(connection, "BEGIN IMMEDIATE" if writing else "BEGIN")


class Database:
    """The edge's door to the tables: short reading and writing sessions, one transaction each."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = engine_for(url)
        self._writer = self.engine.execution_options(writing=True)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Commits at the end, or undoes everything when an error leaves the block."""
        with Session(self._writer, expire_on_commit=False) as session, session.begin():
            yield session

    def migrate(self) -> None:
        """Brings the tables to the newest form. Repeating it changes nothing."""
        with self._writer.connect() as connection:
            command.upgrade(_alembic(connection), "head")
            connection.commit()

    def is_at_head(self) -> bool:
        with self.engine.connect() as connection:
            return revision_of(connection) == newest_revision()

    def close(self) -> None:
        self.engine.dispose()


@contextmanager
def as_if_migrated(connection: Connection) -> Iterator[None]:
    """A transaction in which tables of an older version have the newest form; nothing of it stays."""
    try:
        command.upgrade(_alembic(connection), "head")
        yield
    finally:
        connection.rollback()


def revision_of(connection: Connection) -> str | None:
    """The form of these tables; None where nobody made any."""
    return MigrationContext.configure(connection).get_current_revision()


def revisions() -> frozenset[str]:
    """All forms that this version knows."""
    return frozenset(script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions())


def newest_revision() -> str | None:
    return ScriptDirectory(str(MIGRATIONS)).get_current_head()


def _alembic(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config
