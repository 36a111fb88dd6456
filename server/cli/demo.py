"""`tiffin demo`: the whole story on one machine. The first time it makes what is missing; then it serves."""

import secrets
from pathlib import Path

import typer

from server.cli import commands
from server.cli.serving import serve_until_stopped
from server.composition import open_database, open_outlines
from server.courses import publishing
from server.database import Database
from server.settings import REPOSITORY, Settings
from server.shapes.learners import NewLearner
from server.tables import Organisation, Role

SAMPLE = REPOSITORY / "samples" / "water-and-health"
PASSWORD_BYTES = 6


def demo(folder: Path = SAMPLE) -> None:
    """Pack the sample course, make people and a join code, and serve everything."""
    settings = Settings()
    with open_database(settings) as database:
        here = commands.organisation_of(database, "", make=True)
        course = _publish(settings, database, here, folder)
        _show_people(settings, database, here, course)
    typer.echo("Stop with Ctrl-C: the app goes on without the server. Start again, and the work comes home.\n")
    serve_until_stopped(settings)


def _publish(settings: Settings, database: Database, here: Organisation, folder: Path) -> str:
    packed = commands.pack_into(settings, database, here, folder)
    commands.show(packed)
    with database.writing() as session:
        publishing.publish(session, here.id, packed.record.course, packed.record.number, open_outlines(settings))
    return packed.record.course


def _show_people(settings: Settings, database: Database, here: Organisation, course: str) -> None:
    """A fresh code each time; the passwords are written down beside the data, since this is a demonstration."""
    invitation = commands.invite(
        settings, database, here, NewLearner(name=f"Amina {secrets.token_hex(1)}", language="en", courses=[course])
    )
    notes = settings.home / "demo-sign-ins.txt"
    if not notes.exists():
        notes.write_text(_sign_ups(settings, database, here))
        notes.chmod(0o600)
    typer.echo(f"\nThe app:  {settings.address}")
    typer.echo(notes.read_text())
    commands.show_code("The learner", invitation)


def _sign_ups(settings: Settings, database: Database, here: Organisation) -> str:
    lines = []
    for name, role, place in (("trainer", Role.TRAINER, "trainer"), ("administrator", Role.ADMINISTRATOR, "admin")):
        password = secrets.token_urlsafe(PASSWORD_BYTES)
        commands.sign_up(database, here, name, role, password)
        lines.append(f"{name.capitalize():15} {settings.address}/{place}   name {name}, password {password}")
    return "\n".join(lines)
