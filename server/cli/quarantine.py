"""`tiffin quarantine`: what could not be trusted or understood, for a person to look at. docs/restore.md."""

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy import Connection, Row

from server.cli.commands import OrganisationName, organisation_of
from server.cli.plain import plain
from server.composition import open_database
from server.consumers.values import readable
from server.errors import SetupError
from server.exchanging import open_exchange
from server.log import quarantine
from server.log.quarantine import Released
from server.settings import Settings
from sync.codec import CodecError, Deleted, decode
from sync.wire import DOCUMENTS, FrameKind

app = typer.Typer(help="What could not be trusted or understood.", no_args_is_help=True)
LINES_MAX = 200  # of one item on a terminal; an export holds the whole
LINE_CHARACTERS_MAX = 200
HEX_BYTES_SHOWN = 256
SHOWN_CHARACTERS = 8  # of a device's id: enough to find it again in the console

Number = Annotated[int, typer.Argument(help="The item's number, as listed.")]


@app.command("list")
def list_items(organisation: OrganisationName = "") -> None:
    """List what is in quarantine: number, since when, whose, what, why."""
    with open_database(Settings()) as database:
        here = organisation_of(database, organisation)
        with database.engine.connect() as connection:
            rows = quarantine.listed(connection, here.id)
    for row in rows:
        typer.echo(_line(row))
    typer.echo(f"{len(rows)} in quarantine." if rows else "Nothing is in quarantine.")


@app.command()
def show(number: Number, organisation: OrganisationName = "") -> None:
    """Show one item: who sent it, why it is here, and what it says as far as that can be read."""
    with open_database(Settings()) as database:
        here = organisation_of(database, organisation)
        with database.engine.connect() as connection:
            row = quarantine.one(connection, here.id, number)
    typer.echo(_line(row))
    typer.echo(f"device {row.device_id}, profile {row.profile}; SHA-256 {row.hash.hex()}")
    for line, _ in zip(_said(row), range(LINES_MAX), strict=False):
        typer.echo("  " + plain(line[:LINE_CHARACTERS_MAX]))


@app.command()
def release(
    numbers: Annotated[list[int] | None, typer.Argument(metavar="[NUMBER]…", help="Items, as listed.")] = None,
    all_of_them: Annotated[bool, typer.Option("--all", help="Try everything again.")] = False,
    organisation: OrganisationName = "",
) -> None:
    """Try items again: their course may be there by now, or a newer version may read them."""
    if not numbers and not all_of_them:
        raise SetupError("Say which: tiffin quarantine release NUMBER… or --all.")
    settings = Settings()
    with open_database(settings) as database:
        here = organisation_of(database, organisation)
        with open_exchange(settings, database) as service:
            writing = database.engine.execution_options(writing=True)
            with writing.connect() as connection:
                asked = [row.id for row in quarantine.listed(connection, here.id)] if all_of_them else numbers or []
            for number in asked:
                with writing.begin() as connection:
                    outcome = quarantine.release(
                        connection, here.id, number, epoch=service.epoch, consumers=service.consumers
                    )
                why = f": {plain(outcome.reason)}" if outcome.released is Released.STAYS else ""
                typer.echo(f"{number} {outcome.released}{why}")
            asyncio.run(service.settled())


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="The file to write: one JSON object in each line.")],
    organisation: OrganisationName = "",
) -> None:
    """Write everything in quarantine to a file, with its bytes and the evidence of who sent them."""
    with open_database(Settings()) as database:
        here = organisation_of(database, organisation)
        with database.engine.connect() as connection, file.open("x", encoding="utf-8") as out:
            file.chmod(0o600)  # it holds what learners wrote
            count = sum(_written(connection, row, out) for row in quarantine.listed(connection, here.id))
    typer.echo(f"{count} items are in {file}. It holds what learners wrote: keep it where only you can read it.")


def _written(connection: Connection, row: Row[Any], out: Any) -> int:
    out.write(json.dumps(quarantine.exported(connection, row), sort_keys=True) + "\n")
    return 1


def _line(row: Row[Any]) -> str:
    since = datetime.fromtimestamp(row.since_ms // 1000, UTC)
    who = f"{row.learner_name or row.learner_id}, {row.device_label or 'phone'} ({row.device_id[:SHOWN_CHARACTERS]}…)"
    what = f"{FrameKind(row.kind).name.lower()} {row.course_id}".strip()
    return plain(f"{row.id}  {since:%Y-%m-%d %H:%M}  {who}: {what}, {len(row.body)} bytes: {row.reason}")


def _said(row: Row[Any]) -> Iterator[str]:
    """What the bytes say, line by line; what cannot be read, in hexadecimal."""
    try:
        if FrameKind(row.kind) in DOCUMENTS:
            change = decode(row.body)
            yield f"change {change.seq} of actor {change.actor.hex()}, builds on {len(change.deps)}"
            for op in change.ops:
                value = "deleted" if isinstance(op.value, Deleted) else repr(readable(op.key, op.value))
                yield f"{op.key!r}: {value}"
        else:
            yield repr(row.body.decode())
    except (CodecError, UnicodeDecodeError) as error:
        yield f"cannot be read: {error}"
        yield row.body[:HEX_BYTES_SHOWN].hex(" ")
