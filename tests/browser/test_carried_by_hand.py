"""Work comes home in a file: a phone writes it down, a trainer brings it in, no network between them."""

from pathlib import Path

import pytest
from playwright.sync_api import Playwright, expect

from tests.browser.people import Phone, console, join_code
from tests.running import RunningServer

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_what_a_phone_wrote_down_comes_home_by_the_trainers_hand(
    server: RunningServer, playwright: Playwright, tmp_path: Path
) -> None:
    phone = Phone(playwright, tmp_path / "phone", server.url)
    phone.join(join_code(server, "Amina Yusuf"))
    phone.take_along()
    server.stop()
    phone.answer_exam()

    page = phone.go("tiffin")
    with page.expect_download() as made:
        page.get_by_role("button", name="Make a file").click()
    carried = tmp_path / made.value.suggested_filename
    made.value.save_as(carried)
    server.start()

    trainer = console(playwright, server, "/trainer/carried", "grace", "a trainer's words")
    for times in (1, 2):  # the second time nothing in it is new
        trainer.get_by_label("Files from phones").set_input_files([carried])
        expect(trainer.get_by_role("region", name=carried.name)).to_have_count(times)
        trainer.get_by_label("Files from phones").set_input_files([])
    with trainer.expect_download() as answered:
        trainer.get_by_role("link", name="Save the replies to carry back").last.click()
    replies = tmp_path / "replies"
    answered.value.save_as(replies)
    server.stop()
    page.get_by_label("Take in replies").set_input_files([replies])
    expect(page.get_by_text("1 reply was taken in").first).to_be_visible()
    expect(page.get_by_text("Everything is sent and safe")).to_be_visible()
    expect(page.get_by_text("No network reached")).to_be_hidden()
    phone.open_activity("exam")
    expect(page.get_by_text("8 of 8 points").first).to_be_visible()
    phone.switch_off()

    server.start()
    trainer.get_by_role("link", name="Amina Yusuf").first.click()
    trainer.get_by_text("Final quiz, attempt 1").click()
    expect(trainer.get_by_text("8 of 8 points").first).to_be_visible()
    trainer.context.browser.close()  # type: ignore[union-attr]


def test_a_file_that_holds_no_work_is_refused_in_words(
    server: RunningServer, playwright: Playwright, tmp_path: Path
) -> None:
    (tmp_path / "holiday.jpg").write_bytes(b"\xff\xd8\xff\xe0 no work at all")
    trainer = console(playwright, server, "/trainer/carried", "grace", "a trainer's words")
    trainer.get_by_label("Files from phones").set_input_files([tmp_path / "holiday.jpg"])
    expect(trainer.get_by_role("region", name="holiday.jpg").get_by_role("alert")).to_be_visible()
    trainer.context.browser.close()  # type: ignore[union-attr]
