"""The log of a backup, or of another home, opened for reading beside the one that is served, without putting it back.

An older version's will do: it gets the newest form in a transaction that is undone. A file is copied aside first, and
tables that are in PostgreSQL are read where they are.
"""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import ArgumentError, DatabaseError

from server.backup.archive import COPY_BYTES, opened
from server.backup.home import DATABASE
from server.backup.restoring import ROOM_KEPT_BYTES
from server.database import Database, as_if_migrated, revision_of, revisions
from server.errors import SetupError
from server.settings import Settings

ASIDE = ".lent"  # in the home: what is read from a file lies there meanwhile
LINE = "\n"
BEGINS_SQLITE = b"SQLite format 3\0"


@contextmanager
def lent(home: Path, source: str) -> Iterator[Connection]:
    """Reads the log that a source holds: a file of `tiffin backup`, a `tiffin.db`, or the address of a database.

    Raises `SetupError` for what is none of these.
    """
    if "://" in source:
        with _reading(Settings(home=home, database_url=source).database, source) as connection:
            yield connection
        return
    aside = home / ASIDE
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(mode=0o700)
    try:
        _copy(home, Path(source), aside / DATABASE)
        with _reading(f"sqlite:///{aside / DATABASE}", source) as connection:
            yield connection
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _copy(home: Path, source: Path, to: Path) -> None:
    with source.open("rb") as file:
        is_database = file.read(len(BEGINS_SQLITE)) == BEGINS_SQLITE
    if is_database and source.resolve() == (home / DATABASE).resolve():
        raise SetupError(f"{source} is what this server works on. Name a backup, or another home's {DATABASE}.")
    needed, free = source.stat().st_size + ROOM_KEPT_BYTES, shutil.disk_usage(home).free
    if needed > free:
        raise SetupError(f"Reading {source} needs {needed >> 20} MB, and {free >> 20} MB are free. Make room first.")
    if is_database:
        _copy_database(source, to)
    else:
        _copy_from_backup(source, to)


def _copy_database(source: Path, to: Path) -> None:
    """With what waits in the log beside it."""
    with (
        closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as reading,
        closing(sqlite3.connect(to)) as writing,
    ):
        reading.backup(writing)


def _copy_from_backup(source: Path, to: Path) -> None:
    with opened(source) as archive:
        if DATABASE not in archive.manifest.files:
            raise SetupError(
                f"{source} was made beside {archive.manifest.database}: the tables are not in it. Put the pg_dump that "
                "belongs to it back into an empty database, and name that one: postgresql://user:password@host/name"
            )
        for name, file in archive.contents():
            if name == DATABASE:
                with to.open("xb") as staged:
                    while chunk := file.read(COPY_BYTES):
                        staged.write(chunk)


@contextmanager
def _reading(url: str, source: str) -> Iterator[Connection]:
    with ExitStack() as opened_here:
        try:
            database = Database(url)
            opened_here.callback(database.close)
            connection = opened_here.enter_context(database.engine.execution_options(writing=True).connect())
            if revision_of(connection) not in revisions():
                raise SetupError(f"{source} holds no log of Tiffin, or that of a newer version: update this one.")
            opened_here.enter_context(as_if_migrated(connection))
        except (DatabaseError, ArgumentError) as error:
            said = error.orig if isinstance(error, DatabaseError) else error
            raise SetupError(f"{source} cannot be read: {str(said).partition(LINE)[0]}. Name another.") from error
        yield connection
