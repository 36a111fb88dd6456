"""`tiffin hub`: hubs at their upstream, and this server as one. docs/hub.md."""

import os
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import httpx
import typer
from rich.console import Console
from sqlmodel import select

from server.cli.commands import OrganisationName, organisation_of
from server.cli.plain import plain
from server.composition import hub_of, open_database, open_keys
from server.courses.release_keys import ReleaseKeys
from server.database import Database
from server.errors import SetupError
from server.exchanging import hub_key, open_filing, open_uplink
from server.hubs import filed
from server.hubs.answering.enrolling import Hubs, named, revoke
from server.hubs.asking import cargo, filing
from server.hubs.asking.uplink import Round
from server.hubs.asking.upstream import UpstreamServer
from server.people import accounts
from server.people.upward import upstream_of
from server.reports import hubs as report
from server.serving.lock import unserved
from server.settings import Settings
from server.shapes.hubs import HubJoined, WaitingAddition
from server.tables import AdditionKind, Hub, Learner, Organisation, UplinkTrouble, Upstream
from sync.identity import DeviceKey

app = typer.Typer(help="Hubs: servers that carry a classroom's work to this one, and back.", no_args_is_help=True)
# What to do where the upstream will not have what was enrolled here.
REFUSED = {
    "unknown_course": "That course is not at the main server any more. Enrol her in another.",
    "unknown_learner": "The main server does not have her: see what it says of her above.",
    "already_there": "The main server has this already, from elsewhere. Ask an administrator to give her a code.",
    "not_its_learner": "Another hub enrolled her. Ask an administrator to give her a code.",
    "too_many": "This hub has enrolled more than any trainer would. Tell the administrator.",
}
REFUSED_ELSE = "Update the main server and this hub, then: tiffin hub sync --again"
TROUBLES = {
    UplinkTrouble.UNREACHABLE: "The main server was not reached. It is tried again by itself.",
    UplinkTrouble.UNREADABLE: "What came is no whole answer of the main server. Look at the network between.",
    UplinkTrouble.ENDED: "An administrator ended this hub's key. What is here stays. Ask for a code, then:"
    " tiffin hub join --new-key URL CODE",
    UplinkTrouble.NOT_JOINED: "The main server does not know this laptop as a hub. Ask for a code, then:"
    " tiffin hub join URL CODE",
    UplinkTrouble.BUSY: "The main server is busy. It is tried again by itself.",
    UplinkTrouble.IS_HUB: "The main server is a hub itself. Join the one above it.",
    UplinkTrouble.FAILED: "The main server failed at it. Tell the administrator.",
    UplinkTrouble.REFUSED: "The main server would not have it. Update it and this hub.",
    UplinkTrouble.HERE: "It failed on this laptop. Look at the room on its disk, and at its log.",
}
PORT_MAX = 65_535
NO_HUB = "This server is no hub. Make it one: tiffin hub join URL CODE"
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
    typer.echo("The code is good once, for seven days.")


@app.command("list")
def list_hubs(organisation: OrganisationName = "") -> None:
    """At the upstream: hubs, when they last came, what waits on them, what was wrong."""
    with open_database(Settings()) as database, database.reading() as session:
        here = accounts.organisation_named(session, organisation)
        counted = report.incidents_by_hub(session, here.id)
        knocked = report.knocked_by_hub(session, here.id)
        for hub in report.of(session, here.id):
            typer.echo(f"{plain(hub.name)}: {_told(hub)}, {counted.get(hub.id, 0)} incidents")
            if hub.id in knocked:
                typer.echo(f"  A laptop with an ended key of this hub came last {_when(knocked[hub.id])}.")


@app.command("revoke")
def revoke_hub(name: Name, organisation: OrganisationName = "") -> None:
    """At the upstream: end a hub's right to ask and to bring, because it was lost. What it brought stays."""
    with open_database(Settings()) as database, database.writing() as session:
        here = accounts.organisation_named(session, organisation)
        hub = named(session, here.id, name)
        revoke(session, here.id, hub.id if hub else name)
    typer.echo(f"{plain(name)} may come no more, and the codes that it made are ended.")
    typer.echo("Phones that sent there offer all again wherever they come next.")


@app.command()
def join(
    url: Annotated[str, typer.Argument(help="The upstream's address: https://…")],
    code: Annotated[str, typer.Argument(help="The code that `tiffin hub add` showed.")],
    new_key: Annotated[bool, typer.Option("--new-key", help="Because the upstream ended this hub's key.")] = False,
) -> None:
    """Make this server a hub. Again, with another code, changes the address."""
    _check_address(url)
    settings = Settings()
    with open_database(settings) as database, _nobody_serves_it_as_another(settings, database):
        with httpx.Client(base_url=url) as client:
            _check_empty(database)
            keys = open_keys(settings)
            key = DeviceKey.generate() if new_key else hub_key(keys)
            joined = UpstreamServer(client, key).join(code)
            if new_key:
                keys.renew_hub_key(key.save())
        _become(settings, database, url, joined)
    typer.echo(f"This server is now the hub {plain(joined.name)}. Fetch everything once: tiffin hub sync")


def _check_address(url: str) -> None:
    try:
        read = httpx.URL(url)
    except httpx.InvalidURL:
        read = httpx.URL("")
    if read.scheme not in ("https", "http") or not read.host or (read.port or 0) > PORT_MAX:
        raise SetupError(f"{plain(url)} is no address. Write it whole: https://…")


