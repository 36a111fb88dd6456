"""`tiffin hub`: hubs at their upstream, and this server as one. docs/hub.md."""

import time
from datetime import UTC, datetime
from typing import Annotated

import httpx
import typer
from rich.console import Console
from sqlmodel import select

from server.cli.commands import OrganisationName, organisation_of
from server.cli.plain import plain
from server.composition import hub_key, open_database, open_keys, open_uplink
from server.courses.release_keys import ReleaseKeys
from server.database import Database
from server.errors import SetupError
from server.hubs import cargo
from server.hubs.enrolling import Hubs, named, revoke
from server.hubs.uplink import Round, upstream_of
from server.hubs.upstream import UpstreamServer
from server.people import accounts
from server.reports import hubs as report
from server.settings import Settings
from server.shapes.hubs import HubJoined
from server.tables import Hub, Learner, Organisation, Upstream

app = typer.Typer(help="Hubs: servers that carry a classroom's work to this one, and back.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="What people call it: Grace's laptop.")]


@app.command()
def add(name: Name, organisation: OrganisationName = "") -> None:
    """At the upstream: let a hub join, with a code that is good once. For a hub that is there: another laptop."""
    settings = Settings()
    with open_database(settings) as database:
        here = organisation_of(database, organisation)
        with database.writing() as session:
            code = Hubs(open_keys(settings)).add(session, here, name)
    typer.echo(f"On {plain(name)}: tiffin hub join {settings.address} {code}")
    typer.echo("The code is good once, for seven days. Learners who shall join at a hub need codes made from now on.")


@app.command("list")
def list_hubs(organisation: OrganisationName = "") -> None:
    """At the upstream: hubs, when they last came, what waits on them, what was wrong."""
    with open_database(Settings()) as database, database.reading() as session:
        here = accounts.organisation_named(session, organisation)
        counted = report.incidents_by_hub(session, here.id)
        for hub in report.of(session, here.id):
            typer.echo(f"{plain(hub.name)}: {_told(hub)}, {counted.get(hub.id, 0)} incidents")


@app.command("revoke")
def revoke_hub(name: Name, organisation: OrganisationName = "") -> None:
    """At the upstream: end a hub's right to ask and to bring, because it was lost. What it brought stays."""
    with open_database(Settings()) as database, database.writing() as session:
        here = accounts.organisation_named(session, organisation)
        hub = named(session, here.id, name)
        revoke(session, here.id, hub.id if hub else name)
    typer.echo(f"{plain(name)} may come no more. Phones that sent there offer all again wherever they come next.")


@app.command()
def join(
    url: Annotated[str, typer.Argument(help="The upstream's address: https://…")],
    code: Annotated[str, typer.Argument(help="The code that `tiffin hub add` showed.")],
) -> None:
    """Make this server a hub. Again, with another code, changes the address."""
    settings = Settings()
    with open_database(settings) as database:
        with httpx.Client(base_url=url) as client:
            _check_empty(database)
            joined = UpstreamServer(client, hub_key(open_keys(settings))).join(code)
        _become(settings, database, url, joined)
    typer.echo(f"This server is now the hub {plain(joined.name)}. Fetch everything once: tiffin hub sync")


def _check_empty(database: Database) -> None:
    with database.reading() as session:
        if upstream_of(session) is None and session.exec(select(Learner.id)).first():
            raise SetupError("This server has learners of its own. A hub begins empty: name another TIFFIN_HOME.")


def _become(settings: Settings, database: Database, url: str, joined: HubJoined) -> None:
    with database.writing() as session:
        before = upstream_of(session)
        if before and before.organisation_id != joined.organisation:
            raise SetupError("This server is another organisation's hub. Name another TIFFIN_HOME.")
        session.merge(Organisation(id=joined.organisation, name=joined.name))
        row = before or Upstream(url="", hub_id="", name="", organisation_id=joined.organisation)
        row.url, row.hub_id, row.name = url.rstrip("/"), joined.hub, joined.name
        session.add(row)
    ReleaseKeys(open_keys(settings), joined.organisation).follow(joined.release_keys)


@app.command()
def sync(
    again: Annotated[bool, typer.Option("--again", help="Offer what the upstream refused once more.")] = False,
) -> None:
    """At a hub: one round with the upstream now, work first. A server may run beside it."""
    settings = Settings()
    console = Console(stderr=True)
    with open_database(settings) as database:
        if again:
            with database.writing() as session:
                cargo.offer_refused_again(session.connection())
        with console.status("Asking the upstream") as line:
            done = open_uplink(settings, database).run(line.update)
    _tell(done)


@app.command()
def status() -> None:
    """At a hub: the last uplink, what waits and since when, what was refused."""
    with open_database(Settings()) as database, database.reading() as session:
        row = upstream_of(session)
        if row is None:
            raise SetupError("This server is no hub. Make it one: tiffin hub join URL CODE")
        state = cargo.state(session.connection(), row.epoch)
        refused = cargo.refused(session.connection())
    typer.echo(f"{plain(row.name)}, hub of {row.url}")
    typer.echo(f"Last uplink: {_when(row.last_uplink_ms)}")
    typer.echo(
        f"Waiting: {state.waiting}" + (f", the oldest for {_span(state.oldest_seconds)}" if state.waiting else "")
    )
    for code, count in refused.items():
        typer.echo(f"Refused by the upstream: {count} ({plain(code)})")
    if row.last_error:
        typer.echo(f"The last round failed: {plain(row.last_error)}")


def _tell(done: Round) -> None:
    said = [f"{done.joins} joined", f"{done.delivered} handed on", f"{done.entries} new from the upstream"]
    typer.echo(", ".join(said) + ".")
    if done.pictures:
        typer.echo(f"Pictures handed on: {done.pictures}.")
    for release in done.releases:
        typer.echo(f"Release {release} is here.")
    for fault in done.not_taken:
        typer.echo(f"Not taken: {plain(fault)}")
    for code, count in done.refused.items():
        typer.echo(f"The upstream refused {count} ({plain(code)}). See docs/hub.md.")
    if done.busy:
        typer.echo(f"{done.busy} were not taken now: the upstream is busy. They wait for the next round.")


def _told(hub: Hub) -> str:
    if hub.revoked_ms:
        return "revoked"
    if not hub.joined_ms:
        return "has not joined"
    oldest = f" since {_when(hub.oldest_cargo_ms)}" if hub.waiting else ""
    return f"last uplink {_when(hub.last_uplink_ms)}, {hub.waiting} waiting{oldest}, {hub.refused} refused"


def _when(at_ms: int | None) -> str:
    return f"{datetime.fromtimestamp(at_ms / 1000, UTC):%Y-%m-%d %H:%M} UTC" if at_ms else "never"


def _span(seconds: int) -> str:
    return f"{seconds // 86_400} days" if seconds >= 86_400 else time.strftime("%H:%M hours", time.gmtime(seconds))
