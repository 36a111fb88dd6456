"""A course comes on a memory card: made by the trainer's command, read by the phone in place, with no network."""

import sqlite3
from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright, expect

from tests.browser.people import CODE, COURSE, TOOLS_KEPT, Phone, wait_for
from tests.running import RunningServer

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PART_BYTES = 1_000_000  # the sample course needs three such files


def test_a_course_is_taken_from_a_card_and_studied_before_any_network_told_of_it(
    server: RunningServer, playwright: Playwright, tmp_path: Path
) -> None:
    card = tmp_path / "card.zip"
    server.command("export", "water-and-health", "--to", str(card), "--max-bytes", str(PART_BYTES))
    first, middle, last = card, tmp_path / "card-2.zip", tmp_path / "card-3.zip"
    phone = Phone(playwright, tmp_path / "phone", server.url)
    phone.join(CODE.search(server.command("learner", "add", "Amina"))[0])  # type: ignore[index]  # on no course
    wait_for(phone.page, TOOLS_KEPT)
    server.stop()
    phone.switch_off()

    page = phone.switch_on()
    page.get_by_text("From a memory card").click()
    pick(page, tmp_path / "holiday.jpg", content=b"\xff\xd8\xff\xe0 no card at all")
    expect(page.get_by_text("This is not a card from Tiffin")).to_be_visible()
    pick(page, tmp_path / "card-cut.zip", content=first.read_bytes()[: first.stat().st_size // 2])
    expect(page.get_by_text("The card was cut short")).to_be_visible()
    pick(page, last, first)
    expect(page.get_by_text(f"not on this card: {middle.name}.")).to_be_visible()
    page.get_by_role("button", name=f"Take {COURSE} along").click()
    expect(page.get_by_text("of it were not on the card")).to_be_visible()
    pick(page, last, first, middle)
    expect(page.get_by_text(f"{COURSE} is kept on this phone").first).to_be_visible()

    phone.open_activity("why-it-matters")
    expect(page.get_by_role("heading", name="Why safe water matters")).to_be_visible()
    phone.answer_exam()
    server.start()
    phone.send()
    with sqlite3.connect(server.home / "tiffin.db") as tables:
        assert tables.execute("select count(*) from enrolment").fetchone() == (0,)
        assert tables.execute("select count(*) from attempt").fetchone() == (1,)
        assert tables.execute("select count(*) from quarantined").fetchone() == (0,)
    phone.switch_off()


def pick(page: Page, *files: Path, content: bytes | None = None) -> None:
    if content is not None:
        files[0].write_bytes(content)
    page.get_by_label("Pick the card").set_input_files(files)
