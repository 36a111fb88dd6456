"""`tiffin demo`: the whole story on one machine. The first time it makes what is missing; then it serves."""

import json
from pathlib import Path
from typing import Annotated

import typer
from sqlmodel import select

from server.cli import commands, packing
from server.cli.serving import serve_until_stopped
from server.composition import open_database, open_outlines, open_readying
from server.courses import publishing
from server.database import Database
from server.errors import AlreadyThere, SetupError
from server.people import enrolling, learners
from server.serving.lock import serving
from server.settings import REPOSITORY, Settings
from server.shapes.learners import Invitation, NewLearner
from server.tables import Learner, Organisation, Role

SAMPLE = REPOSITORY / "samples" / "water-and-health"
LEARNER = "Amina"
PEOPLE = {"trainer": Role.TRAINER, "administrator": Role.ADMINISTRATOR}


def demo(folder: Annotated[Path, typer.Argument(help="Another course folder.")] = SAMPLE) -> None:
    """Pack the sample course, make people and a join code, and serve everything."""
    settings = Settings()
    with serving(settings):
        _furnish(settings, folder)
        serve_until_stopped(settings)


def _furnish(settings: Settings, folder: Path) -> None:
    with open_database(settings) as database:
        here = commands.organisation_of(database, "", make=True)
        course = _publish(settings, database, here, folder)
        passwords = _signed_up(settings, database, here)
        invitation = _invite(settings, database, here, course)
    typer.echo(f"\nThe app: {settings.address}")
    for name, role in PEOPLE.items():
        place = commands.console_of(role, settings)
        typer.echo(f"{name.capitalize():14} {place}   name {name}, password {passwords[name]}")
    commands.show_code(LEARNER, invitation)
    typer.echo("Stop with Ctrl-C: the app goes on without the server. Start again, and the work comes home.\n")


def _publish(settings: Settings, database: Database, here: Organisation, folder: Path) -> str:
    packed = packing.pack_into(settings, database, here, folder)
    packing.show(packed)
    with database.writing() as session:
        publishing.publish(session, here.id, packed.record.course, packed.record.number, open_outlines(settings))
    open_readying(settings, database).ready(packed.record.root)
    return packed.record.course


def _signed_up(settings: Settings, database: Database, here: Organisation) -> dict[str, str]:
    """The passwords by name. They are written down beside the data, since this is a demonstration."""
    notes = settings.home / "demo-sign-ins.json"
    if not notes.exists():
        try:
            made = {name: commands.sign_up(database, here, name, role) for name, role in PEOPLE.items()}
        except AlreadyThere as error:
            raise SetupError("This home is in earnest use. Give the demo one of its own: TIFFIN_HOME=demo.") from error
        notes.touch(mode=0o600)
        notes.write_text(json.dumps(made))
    return dict(json.loads(notes.read_text()))


def _invite(settings: Settings, database: Database, here: Organisation, course: str) -> Invitation:
    """A fresh code each time, since only its digest is kept; always for the same learner."""
    known = select(Learner).where(Learner.organisation_id == here.id, Learner.name == LEARNER)
    with database.writing() as session:
        learner = session.exec(known).first() or learners.add(session, here.id, NewLearner(name=LEARNER))
        enrolling.enrol(session, learner, [course], open_outlines(settings))
        return commands.inviting_of(settings, database).invite(session, learner)
