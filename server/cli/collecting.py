"""`tiffin collect`: frees what no release needs any more."""

from typing import Annotated

import typer

from server.composition import open_database, open_objects, open_updates
from server.courses import collecting
from server.settings import Settings
from server.tables.ids import now_ms


def collect(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say how much it would be.")] = False,
) -> None:
    """Free the media of old releases that no phone holds and nobody has asked for lately. Safe while serving."""
    settings = Settings()
    store = open_objects(settings)
    with open_database(settings) as database, database.reading() as session:
        live, every = collecting.live_roots(session, now_ms()), collecting.every_root(session)
    kept = collecting.needed(store, live, every)
    freed = collecting.collect(store, kept, now_ms=now_ms(), dry_run=dry_run)
    if not dry_run:
        open_updates(settings).drop_all_but(live)
    would = "would be" if dry_run else "were"
    typer.echo(f"{freed.objects} objects, {freed.bytes / 1e6:.1f} MB, {would} freed; {len(live)} releases stay whole.")
