"""A home to pack in, with real workers and a real ffmpeg that is counted and can be held.

The ffmpeg here is a script before the real one. It writes down each rung that is encoded; where a file says so, the
360p rung does not come to an end, or fails, or a film is looked at for long. Held, it goes on saying how far it is, as
a real one does.
"""

import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import imageio_ffmpeg
import yaml

from offline_bundles import objects_of
from server.composition import open_database, open_objects
from server.courses import releases
from server.packs import asking
from server.packs.homes import name_of
from server.people import accounts
from server.reports import packs
from server.settings import Settings
from server.tables import Pack, PackState, PackStep, Release, Role
from tests.offline_bundles.courses import course_folder, write_yaml
from tests.offline_bundles.media.reading import drawn
from tests.running import TIFFIN, WAIT_SECONDS_MAX, RunningServer, until

BEFORE_FFMPEG = """#!/bin/sh
case "$*" in
*scale=*:360:*libx264*)
    echo 360p >> {folder}/runs
    if [ -e {folder}/holds ]; then
        echo $$ > {folder}/held
        while :; do echo progress=continue; sleep 0.2; done
    fi
    if [ -e {folder}/fails ]; then echo "no such luck"; exit 1; fi ;;
*scale=*:240:*libx264*) echo 240p >> {folder}/runs ;;
*edgedetect*)
    echo look >> {folder}/looks
    while [ -e {folder}/holds-looks ]; do echo out_time_us=1000000; echo progress=continue; sleep 0.2; done ;;
*libopus*) echo opus >> {folder}/runs ;;
*"-c:a aac"*) echo aac >> {folder}/runs ;;
esac
exec {ffmpeg} "$@"
"""
TRAINER = {"name": "grace", "password": "a trainer's words"}


class Bench:
    """A home, a course with one film, and an ffmpeg that can be held. `database_url`: SQLite in the home when empty.

    Without a `film` one is drawn.
    """

    def __init__(self, folder: Path, database_url: str = "", film: Path | None = None) -> None:
        self.folder, self.course = folder, filmed(folder / "course", "small", film=film)
        script = folder / "ffmpeg"
        script.write_text(BEFORE_FFMPEG.format(folder=folder, ffmpeg=imageio_ffmpeg.get_ffmpeg_exe()))
        script.chmod(0o755)
        given = {"IMAGEIO_FFMPEG_EXE": str(script), "TIFFIN_DATABASE_URL": database_url}
        self.tiffin = RunningServer(folder / "home", **given)
        self.settings = Settings(home=folder / "home", database_url=database_url)
        with open_database(self.settings) as database, database.writing() as session:
            school = accounts.add_organisation(session, "School")
            accounts.add(session, school, TRAINER["name"], Role.TRAINER, TRAINER["password"])
            self.organisation = school.id

    def ask(self, *, publish: bool, course: str = "small", folder: Path | None = None) -> None:
        with open_database(self.settings) as database, database.writing() as session:
            place = asking.Place(name_of(self.settings.home), folder or self.course)
            asking.ask(session, self.organisation, course, place, publish=publish)

    def worker(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen([sys.executable, "-m", "server.packs.worker"], env=self.tiffin.environment)

    def pack(self, course: str = "small") -> Pack:
        with open_database(self.settings) as database, database.reading() as session:
            return asking.newest(session, self.organisation, course)[0]

    def steps(self, course: str = "small") -> list[PackStep]:
        with open_database(self.settings) as database, database.reading() as session:
            return asking.steps(session, asking.newest(session, self.organisation, course)[0].id)

    def stop(self, course: str) -> None:
        with open_database(self.settings) as database, database.writing() as session:
            asking.settle(session, asking.newest(session, self.organisation, course)[0].id, PackState.STOPPED)

    def released(self) -> list[Release]:
        with open_database(self.settings) as database, database.reading() as session:
            return sorted(releases.of_course(session, self.organisation, "small"), key=lambda each: each.number)

    def digests(self, release: Release) -> set[str]:
        return {ref.digest for ref in objects_of(release.root, open_objects(self.settings))}

    @contextmanager
    def served(self) -> Iterator[httpx.Client]:
        """A trainer at the console of a server on this home."""
        self.tiffin.start()
        try:
            with self.tiffin.signed_in(**TRAINER) as client:
                yield client
        finally:
            self.tiffin.stop()

    def hold(self) -> None:
        (self.folder / "holds").touch()

    def let_go(self) -> None:
        """The next one comes to its end; the one that is held stays so until it is ended."""
        (self.folder / "holds").unlink()

    def held(self) -> int:
        """Waits for a rung to be held that was not told of before; its process."""
        told = self.folder / "held"
        until(lambda: told.exists() and told.read_text().endswith("\n"))
        process = int(told.read_text())
        told.unlink()
        return process

    def all_else_is_made(self, course: str = "small") -> bool:
        """Whether nothing is under way but the rung that is held."""
        steps = self.steps(course)
        return sum(step.state is PackState.DONE for step in steps) == len(steps) - 1

    def command_until_held(self, *words: str) -> tuple[str, int]:
        """Runs `tiffin WORDS`, presses Ctrl-C once nothing is left but the rung that is held; what was said, and the
        process that was held."""
        said, errors = subprocess.PIPE, subprocess.STDOUT
        with subprocess.Popen([TIFFIN, *words], env=self.tiffin.environment, stdout=said, stderr=errors) as command:
            held = self.held()
            until(self.all_else_is_made)
            command.send_signal(signal.SIGINT)
            return command.communicate(timeout=WAIT_SECONDS_MAX)[0].decode(), held

    def runs(self) -> Counter[str]:
        return Counter((self.folder / "runs").read_text().split())

    def percent_looked_at(self, course: str) -> int | None:
        with open_database(self.settings) as database, database.reading() as session:
            looking = packs.detail(session, asking.newest(session, self.organisation, course)[0]).looking
            return looking.percent if looking else None

    def looks(self) -> int:
        """How often a film was looked at."""
        return len((self.folder / "looks").read_text().split())

    def drafts(self) -> list[Path]:
        return list((self.settings.home / "cache").glob("??/.*"))


def filmed(folder: Path, name: str, size: str = "640x480", film: Path | None = None) -> Path:
    """A course with the film, or with one that is drawn."""
    course = course_folder(folder, id=name)
    (folder / "media").mkdir()
    place = folder / "media" / "film.mp4"
    if film:
        shutil.copy(film, place)
    else:
        drawn(place, size=size)
    values = yaml.safe_load((folder / "course.yaml").read_text())
    film = {"id": "film", "kind": "video", "title": "Film", "source": "media/film.mp4"}
    values["lessons"][0]["activities"].append(film)
    write_yaml(folder / "course.yaml", values)
    return course


def wait_for_its_end(process: int) -> None:
    """Of a process that is nobody's child here: where nobody buries it, it stays as a zombie."""

    def is_over() -> bool:
        try:
            return Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2].startswith("Z")
        except (FileNotFoundError, ProcessLookupError):
            return True

    until(is_over)


def ended(client: httpx.Client, packs: str, pack: str) -> dict[str, Any]:
    """What the API says of a pack, once that has ended."""
    unfinished = (PackState.WAITING, PackState.WORKING)
    until(lambda: client.get(f"{packs}/{pack}").json()["state"] not in unfinished)
    return dict(client.get(f"{packs}/{pack}").raise_for_status().json())
