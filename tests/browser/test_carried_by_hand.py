"""Work comes home in a file: a phone writes it down, a trainer brings it in, no network between them."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright, expect

from tests.browser.people import Phone, console, join_code
from tests.running import RunningServer

pytestmark = [pytest.mark.browser, pytest.mark.slow]


# What a phone has and a desktop's Chromium has not: the system's sheet. It keeps what it was given.
SHEET = """() => {
    navigator.canShare = ({ files }) => files.every(({ name, type }) => name.endsWith('.txt') && type === 'text/plain');
    navigator.share = async ({ files }) => { window.handedOn = files[0]; };
}"""
HANDED_ON = "async () => [...new Uint8Array(await window.handedOn.arrayBuffer())]"


def test_what_two_sisters_did_on_one_phone_comes_home_by_the_trainers_hand(
    server: RunningServer, playwright: Playwright, tmp_path: Path
) -> None:
    phone = phone_of_sisters(server, playwright, tmp_path / "phone")
    server.stop()
    phone.page.context.set_offline(True)  # or it would send by itself as soon as the trainer's laptop is on
    phone.answer_exam()
    phone.become("Amina Yusuf")
    phone.answer_exam(right=False)
    carried, handed_on = made_file(phone, tmp_path)
    assert handed_on == carried.read_bytes()
    server.start()

    trainer = console(playwright, server, "/trainer/carried", "grace", "a trainer's words")
    replies = brought_in(trainer, carried, tmp_path / "replies")
    take_in(phone.page, replies)
    for learner, points in (("Amina Yusuf", "0 of 8 points"), ("Badr Yusuf", "8 of 8 points")):
        phone.become(learner)
        expect(phone.go("tiffin").get_by_text("Everything is sent and safe")).to_be_visible()
        expect(phone.page.get_by_text("No network reached")).to_be_hidden()
        phone.open_activity("exam")
        expect(phone.page.get_by_text(points).first).to_be_visible()
    phone.switch_off()

    trainer.get_by_role("link", name="Badr Yusuf").first.click()
    trainer.get_by_text("Final quiz, attempt 1").click()
    expect(trainer.get_by_text("8 of 8 points").first).to_be_visible()
    trainer.context.browser.close()  # type: ignore[union-attr]


def phone_of_sisters(server: RunningServer, playwright: Playwright, storage: Path) -> Phone:
    """Both have joined on it, Badr last, and took the course along."""
    phone = Phone(playwright, storage, server.url)
    phone.join(join_code(server, "Amina Yusuf"))
    phone.take_along()
    phone.page.goto(f"{server.url}/#/join/{join_code(server, 'Badr Yusuf')}")
    phone.page.get_by_role("button", name="Join").click()
    expect(phone.page.get_by_text("Kept on this phone ·")).to_be_visible()
    return phone


def made_file(phone: Phone, folder: Path) -> tuple[Path, bytes]:
    """As it was downloaded, and as the system's sheet was given it."""
    phone.page.evaluate(SHEET)
    page = phone.go("tiffin")
    with page.expect_download() as made:
        page.get_by_role("button", name="Make a file").click()
    whose = page.get_by_role("region", name="Carry by file").get_by_role("listitem")
    expect(whose).to_have_text(
        [re.compile(f"{name}: 1 finished quiz or lesson · ") for name in ("Amina Yusuf", "Badr Yusuf")]
    )
    page.get_by_role("button", name="Share the file").click()
    expect(page.get_by_text("was handed on").first).to_be_visible()
    carried = folder / made.value.suggested_filename
    made.value.save_as(carried)
    return carried, bytes(page.evaluate(HANDED_ON))


def brought_in(trainer: Page, carried: Path, replies: Path) -> Path:
    """Twice: the second time nothing in it is new."""
    for times, new in ((1, True), (2, False)):
        trainer.get_by_label("Files from phones").set_input_files([carried])
        regions = trainer.get_by_role("region", name=carried.name)
        expect(regions).to_have_count(times)
        for learner in ("Amina Yusuf", "Badr Yusuf"):
            row = regions.first.get_by_role("row", name=learner)
            expect(row.get_by_role("cell").first).to_have_text(re.compile("[1-9]" if new else "^0$"))
        trainer.get_by_label("Files from phones").set_input_files([])
    with trainer.expect_download() as answered:
        trainer.get_by_role("link", name="Save the replies to carry back").last.click()
    answered.value.save_as(replies)
    return replies


def take_in(page: Page, replies: Path) -> None:
    page.get_by_label("Take in replies").set_input_files([replies])
    expect(page.get_by_text("2 replies were taken in").first).to_be_visible()


def test_a_file_that_holds_no_work_is_refused_in_words(
    server: RunningServer, playwright: Playwright, tmp_path: Path
) -> None:
    (tmp_path / "holiday.jpg").write_bytes(b"\xff\xd8\xff\xe0 no work at all")
    trainer = console(playwright, server, "/trainer/carried", "grace", "a trainer's words")
    trainer.get_by_label("Files from phones").set_input_files([tmp_path / "holiday.jpg"])
    expect(trainer.get_by_role("region", name="holiday.jpg").get_by_role("alert")).to_be_visible()
    trainer.context.browser.close()  # type: ignore[union-attr]
