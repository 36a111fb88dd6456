"""`tiffin compact`: old history made small at once, and the room it had given back. docs/deploy.md, "Old history".

With `--check` it is read again instead, and with `--heal` put back: docs/restore.md, "Damaged history".
"""

import asyncio
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer
from sqlmodel import func, select

from server.backup.home import DATABASE, LOCK, hold
from server.backup.taking import SQLITE
from server.cli.checking import look_after
from server.cli.progress import bar
from server.composition import open_database
from server.database import Database
from server.errors import SetupError
from server.exchanging import open_exchange
from server.log.compacting import Packed, Sweep, packed
from server.settings import Settings
from server.tables import Learner


def compact(
    shrink: Annotated[bool, typer.Option("--shrink", help="Then make the file smaller; no server may run.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Read all that is packed again, and pack nothing.")] = False,
    heal: Annotated[
        str, typer.Option(metavar="BACKUP", help="Put back what is damaged: from this backup, or database.")
    ] = "",
) -> None:
    """Pack work that came weeks ago. A server does so by itself, and may run beside; nothing is lost or forgotten."""
    settings = Settings()
    if check or heal:
        if shrink:
            raise SetupError("Check and heal first; then: tiffin compact --shrink")
        look_after(settings, heal)
        return
    with open_database(settings) as database:
        is_sqlite = database.engine.dialect.name == SQLITE
        typer.echo(_pack(settings, database))
    if shrink and not is_sqlite:
        raise SetupError("PostgreSQL uses freed room again by itself. To give it back to the disk: VACUUM FULL.")
    if shrink:
        typer.echo(f"The file is smaller by {_megabytes(_shrunk(settings.home))}.")
    elif is_sqlite and (free := _free(settings.home / DATABASE)):
        typer.echo(f"{_megabytes(free)} in the file are free, and used by what comes next. To give them back to the")
        typer.echo("disk, stop the server, then: tiffin compact --shrink")


def _pack(settings: Settings, database: Database) -> str:
    """Says what came of it, whoever did it: while this runs, a server that runs beside packs too."""
    before = _held(database)
    with open_exchange(settings, database) as exchange:
        asyncio.run(exchange.settled())
        _watched(exchange.compact(Sweep()), _learners(database))
    after = _held(database)
    segments, entries, size, content = (now - then for now, then in zip(after, before, strict=True))
    if not segments:
        return "There is nothing to pack: work of the last four weeks, and what is little, stays as it is."
    return f"{entries} entries were packed into {segments} segments: {_megabytes(size)} in {_megabytes(content)}."


def _held(database: Database) -> Packed:
    with database.engine.connect() as connection:
        return packed(connection)


def _learners(database: Database) -> int:
    with database.reading() as session:
        return session.exec(select(func.count()).select_from(Learner)).one()


def _watched(slices: Iterator[Sweep], learners: int) -> None:
    with bar("Learners", learners) as reached:
        for sweep in slices:
            reached(sweep.learners)


def _shrunk(home: Path) -> int:
    """Writes the file anew without its free pages; says by how many bytes it is smaller."""
    path = home / DATABASE
    with (home / LOCK).open("a") as lock:
        hold(lock, f"{home} is in use. Stop the server and what else works there, then: tiffin compact --shrink")
        before = path.stat().st_size
        if shutil.disk_usage(home).free < 2 * before:  # a copy, and the log through which it comes back
            raise SetupError(f"Making it smaller needs {_megabytes(2 * before)} of free disk. Make room first.")
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return before - path.stat().st_size


def _free(path: Path) -> int:
    """Bytes of the pages that hold nothing."""
    with closing(sqlite3.connect(path)) as connection:
        [(free,)], [(size,)] = (connection.execute(f"PRAGMA {name}") for name in ("freelist_count", "page_size"))
    return int(free) * int(size)


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"
