"""A trainer stops a course's packing on her page and starts it again; a real film is encoded behind it."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Playwright, expect

from tests.browser.people import console
from tests.offline_bundles.media.reading import ffmpeg
from tests.running import until
from tests.server.packs.bench import TRAINER, Bench, wait_for_its_end

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SECONDS = 4  # of the lecture: a hand has begun to write
ENDED_MS_MAX = 250_000  # for what takes five seconds; a bound for what never comes
# The page asks every two seconds: on such a network it asks again before it has heard.
SLOW = {"offline": False, "latency": 2_200, "downloadThroughput": -1, "uploadThroughput": -1}


@pytest.fixture
def bench(shared_data: Path, tmp_path: Path) -> Bench:
    """A course with the beginning of a real lecture."""
    lecture, film = shared_data / "video-lecture-fi" / "prosenttiarvo2.mp4", tmp_path / "lecture.mp4"
    ffmpeg("-i", lecture, "-t", str(SECONDS), "-c", "copy", film)
    return Bench(tmp_path, film=film)


def test_a_trainer_stops_a_packing_and_starts_it_again_where_it_was(bench: Bench, playwright: Playwright) -> None:
    bench.hold()
    bench.ask(publish=False)
    with bench.served() as trainer:
        page = console(playwright, bench.tiffin, "/trainer/courses", TRAINER["name"], TRAINER["password"])
        held = bench.held()
        until(lambda: bench.runs() == {"240p": 1, "opus": 1, "aac": 1, "360p": 1})
        for rung in ("240p", "opus-16k", "aac-24k"):
            expect(file(page, rung)).to_have_text("Made")
        packing(page).get_by_role("button", name="Stop packing").click()

        expect(packing(page).get_by_role("status")).to_contain_text("Stopped · What is made is kept")
        wait_for_its_end(held)
        expect(file(page, "360p")).to_have_text("Not made")
        bench.let_go()
        page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", SLOW)
        packing(page).get_by_role("button", name="Pack again and publish").click()

        expect(packing(page).get_by_role("status")).to_contain_text("Packed · Release 2.", timeout=ENDED_MS_MAX)
        expect(page.get_by_role("row", name="Published")).to_have_count(2)
        packing(page).get_by_text("4 files").click()
        for rung in ("240p", "360p", "opus-16k", "aac-24k"):
            expect(file(page, rung)).to_have_text("Made")
        [ended] = trainer.get("/v1/packs").json()
        page.context.browser.close()  # type: ignore[union-attr]

    assert (ended["state"], ended["releases"]) == ("done", [1, 2]), "the base quality first"
    assert bench.runs() == {"240p": 1, "opus": 1, "aac": 1, "360p": 2}, "what was made before the stop stays"


def packing(page: Page) -> Locator:
    """Named for the course's id, and for its title once there is a release that has one."""
    return page.get_by_role("region", name=re.compile("Packing of small", re.IGNORECASE))


def file(page: Page, rung: str) -> Locator:
    """What the page says of one file."""
    return packing(page).get_by_role("row", name=rung).get_by_role("cell").last
