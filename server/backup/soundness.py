"""What of a home is damaged, looked for while it is backed up: a copy of damage is no copy of what was there.

Old history is read in the copy of the tables, each body against its entry's hash (2.5 ms of the processor for a
segment), databases by SQLite's own check, objects by their names. The backup is made all the same, since everything
else in it is sound; its name, the command's exit status and `/metrics` say what it is, so that nobody lets go of the
last good one for its sake.
"""

import json
import sqlite3
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from server.database import Database
from server.log.auditing import Place, damaged, lost_by_segment, note, read
from server.log.entries import lock_log
from server.log.segments import tells_of_damage
from server.tables.ids import now_ms

NOTE = "last-backup.json"  # in the home, beside the tables: in them it would make each night's backup another
SOUND = "ok"  # what SQLite says of a database that is


@dataclass(frozen=True, slots=True)
class Findings:
    """What is damaged. `databases`: by name, what SQLite says; `segments`: of old history, and how many entries of
    each are lost; `objects`: digests of what is not held, since its bytes are not what its name says."""

    databases: dict[str, str]
    segments: dict[Place, int]
    objects: tuple[str, ...]

    @property
    def count(self) -> int:
        return len(self.databases) + len(self.segments) + len(self.objects)


def of_database(connection: sqlite3.Connection) -> str:
    """The first fault that SQLite finds; empty where a database is sound."""
    try:
        [(said,)] = connection.execute("PRAGMA integrity_check(1)").fetchall()
    except sqlite3.DatabaseError as error:
        return str(error)
    return "" if said == SOUND else str(said).replace("\n", " ")


def of_history(connection: Connection, *, is_copied: bool) -> dict[Place, int]:
    """In a copy every segment is read. Tables that are backed up elsewhere tell what their server's audit found."""
    found: dict[Place, int] = {}
    try:
        for place, lost in lost_by_segment(connection) if is_copied else _known(connection):
            found[place] = lost
    except DBAPIError as error:
        if not tells_of_damage(error):
            raise  # else the tables themselves cannot be read to their end, and `databases` names them
    return found


def _known(connection: Connection) -> list[tuple[Place, int]]:
    return [(place, read(connection, place).lost) for place in damaged(connection)]


def remember(home: Path, database: Database, findings: Findings) -> None:
    """For the administrator's pages and `/metrics`, which another process shows."""
    with suppress(DBAPIError), database.engine.execution_options(writing=True).begin() as connection:
        lock_log(connection)  # what cannot be written into damaged tables was said already
        for place in findings.segments:
            note(connection, place, read(connection, place).lost)
    draft = home / f".{NOTE}"
    draft.write_text(json.dumps(Noted(now_ms(), findings.count)._asdict()))
    draft.replace(home / NOTE)


class Noted(NamedTuple):
    """When the last backup of a home was made, and how much in it is damaged."""

    at_ms: int
    damaged: int


def noted(home: Path) -> Noted | None:
    with suppress(FileNotFoundError, ValueError, TypeError):
        return Noted(**json.loads((home / NOTE).read_text()))
    return None
