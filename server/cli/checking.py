"""Old history read again, and put back where it is damaged; `tiffin compact --check` and `--heal`. docs/restore.md."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime

import typer
from sqlalchemy import Connection

from server.backup.lending import lent
from server.cli.plain import plain
from server.cli.progress import bar
from server.composition import open_database
from server.database import Database
from server.log.auditing import Audit, Progress, Told, damaged, keep, told
from server.log.entries import lock_log
from server.log.healing import Healed, Tables, heal_all
from server.log.quarantine import waiting_for_bodies
from server.settings import Settings
from server.tables.ids import now_ms

TOLD_MAX = 20  # damaged segments that are named one by one
NEXT = "Look at the disk. Then put them back from a backup that has them: tiffin compact --heal BACKUP"
OTHERS = "Try another backup, an older one or a newer one, or that of a hub: tiffin compact --heal BACKUP"


def look_after(settings: Settings, source: str) -> None:
    """Reads everything and, where there is a source, puts back what is damaged. Ends with 1 while anything is."""
    with open_database(settings) as database, ExitStack() as opened:
        there = opened.enter_context(lent(settings.home, source)) if source else None
        segments = _audited(database)
        with database.engine.connect() as connection:
            found = told(connection)
        if not found:
            typer.echo(f"All is well: {segments} segments were read, and every body is what its entry says.")
            return
        typer.echo(f"{len(found)} of {segments} segments are damaged:")
        _tell(found)
        lost = _healed(database, there) if there else sum(one.lost for one in found)
    if lost:
        typer.echo(OTHERS if source else NEXT, err=True)
        raise typer.Exit(1)


def _audited(database: Database) -> int:
    """How many segments there are, once all of them were read."""
    audit = Audit()
    with database.engine.connect() as connection:
        count = audit.left(connection)
    with bar("Segments", count) as reached:
        while not audit.is_over:
            with _writing(database) as connection:
                audit.step(connection)
            reached(audit.segments)
    with _writing(database) as connection:
        keep(connection, Progress(0, now_ms()))
    return audit.segments


def _healed(database: Database, there: Connection) -> int:
    """Puts back what the source has, a segment in each transaction; says how much is lost still."""
    healed: list[Healed] = []
    with database.engine.connect() as connection:
        segments = len(damaged(connection))
    with bar("Damaged", segments) as reached:
        for one in heal_all(database.engine, Tables(there)):
            healed.append(one)
            reached(len(healed))
    put_back, lost = sum(one.put_back for one in healed), sum(one.lost for one in healed)
    typer.echo(
        f"{put_back} entries were put back; {lost} are lost still." if lost else f"All {put_back} entries are put back."
    )
    with database.engine.connect() as connection:
        if waiting := waiting_for_bodies(connection):
            typer.echo(f"{waiting} wait in quarantine because they could not be read: tiffin quarantine release --all")
    return lost


def _tell(found: list[Told]) -> None:
    for one in found[:TOLD_MAX]:
        weeks = f"{_day(one.since_ms)} to {_day(one.until_ms)}"
        typer.echo(f"  segment {one.segment}: {one.lost} of {one.entries} entries of {plain(one.learner)}, {weeks}")
    if len(found) > TOLD_MAX:
        typer.echo(f"  and {len(found) - TOLD_MAX} more")


def _day(ms: int) -> str:
    return f"{datetime.fromtimestamp(ms // 1000, UTC):%Y-%m-%d}"


@contextmanager
def _writing(database: Database) -> Iterator[Connection]:
    """A short transaction: a server that runs beside waits for it."""
    with database.engine.execution_options(writing=True).begin() as connection:
        lock_log(connection)
        yield connection
