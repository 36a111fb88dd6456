"""`tiffin pack`: a course folder becomes a release, at once where nothing needs encoding, else as durable work.

What needs encoding is a row that the worker takes up: this command shows how far it is. Killed, the work goes on with
the next `tiffin serve` or `tiffin pack`.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from offline_bundles import ReleaseRecord, Report
from offline_bundles.course import Course, read_course
from offline_bundles.errors import MediaError
from offline_bundles.media import is_whole_in_cache
from offline_bundles.packing.preview import preview as preview_sheet
from server.cli import commands
from server.cli.progress import TerminalProgress
from server.composition import hub_of, open_database, open_objects, open_outlines, open_readying
from server.courses import publishing, releases
from server.courses.packing import Packing
from server.database import Database
from server.errors import OnlyUpstream, SetupError
from server.packs import asking
from server.packs.homes import name_of
from server.packs.starting import LOG, start_worker
from server.settings import Settings
from server.tables import Organisation, Pack, PackState, PackStep
from server.tables.packing import UNFINISHED

LOOK_SECONDS = 0.2  # between two looks at how far the work is
AGAIN_SECONDS = 5.0  # after a worker ended: another's may hold the lock, and each start costs a second
FAILURES_MAX = 3  # of the worker in a row, before this command gives up
OPENING, LOOKING = "The videos are opened", "The videos are looked at"
Folder = Annotated[Path | None, typer.Argument(help="The course folder: it holds course.yaml.")]
Publish = Annotated[bool, typer.Option("--publish", help="Publish: the base quality first, the rest when it is made.")]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with what was cut off, and pack nothing new.")]
PreviewFile = Annotated[Path | None, typer.Option("--preview", help="Write a PNG here: what each rung looks like.")]


@dataclass(frozen=True, slots=True)
class Packed:
    """What came of packing; `is_new` is false where the newest release was this already."""

    record: ReleaseRecord
    report: Report
    is_new: bool


def pack(
    folder: Folder = None,
    organisation: commands.OrganisationName = "",
    publish: Publish = False,
    preview: PreviewFile = None,
    resume: Resume = False,
) -> None:
    """Pack a course folder into a signed release. Packing again encodes only what changed."""
    settings = Settings()
    if preview and not preview.absolute().parent.is_dir():
        raise SetupError(
            f"{preview.parent} is no folder: nothing was packed. Name a place for the preview that is there."
        )
    with open_database(settings) as database:
        if resume:
            _resume(settings, database)
            return
        if folder is None:
            raise SetupError("Name the course folder: tiffin pack FOLDER. To go on with what was cut off: --resume")
        packed = pack_into(settings, database, commands.organisation_of(database, organisation), folder, publish)
    show(packed)
    if preview:
        shown, films = preview_sheet(folder, cache=settings.home / "cache", target=preview)
        typer.echo(f"{preview} shows {shown} of {films} videos, a row for each rung. Can you read every letter?")
    if publish:
        typer.echo(f"Release {packed.record.number} of {packed.record.course} is published.")
    elif packed.is_new:
        typer.echo(f"Publish it: tiffin publish {packed.record.course} {packed.record.number}")


def pack_into(
    settings: Settings, database: Database, organisation: Organisation, folder: Path, publish: bool = False
) -> Packed:
    if hub_of(database):
        raise OnlyUpstream(
            "This is a hub. Pack and publish at the main server; releases come here with the next round."
        )
    course = read_course(folder)
    if _is_encoded(course, settings.home / "cache"):
        return _pack_now(settings, database, organisation, folder, course, publish)
    with database.writing() as session:
        before = {pack.number for pack in releases.of_course(session, organisation.id, course.id)}
        asked = asking.ask(session, organisation.id, course.id, _place(settings, folder), publish=publish)
    done = _follow(settings, database, asked.id)
    if done.state is not PackState.DONE:
        raise SetupError(done.problem or f"Packing {course.id} was stopped.")
    with database.reading() as session:
        release = asking.release_of(session, done)
    return Packed(releases.record(release), Report.from_json(release.report), release.number not in before)


def _place(settings: Settings, folder: Path) -> asking.Place:
    return asking.Place(name_of(settings.home), folder.resolve())


def show(packed: Packed) -> None:
    record = packed.record
    state = "is packed" if packed.is_new else "was packed already: nothing has changed"
    typer.echo(f"Release {record.number} of {record.course} {state}. Root {record.root[:12]}…")
    for line in packed.report.lines():
        typer.echo(line)


def _is_encoded(course: Course, cache: Path) -> bool:
    """Whether nothing is left to encode; what cannot be read is left to the work to say."""
    films = {activity.source for activity in course.activities if activity.kind == "video"}
    try:
        return all(is_whole_in_cache(film, cache=cache) for film in films)
    except MediaError:
        return False


def _pack_now(
    settings: Settings, database: Database, organisation: Organisation, folder: Path, course: Course, publish: bool
) -> Packed:
    signer = commands.signer_of(settings, organisation)
    packing = Packing(database, open_objects(settings), settings.home / "cache", organisation, signer)
    with TerminalProgress() as progress:
        packed = packing.pack(folder, course.id, progress)
    record = packed.record
    with database.writing() as session:
        asking.note_packed(session, organisation.id, course.id, _place(settings, folder), record.number)
        if publish:
            publishing.publish(session, organisation.id, course.id, record.number, open_outlines(settings))
    if publish:
        open_readying(settings, database).ready(record.root)
    return Packed(record, packed.report, packed.is_new)


def _resume(settings: Settings, database: Database) -> None:
    with database.reading() as session:
        waiting = asking.unfinished(session, name_of(settings.home))
    for pack in waiting:
        done = _follow(settings, database, pack.id)
        typer.echo(f"{done.course_id}: {done.state}. {done.problem}".rstrip())
    if not waiting:
        typer.echo("Nothing was cut off.")


def _follow(settings: Settings, database: Database, pack_id: str) -> Pack:
    """Shows how far a pack is until it has ended. Ctrl-C stops it."""
    starting = _Starting(settings)
    with TerminalProgress() as bars, _stopping(database, pack_id):
        told = False
        while True:
            with database.reading() as session:
                pack, steps = session.get_one(Pack, pack_id), asking.steps(session, pack_id)
            _draw(bars, pack, steps)
            if pack.state not in UNFINISHED:
                return pack
            if pack.publish and pack.releases and not told and any(step.state in UNFINISHED for step in steps):
                told = True
                typer.echo(f"Release {pack.releases[0]} of {pack.course_id} is published; more quality follows.")
            starting.look()
            time.sleep(LOOK_SECONDS)


def _draw(bars: TerminalProgress, pack: Pack, steps: Sequence[PackStep]) -> None:
    _draw_look(bars, pack, is_over=bool(steps))
    if steps:
        bars.step(pack.course_id, sum(_done_ms(step) for step in steps), sum(step.total_ms for step in steps))
    for step in steps:
        label = f"{Path(step.video).name} {step.rung}"
        if step.state is PackState.WORKING:
            bars.show(label, step.done_ms, step.total_ms)
        else:
            bars.hide(label)


def _done_ms(step: PackStep) -> int:
    return step.done_ms if step.state in UNFINISHED else step.total_ms


def _draw_look(bars: TerminalProgress, pack: Pack, *, is_over: bool) -> None:
    """Before there are rungs: the films are opened, then all of them are looked at."""
    is_opening = pack.films_opened < pack.films
    if is_over or not is_opening:
        bars.hide(OPENING)
    else:
        bars.show(OPENING, pack.films_opened, pack.films)
    if is_over or is_opening or not pack.to_look_ms:
        bars.hide(LOOKING)
    else:
        bars.show(LOOKING, pack.looked_ms, pack.to_look_ms)


@contextmanager
def _stopping(database: Database, pack_id: str) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt as error:
        with database.writing() as session:
            asking.settle(session, pack_id, PackState.STOPPED)
        raise SetupError("Stopped. What is encoded is kept: pack again to go on.") from error


@dataclass
class _Starting:
    """Keeps a worker at work: this command's, unless another's is there."""

    settings: Settings
    failures: int = 0
    again_at: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.worker = start_worker(self.settings)

    def look(self) -> None:
        code = self.worker.poll()
        if code is None:
            self.again_at = time.monotonic() + AGAIN_SECONDS
            return
        if time.monotonic() < self.again_at:
            return
        self.failures = self.failures + 1 if code else 0
        if self.failures >= FAILURES_MAX:
            raise SetupError(f"Packing ends by itself; {self.settings.home / LOG} says why. Then: tiffin pack --resume")
        self.worker = start_worker(self.settings)
        self.again_at = time.monotonic() + AGAIN_SECONDS
