"""`tiffin backup` and `tiffin restore`: docs/restore.md."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from server import backup as keeping
from server.backup.soundness import Findings
from server.backup.taking import SQLITE
from server.composition import open_database
from server.settings import Settings

MISSING_SHOWN_MAX = 5
MADE_OF_DAMAGE = 3  # the exit status: a backup was made, and is no reason to let go of the last good one


def backup(
    file: Annotated[Path, typer.Argument(help="The file to write; in a folder it gets a name of its own.")],
    objects: Annotated[bool, typer.Option(help="Copy the objects, or only list them.")] = True,
) -> None:
    """Back up this server while it runs: tables, keys, analytics, objects. What was written is read again."""
    settings = Settings()
    with open_database(settings) as database:
        done = keeping.back_up(settings.home, database, file, objects=objects)
    manifest = done.manifest
    typer.echo(f"{done.path}: {done.size} bytes, {len(manifest.files)} files, every byte read again.")
    typer.echo(f"It holds the log up to entry {manifest.position}, and the keys: keep it where only you can read it.")
    if not objects:
        typer.echo(f"{len(manifest.listed)} objects are listed and not in it: keep a copy of the folder objects/.")
    if settings.objects_url:
        typer.echo(f"The objects are in {settings.objects_url} and NOT in this file: let the bucket keep copies.")
    if manifest.database != SQLITE:
        typer.echo("The tables are in PostgreSQL and NOT in this file: back them up with pg_dump, before the objects.")
    if done.findings.count:
        for line in _of_damage(done.findings):
            typer.echo(line, err=True)
        raise typer.Exit(MADE_OF_DAMAGE)


def _of_damage(found: Findings) -> Iterator[str]:
    """What is damaged, and how each sort of it is put right."""
    yield "This backup is whole, and what it was made of is damaged. Keep the older ones. Look at the disk first."
    for name, fault in found.databases.items():
        yield f"{name}: {fault}. The backup holds it as it is. Where healing does not help, restore an older one."
    if found.segments:
        lost = sum(found.segments.values())
        yield (
            f"{len(found.segments)} segments of old history have lost {lost} entries. What and whose: tiffin compact "
            "--check. Put them back from an older backup: tiffin compact --heal BACKUP"
        )
    if found.objects:
        yield (
            f"{len(found.objects)} objects are NOT in it, such as {found.objects[0]}. Copy them from another copy of "
            "objects/, or delete them and pack again; then: tiffin verify COURSE NUMBER"
        )


def restore(file: Annotated[Path, typer.Argument(help="A file that `tiffin backup` wrote.")]) -> None:
    """Put a backup back. The log begins a new epoch: every phone offers again what it lacks."""
    settings = Settings()
    done = keeping.restore(settings, file)
    typer.echo(f"{settings.home} is restored up to entry {done.manifest.position} of its log.")
    typer.echo(f"A new epoch begins ({done.epoch}): phones bring again what came later, at their next exchange.")
    if done.replaced:
        typer.echo(f"What was there before is in {done.replaced}. Remove it when you miss nothing.")
    if done.missing:
        typer.echo(f"{len(done.missing)} objects are listed in the backup and not here, as the following.")
        for digest in done.missing[:MISSING_SHOWN_MAX]:
            typer.echo(f"  {digest}")
        typer.echo("Copy the folder objects/ back, or pack the courses again.")
    if done.manifest.database != SQLITE:
        typer.echo("The tables are in PostgreSQL: they are as pg_restore left them, with the new epoch.")