def _nobody_serves_it_as_another(settings: Settings, database: Database) -> AbstractContextManager[None]:
    """A server learns at its start that it is a hub: before, it would keep nothing of what phones send for the way up.

    One that is a hub already may run beside: it reads the address and the key anew for each round.
    """
    if hub_of(database):
        return nullcontext()
    return unserved(settings.home, "Stop it first, join, then start it again: it learns at its start that it is a hub.")


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
def save(
    file: Annotated[Path, typer.Argument(help="The file to write; keep it as you keep a sheet of codes.")],
) -> None:
    """At a hub: write whom it enrolled since its last round into a file, in case the laptop does not come home."""
    settings = Settings()
    with open_database(settings) as database:
        with database.reading() as session:
            above = upstream_of(session)
            if above is None:
                raise SetupError(NO_HUB)
            requests = list(filing.requests(session.connection(), above.epoch))
        with open(file, "xb", opener=_for_its_owner) as written:
            written.write(filed.write(above.hub_id, hub_key(open_keys(settings)), requests))
    typer.echo(f"{file} holds whom this hub enrolled since its last round. Carry it apart from the laptop.")
    typer.echo("Where the laptop is lost, on the main server: tiffin hub take FILE")


@app.command()
def take(
    file: Annotated[Path, typer.Argument(help="A file that `tiffin hub save` wrote.")],
    vouch: Annotated[
        bool,
        typer.Option("--vouch", help="The hub's key was ended, and the file was in good hands."),
    ] = False,
) -> None:
    """At the upstream: take in whom a hub enrolled, from its file. Taking it again changes nothing."""
    settings = Settings()
    if file.stat().st_size > filed.FILE_BYTES_MAX:
        raise SetupError(f"{file} is larger than any hub's file. Is it another one?")
    told = filed.read(file.read_bytes())
    with open_database(settings) as database:
        done = open_filing(settings, database, is_vouched=vouch).take(told)
    typer.echo(f"Enrolments and codes that are here now: {done.additions}. Phones that joined: {done.joins}.")
    for code, count in done.refused.items():
        typer.echo(f"Not taken: {count} ({plain(code)}). {REFUSED.get(code, '')}".strip())
    typer.echo("Their phones bring what they hold with their next exchange.")


def _for_its_owner(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)  # it holds names and codes


@app.command()
def status() -> None:
    """At a hub: the last uplink, what waits and since when, what was refused."""
    with open_database(Settings()) as database, database.reading() as session:
        above = upstream_of(session)
        if above is None:
            raise SetupError(NO_HUB)
        here = report.here(session)
    typer.echo(f"{plain(here.name)}, hub of {here.upstream}")
    typer.echo(f"Last uplink: {_when(here.last_uplink_ms)}")
    oldest = f", the oldest since {_when(here.oldest_cargo_ms)}" if here.waiting else ""
    typer.echo(f"Waiting: {here.waiting}{oldest}")
    if above.held:
        typer.echo(_told_held(len(above.held)))
    for one in here.added:
        typer.echo(_told_addition(one))
    for each in here.refused:
        typer.echo(f"Refused by the upstream: {each.count} ({plain(each.refused)}). See docs/hub.md.")
    if here.last_error:
        typer.echo(f"The last round failed. {TROUBLES[UplinkTrouble(here.last_error)]}")
        typer.echo(plain(here.last_error_detail))


def _told_addition(one: WaitingAddition) -> str:
    what = {AdditionKind.ENROLMENT: f" in {plain(one.course)}", AdditionKind.CODE: ", her code"}.get(one.kind, "")
    outcome = f"refused ({plain(one.refused)}). {REFUSED.get(one.refused, REFUSED_ELSE)}" if one.refused else "waits"
    return f"{plain(one.learner.name)}{what}: {outcome}"


def _tell(done: Round) -> None:
    said = [f"{done.joins} joined", f"{done.delivered} handed on", f"{done.entries} new from the upstream"]
    said = [f"{done.added} enrolments and codes taken", *said] if done.added else said
    typer.echo(", ".join(said) + ".")
    if done.held:
        typer.echo(_told_held(done.held))
    if done.pictures:
        typer.echo(f"Pictures handed on: {done.pictures}.")
    for release in done.releases:
        typer.echo(f"Release {release} is here.")
    for fault in done.not_taken:
        typer.echo(f"Not taken: {plain(fault)}")
    for code, count in done.refused.items():
        typer.echo(f"The upstream refused {count} ({plain(code)}). See docs/hub.md.")
    if done.is_doubtful:
        typer.echo("A copy was altered on this laptop: the server asks every phone again, within seconds if it runs.")
    if done.busy:
        typer.echo(f"{done.busy} were not taken now: the upstream is busy. They wait for the next round.")


def _told_held(learners: int) -> str:
    return f"Learners whose old work is damaged at the main server: {learners}. It comes once it is healed there."


def _told(hub: Hub) -> str:
    if hub.revoked_ms:
        return "revoked"
    if not hub.joined_ms:
        return "has not joined"
    oldest = f" since {_when(hub.oldest_cargo_ms)}" if hub.waiting else ""
    return f"last uplink {_when(hub.last_uplink_ms)}, {hub.waiting} waiting{oldest}, {hub.refused} refused"


def _when(at_ms: int | None) -> str:
    return f"{datetime.fromtimestamp(at_ms / 1000, UTC):%Y-%m-%d %H:%M} UTC" if at_ms else "never"
