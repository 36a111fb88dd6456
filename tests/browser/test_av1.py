"""A film with an AV1 rung, from the course folder to moving pictures on a phone that plays it, without a network."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, expect

from tests.browser.people import Phone, console
from tests.offline_bundles.courses import write_yaml
from tests.offline_bundles.media.reading import drawn
from tests.running import RunningServer

pytestmark = [pytest.mark.browser, pytest.mark.slow]
# What the player asks of the browser is written down, and done.
LISTENING = """
    globalThis.typesPlayed = [];
    const asked = MediaSource.prototype.addSourceBuffer;
    MediaSource.prototype.addSourceBuffer = function (type) { typesPlayed.push(type); return asked.call(this, type); };
"""
MOVES = """() => {
    const film = document.querySelector('video');
    return film.currentTime > 1 && film.getVideoPlaybackQuality().totalVideoFrames > 8;
}"""


@pytest.fixture
def course(server: RunningServer, tmp_path: Path) -> str:
    """A course of one film, which moves enough for AV1 to pay."""
    folder = tmp_path / "course"
    folder.mkdir()
    drawn(folder / "film.mp4", "-an", seconds=11, rate=8)
    film = {"id": "film", "kind": "video", "title": "Film", "source": "film.mp4"}
    lesson = {"id": "one", "title": "One", "activities": [film]}
    write_yaml(
        folder / "course.yaml",
        {"id": "moving", "title": "Moving", "languages": ["en"], "licence": "CC-BY-4.0", "lessons": [lesson]},
    )
    server.command("pack", str(folder))
    server.command("publish", "moving", "1")
    return "moving"


def a_trainer_sees_how_it_was_packed(server: RunningServer, playwright: Playwright) -> None:
    page = console(playwright, server, "/trainer/courses", "grace", "a trainer's words")
    packing = page.get_by_role("region", name="Packing of Moving")
    expect(packing.get_by_role("status")).to_have_text("Packed · Release 1.")
    packing.get_by_text("2 files").click()
    expect(packing.get_by_role("row", name="240p-av1")).to_contain_text("Made")
    page.context.browser.close()  # type: ignore[union-attr]


def test_a_phone_that_plays_av1_takes_that_rung_along_and_shows_it_offline(
    server: RunningServer, playwright: Playwright, tmp_path: Path, course: str
) -> None:
    phone = Phone(playwright, tmp_path / "phone", server.url)
    code = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}", server.command("learner", "add", "Amina Yusuf", "--course", course))
    assert code
    phone.join(code[0])
    phone.page.get_by_role("button", name="Take along: Moving").click()
    expect(phone.page.get_by_text("Kept on this phone ·")).to_be_visible()
    a_trainer_sees_how_it_was_packed(server, playwright)
    server.stop()

    phone.page.add_init_script(LISTENING)
    phone.page.reload()
    page = phone.go("course/moving/film")
    page.get_by_role("button", name="Play").click()

    page.wait_for_function(MOVES)
    assert page.evaluate("typesPlayed") == ['video/mp4; codecs="av01.0.00M.08"']
    phone.switch_off()
