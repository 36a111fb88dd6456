"""`tiffin carry`: exchanges that come in a file, and replies that go back in one. docs/carry.md."""

import asyncio
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from server.cli.plain import plain
from server.composition import open_database
from server.errors import SetupError
from server.exchange.carried import Applied, FromDevice, apply
from server.exchanging import open_exchange
from server.reports.conflicts import named
from server.settings import Settings
from sync.carried import Carried, CarriedReply, Kind, Outcome, read_carried
from sync.errors import SyncError
from sync.limits import CARRIED_BYTES_MAX
from sync.pictures import PART, Piece, read_part
from sync.wire import Frame, FrameKind, read_reply, read_request

app = typer.Typer(help="Exchanges in files, for where there is no network.", no_args_is_help=True)
SECONDS_SHOWN_MAX = 2**33  # the year 2242: a clock may say anything
SHOWN_CHARACTERS = 8  # of a device's id: enough to find it again in the console

Files = Annotated[list[Path], typer.Argument(help="Carried files, in any order.")]


@app.command("apply")
def apply_files(
    files: Files, replies: Annotated[Path | None, typer.Option(help="The file of replies to write.")] = None
) -> None:
    """Take in what phones wrote into files. Applying a file again changes nothing."""
    opened = [(path, _opened(path, Kind.REQUESTS)) for path in files]
    if replies and replies.exists():
        raise SetupError(f"{replies} is there already. Name another file for the replies.")
    parts = [part for _, carried in opened for part in carried.parts]
    settings = Settings()
    with open_database(settings) as database:
        with open_exchange(settings, database) as service:
            applied = asyncio.run(apply(service, database, parts))
        with database.reading() as session:
            names = named(session, {of.learner for of in applied.devices})
    for of in applied.devices:
        typer.echo(_told(of, names[of.learner].name if of.learner in names else ""))
    _tell_damage(opened)
    _tell_sum(applied)
    if replies:
        _keep(replies, applied)


@app.command()
def show(files: Files) -> None:
    """Say what is in carried files, without applying them."""
    for path in files:
        carried = _opened(path)
        typer.echo(f"{path}: {len(carried.parts)} {carried.kind.name.lower()}")
        for part in carried.parts:
            typer.echo("  " + (_request_line(part) if carried.kind is Kind.REQUESTS else _reply_line(part)))
        _tell_damage([(path, carried)])


def _opened(path: Path, kind: Kind | None = None) -> Carried:
    if path.stat().st_size > CARRIED_BYTES_MAX:
        raise SetupError(f"{path} has more than {CARRIED_BYTES_MAX >> 20} MB. Split it where it is written.")
    try:
        carried = read_carried(path.read_bytes())
    except SyncError as error:
        raise SetupError(f"{path}: {error}") from error
    if kind and carried.kind is not kind:
        raise SetupError(f"{path} holds replies, which phones take in. Apply the files that come from phones.")
    return carried


def _request_line(part: bytes) -> str:
    try:
        if part.startswith(PART):
            return _picture_line(read_part(part))
        request = read_request(part)
    except SyncError as error:
        return f"no request: {error}"
    header = request.header
    written = datetime.fromtimestamp(min(header.sent_at // 1000, SECONDS_SHOWN_MAX), UTC)
    who = f"{_device(header.device.hex(), header.profile)}, written {written:%Y-%m-%d %H:%M} by its own clock"
    return f"{who}: {_frames(request.frames)}, {len(part)} bytes"


def _picture_line(piece: Piece) -> str:
    return f"{_device(piece.device.hex(), piece.profile)}: a photograph, {len(piece.content)} of {piece.length} bytes"


def _reply_line(part: bytes) -> str:
    try:
        reply = CarriedReply.read(part)
        who = _device(reply.device.hex(), reply.profile)
        if reply.outcome is Outcome.REFUSED:
            return f"{who}: refused, {plain(reply.code)}"
        if reply.outcome is Outcome.PICTURE:
            return f"{who}: a photograph, {plain(reply.code)}"
        inner = read_reply(reply.body)
    except SyncError as error:
        return f"no reply: {error}"
    verdicts = Counter(f"{one.verdict.name.lower()} ({plain(one.reason)})" for one in inner.verdicts)
    said = [f"{count} {what}" for what, count in verdicts.items()] or ["all is durable"]
    return f"{who}: {', '.join(said)}; brings {_frames(inner.frames)}, {len(part)} bytes"


def _device(device: str, profile: int) -> str:
    return f"phone {device[:SHOWN_CHARACTERS]}…, profile {profile}"


def _frames(frames: Iterable[Frame]) -> str:
    counts = Counter(FrameKind(frame.kind).name.lower() for frame in frames)
    return ", ".join(f"{count} {name}" for name, count in counts.items()) or "nothing new"


def _told(of: FromDevice, name: str) -> str:
    counted = {
        "new": of.new,
        "placed that had waited": of.placed,
        "parked": of.parked,
        "in quarantine": of.quarantined,
        "not taken now, apply again": of.later,
        "photographs": of.pictures,
        "photographs before their answers": of.pictures_early,
    }
    said = [f"{count} {what}" for what, count in counted.items() if count]
    said += [f"refused ({code})" for code in of.refused]
    return f"{plain(name) or 'Unknown'}, {_device(of.device, of.profile)}: {', '.join(said) or 'nothing new'}"


def _tell_damage(opened: Iterable[tuple[Path, Carried]]) -> None:
    for path, carried in opened:
        if not carried.is_whole:
            lost = f"{carried.damaged} parts are damaged" if carried.damaged else "the end is missing"
            typer.echo(f"{path} is not whole: {lost}. Copy it again and apply it again; what came in stays in.")


def _tell_sum(applied: Applied) -> None:
    new = sum(of.new for of in applied.devices)
    pictures = sum(of.pictures for of in applied.devices)
    phones = len({of.device for of in applied.devices})
    typer.echo(f"{phones} phones, {new} new{f', {pictures} photographs' if pictures else ''}.")
    if applied.unreadable:
        typer.echo(f"{applied.unreadable} parts hold neither request nor photograph; they were passed over.")


def _keep(path: Path, applied: Applied) -> None:
    with path.open("xb") as file:
        file.write(applied.replies)
    typer.echo(f"The replies are in {path}: carry it back to the phones.")
    if applied.unanswered:
        typer.echo(f"{applied.unanswered} replies found no room; those phones hear at their next exchange.")
