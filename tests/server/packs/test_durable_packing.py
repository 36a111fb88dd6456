"""Packing that outlives its process: real workers, killed or stopped in the middle of a rung."""

from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest
from PIL import Image, ImageColor

from offline_bundles.media import preview
from server.composition import open_objects
from server.packs.worker import work_off
from server.settings import Settings
from server.tables import PackState
from tests.running import until
from tests.server.packs.bench import Bench, ended, filmed, wait_for_its_end

pytestmark = [pytest.mark.slow]
PACKS = "/v1/courses/small/packs"
PAPER = ImageColor.getrgb(preview.PAPER)
RUNGS = ("240p", "360p", "opus-16k", "aac-24k")


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    yield Bench(tmp_path)


def test_killed_and_then_stopped_in_the_middle_of_a_rung_it_goes_on_there_and_the_base_was_out_before(
    bench: Bench,
) -> None:
    bench.hold()
    bench.ask(publish=True)
    worker = bench.worker()
    bench.held()
    until(lambda: bench.pack().releases == [1])
    until(bench.all_else_is_made)
    worker.kill()
    worker.wait()

    with bench.served() as trainer:
        held = bench.held()
        [killed] = trainer.get("/v1/packs").json()
        trainer.post(f"{PACKS}/{killed['id']}/stop").raise_for_status()
        wait_for_its_end(held)
        stopped = trainer.get(f"{PACKS}/{killed['id']}").json()
        bench.let_go()
        again = trainer.post(PACKS, json={"publish": True}).raise_for_status().json()
        again = ended(trainer, PACKS, again["id"])

    assert {step["rung"]: step["state"] for step in stopped["steps"]} == {
        **dict.fromkeys(RUNGS, "done"),
        "360p": "stopped",
    }
    assert {(step["rung"], step["state"], step["percent"]) for step in again["steps"]} == {
        (rung, "done", 100) for rung in RUNGS
    }
    assert (stopped["state"], stopped["releases"]) == ("stopped", [1])
    assert (again["state"], again["releases"]) == ("done", [1, 2])
    assert bench.runs() == {"240p": 1, "opus": 1, "aac": 1, "360p": 3}
    first, whole = bench.released()
    assert first.published_ms and whole.published_ms
    assert first.report["following"] == ["film.mp4 360p"]
    assert (whole.report["following"], whole.report["encoded"]) == ([], 1)
    assert len(bench.digests(first) - bench.digests(whole)) == 4  # root, lesson, stream and playlist name the new rung
    assert not bench.drafts(), "what was half made is gone"


def test_two_courses_with_the_same_film_encode_it_once_and_the_second_goes_on_where_the_first_dies_or_is_stopped(
    bench: Bench,
) -> None:
    copy = filmed(bench.folder / "copy", "copy", film=bench.course / "media" / "film.mp4")
    (bench.folder / "holds-looks").touch()
    bench.hold()
    bench.ask(publish=False)
    bench.ask(publish=False, course="copy", folder=copy)

    worker = bench.worker()
    until(lambda: any(0 < (bench.percent_looked_at(name) or 0) < 100 for name in ("small", "copy")))
    (bench.folder / "holds-looks").unlink()
    bench.held()
    until(lambda: bench.all_else_is_made("small") and bench.all_else_is_made("copy"))
    assert (bench.runs(), bench.looks()) == ({"240p": 1, "opus": 1, "aac": 1, "360p": 1}, 1)
    worker.kill()
    worker.wait()

    worker = bench.worker()
    held = bench.held()
    bench.let_go()
    [maker] = [name for name in ("small", "copy") if held_by(bench, name)]
    bench.stop(maker)
    assert worker.wait() == 0

    other = bench.pack({"small": "copy", "copy": "small"}[maker])
    assert (bench.pack(maker).state, other.state, other.releases) == (PackState.STOPPED, PackState.DONE, [1])
    assert bench.runs() == {"240p": 1, "opus": 1, "aac": 1, "360p": 3}, "once; again after the kill, and after the stop"
    wait_for_its_end(held)
    assert not bench.drafts()


def held_by(bench: Bench, course: str) -> bool:
    return any(step.state is PackState.WORKING for step in bench.steps(course))


@pytest.mark.servers
def test_on_postgresql_the_next_worker_goes_on_and_another_machine_keeps_out_of_it(
    tmp_path: Path, postgres_url: str
) -> None:
    bench = Bench(tmp_path, postgres_url)
    bench.hold()
    bench.ask(publish=False)
    bench.ask(publish=False, course="brief", folder=filmed(tmp_path / "brief", "brief", size="320x240"))
    worker = bench.worker()
    bench.held()
    until(lambda: bench.pack("brief").state is PackState.DONE)  # it does not wait for the one before it
    until(bench.all_else_is_made)
    worker.kill()
    worker.wait()

    bench.let_go()
    before = bench.runs()
    work_off(Settings(home=tmp_path / "elsewhere", database_url=postgres_url))
    assert (bench.runs(), bench.pack().state) == (before, PackState.WORKING)
    assert bench.worker().wait() == 0

    assert (bench.pack().state, bench.pack().releases) == (PackState.DONE, [1])
    assert bench.runs() == before + Counter({"360p": 1})
    assert [step.deaths for step in bench.steps() if step.rung == "360p"] == [1]


def test_after_ctrl_c_a_rung_that_always_fails_is_given_up_said_and_leaves_the_course_usable(bench: Bench) -> None:
    bench.hold()
    said, held = bench.command_until_held("pack", str(bench.course))
    assert "What is encoded is kept" in said
    wait_for_its_end(held)
    assert bench.pack().state is PackState.STOPPED
    bench.let_go()
    (bench.folder / "fails").touch()

    said = bench.tiffin.command("pack", str(bench.course), "--publish")

    assert "film.mp4 has no 360p, which could not be made" in said
    assert "no such luck" in said
    assert bench.runs() == {"240p": 1, "opus": 1, "aac": 1, "360p": 3}
    assert (bench.pack().state, bench.pack().releases) == (PackState.DONE, [1])
    whole = bench.digests(bench.released()[0])
    assert all(map(open_objects(bench.settings).has, whole))

    (bench.folder / "fails").unlink()
    sheet = bench.folder / "sheet.png"
    said = bench.tiffin.command("pack", str(bench.course), "--preview", str(sheet))
    assert "Release 2 of small is packed" in said
    assert f"{sheet} shows 1 of 1 videos" in said
    assert rows_on(sheet) == 3, "the film itself and two rungs"
    assert bench.runs() == {"240p": 1, "opus": 1, "aac": 1, "360p": 4}, "the sheet shows what is there already"


def rows_on(sheet: Path) -> int:
    """How many pictures stand below one another on a preview sheet: stretches of its first column without paper."""
    with Image.open(sheet) as shown:
        assert shown.format == "PNG"
        pixels = shown.convert("RGB")
    column = [pixels.getpixel((preview.MARGIN + 100, top)) for top in range(pixels.height)]
    stretches = [len(list(run)) for is_paper, run in groupby(column, PAPER.__eq__) if not is_paper]
    return sum(stretch >= preview.CROP_HEIGHT for stretch in stretches)
