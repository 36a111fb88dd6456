"""Packing that outlives its process: real workers, killed in the middle of a rung, and a real ffmpeg that is counted.

The ffmpeg here is a script before the real one. It writes down each rung that is encoded; where a file says so, the
360p rung does not come to an end, or fails.
"""

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Any

import httpx
import imageio_ffmpeg
import pytest
import yaml
from PIL import Image, ImageColor

from offline_bundles import objects_of
from offline_bundles.media import preview
from server.composition import open_database, open_objects
from server.courses import releases
from server.packs import asking
from server.packs.homes import name_of
from server.people import accounts
from server.settings import Settings
from server.tables import Pack, PackState, Release, Role
from tests.offline_bundles.courses import course_folder, write_yaml
from tests.offline_bundles.media.reading import drawn
from tests.running import RunningServer

# Each worker is a process that loads the whole server; on a crowded machine that takes its time.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
WAIT_SECONDS_MAX = 250  # for what takes five; a bound for what never comes
BEFORE_FFMPEG = """#!/bin/sh
case "$*" in
*scale=480:360*libx264*)
    echo 360p >> {folder}/runs
    if [ -e {folder}/holds ]; then touch {folder}/held; exec tail -f /dev/null; fi
    if [ -e {folder}/fails ]; then echo "no such luck"; exit 1; fi ;;
*scale=320:240*libx264*) echo 240p >> {folder}/runs ;;
*libopus*) echo opus >> {folder}/runs ;;
*"-c:a aac"*) echo aac >> {folder}/runs ;;
esac
exec {ffmpeg} "$@"
"""


TRAINER = {"name": "grace", "password": "a trainer's words"}
PACKS = "/v1/courses/small/packs"
PAPER = ImageColor.getrgb(preview.PAPER)


class Bench:
    """A home, a course with one film, and an ffmpeg that can be held."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.course = folder, filmed(folder / "course")
        script = folder / "ffmpeg"
        script.write_text(BEFORE_FFMPEG.format(folder=folder, ffmpeg=imageio_ffmpeg.get_ffmpeg_exe()))
        script.chmod(0o755)
        self.tiffin = RunningServer(folder / "home", IMAGEIO_FFMPEG_EXE=str(script))
        self.settings = Settings(home=folder / "home")
        with open_database(self.settings) as database, database.writing() as session:
            school = accounts.add_organisation(session, "School")
            accounts.add(session, school, TRAINER["name"], Role.TRAINER, TRAINER["password"])
            self.organisation = school.id

    def ask(self, *, publish: bool) -> None:
        with open_database(self.settings) as database, database.writing() as session:
            place = asking.Place(name_of(self.settings.home), self.course)
            asking.ask(session, self.organisation, "small", place, publish=publish)

    def worker(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen([sys.executable, "-m", "server.packs.worker"], env=self.tiffin.environment)

    def pack(self) -> Pack:
        with open_database(self.settings) as database, database.reading() as session:
            return asking.newest(session, self.organisation, "small")[0]

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
            with httpx.Client(base_url=self.tiffin.url, headers={"origin": self.tiffin.url}) as client:
                client.post("/v1/sign-in", json=TRAINER).raise_for_status()
                yield client
        finally:
            self.tiffin.stop()

    def runs(self) -> Counter[str]:
        return Counter((self.folder / "runs").read_text().split())


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    yield Bench(tmp_path)


def filmed(folder: Path) -> Path:
    course = course_folder(folder)
    (folder / "media").mkdir()
    drawn(folder / "media" / "film.mp4", size="640x480")
    values = yaml.safe_load((folder / "course.yaml").read_text())
    film = {"id": "film", "kind": "video", "title": "Film", "source": "media/film.mp4"}
    values["lessons"][0]["activities"].append(film)
    write_yaml(folder / "course.yaml", values)
    return course


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS_MAX
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def ended(client: httpx.Client, pack: str) -> dict[str, Any]:
    """What the API says of a pack, once that has ended."""
    wait_until(lambda: client.get(f"{PACKS}/{pack}").json()["state"] not in ("waiting", "working"))
    return dict(client.get(f"{PACKS}/{pack}").raise_for_status().json())


def test_killed_in_the_middle_of_a_rung_the_next_server_goes_on_there_and_the_base_was_out_before(bench: Bench) -> None:
    (bench.folder / "holds").touch()
    bench.ask(publish=True)
    worker = bench.worker()
    wait_until(lambda: (bench.folder / "held").exists() and bench.pack().releases == [1])
    worker.kill()
    worker.wait()

    (bench.folder / "holds").unlink()
    with bench.served() as trainer:
        pack = ended(trainer, trainer.get(PACKS).json()[0]["id"])
        again = ended(trainer, trainer.post(PACKS, json={"publish": False}).raise_for_status().json()["id"])

    assert {(step["rung"], step["state"], step["percent"]) for step in pack["steps"]} == {
        (rung, "done", 100) for rung in ("240p", "360p", "opus-16k", "aac-24k")
    }
    assert (pack["state"], pack["releases"], again["releases"]) == ("done", [1, 2], [2])
    assert bench.runs() == {"240p": 1, "opus": 1, "aac": 1, "360p": 2}
    first, whole = bench.released()
    assert first.published_ms and whole.published_ms
    assert first.report["following"] == ["film.mp4 360p"]
    assert (whole.report["following"], whole.report["encoded"]) == ([], 4)
    assert len(bench.digests(first) - bench.digests(whole)) == 4  # root, lesson, stream and playlist name the new rung
    assert not list((bench.folder / "home" / "cache").glob("??/.*")), "what was half made is gone"


def test_a_rung_that_always_fails_is_given_up_said_and_leaves_the_course_usable(bench: Bench) -> None:
    (bench.folder / "fails").touch()

    said = bench.tiffin.command("pack", str(bench.course), "--publish")

    assert "film.mp4 has no 360p, which could not be made" in said
    assert "no such luck" in said
    assert bench.runs()["360p"] == 2
    assert (bench.pack().state, bench.pack().releases) == (PackState.DONE, [1])
    whole = bench.digests(bench.released()[0])
    assert all(map(open_objects(bench.settings).has, whole))

    (bench.folder / "fails").unlink()
    sheet = bench.folder / "sheet.png"
    said = bench.tiffin.command("pack", str(bench.course), "--preview", str(sheet))
    assert "Release 2 of small is packed" in said
    assert f"{sheet} shows 1 of 1 videos" in said
    assert rows_on(sheet) == 3, "the film itself and two rungs"
    assert bench.runs() == {"240p": 1, "opus": 1, "aac": 1, "360p": 3}, "the sheet shows what is there already"


def rows_on(sheet: Path) -> int:
    """How many pictures stand below one another on a preview sheet: stretches of its first column without paper."""
    with Image.open(sheet) as shown:
        assert shown.format == "PNG"
        pixels = shown.convert("RGB")
    column = [pixels.getpixel((preview.MARGIN + 100, top)) for top in range(pixels.height)]
    stretches = [len(list(run)) for is_paper, run in groupby(column, PAPER.__eq__) if not is_paper]
    return sum(stretch >= preview.CROP_HEIGHT for stretch in stretches)
