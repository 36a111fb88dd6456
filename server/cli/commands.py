"""`tiffin publish` and `account`, and what other commands do of theirs."""

from typing import Annotated

import typer

from offline_bundles import Signer
from server.composition import hub_of, open_database, open_inviting, open_keys, open_outlines, open_readying
from server.courses import publishing
from server.database import Database
from server.errors import OnlyUpstream, SetupError
from server.people import accounts, enrolling, learners, passwords
from server.people.inviting import Inviting, qr_terminal
from server.settings import Settings
from server.shapes.learners import Invitation, NewLearner
from server.tables import Organisation, Role

account_app = typer.Typer(help="Trainers and administrators.", no_args_is_help=True)

Course = Annotated[str, typer.Argument(help="The course's id.")]
Number = Annotated[int, typer.Argument(help="The release's number.", min=1)]
OrganisationName = Annotated[str, typer.Option("--organisation", help="Which one, where there are several.")]


def publish(course: Course, number: Number, organisation: OrganisationName = "") -> None:
    """Publish a packed release: every enrolled phone hears of it at its next exchange."""
    settings = Settings()
    with open_database(settings) as database:
        if hub_of(database):
            raise OnlyUpstream("This is a hub. Publish at the main server; the release comes here with the next round.")
        with database.writing() as session:
            here = accounts.organisation_named(session, organisation)
            published = publishing.publish(session, here.id, course, number, open_outlines(settings))
        open_readying(settings, database).ready(published.root)
    typer.echo(f"Release {number} of {course} is published.")


@account_app.command("add")
def add_account(
    name: Annotated[str, typer.Argument(help="The name to sign in with.")],
    role: Annotated[Role, typer.Option(help="trainer or administrator")] = Role.TRAINER,
    password: Annotated[str, typer.Option(help="Made for you when left out.")] = "",
    organisation: Annotated[str, typer.Option(help="Made when it is not there yet.")] = "",
) -> None:
    """Add somebody who signs in to the consoles."""
    if role is Role.LEARNER:
        raise SetupError("Learners join with a code: tiffin learner add NAME.")
    settings = Settings()
    with open_database(settings) as database:
        here = organisation_of(database, organisation, make=True)
        password = sign_up(database, here, name, role, password)
    typer.echo(f"{name} signs in at {console_of(role, settings)}")
    typer.echo(f"with the password {password}")


# What `tiffin demo` does as well.


def organisation_of(database: Database, name: str, *, make: bool = False) -> Organisation:
    with database.writing() as session:
        there = {each.name for each in accounts.organisations(session)}
        if make and (not there or (name and name not in there)):
            return accounts.add_organisation(session, name or "Tiffin")
        return accounts.organisation_named(session, name)


def signer_of(settings: Settings, organisation: Organisation) -> Signer:
    return Signer.from_seed(open_keys(settings).release_seed(organisation.id))


def invite(settings: Settings, database: Database, organisation: Organisation, new: NewLearner) -> Invitation:
    with database.writing() as session:
        learner = learners.add(session, organisation.id, new)
        enrolling.enrol(session, learner, new.courses, open_outlines(settings))
        return inviting_of(settings, database).invite(session, learner)


def inviting_of(settings: Settings, database: Database) -> Inviting:
    return open_inviting(settings, hub_of(database))


def show_code(name: str, invitation: Invitation) -> None:
    typer.echo(f"{name} joins with the code {invitation.code}, or opens {invitation.join_url}")
    typer.echo(qr_terminal(invitation.join_url))


def sign_up(database: Database, organisation: Organisation, name: str, role: Role, password: str = "") -> str:
    """Adds an account; gives its password."""
    password = password or passwords.generated()
    with database.writing() as session:
        accounts.add(session, organisation, name, role, password)
    return password


def console_of(role: Role, settings: Settings) -> str:
    return f"{settings.address}/{'trainer' if role is Role.TRAINER else 'admin'}"
