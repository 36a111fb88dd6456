"""The hub's console in a real browser, by keyboard alone: a trainer enrols a class, and sees what has gone home."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Route, expect, sync_playwright

from tests.browser.people import CODE, console
from tests.server.hubs.conftest import TRAINER, Pair, phone_at

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.xdist_group("hubs")]
NAMES = ["Mwanaidi Juma", "سارة علي", *(f"Asha {letter}." for letter in "ABCDEFGHI")]


@pytest.fixture
def page(pair: Pair) -> Iterator[Page]:
    with sync_playwright() as playwright:
        yield console(playwright, pair.hub, "/trainer", *TRAINER)


def test_a_class_is_enrolled_by_keyboard_and_the_hub_says_what_has_gone_home(pair: Pair, page: Page) -> None:
    held: list[Route] = []
    page.route("**/v1/courses", lambda route: held.append(route), times=1)
    page.reload()
    page.get_by_role("button", name="Add a learner").press("Enter")
    expect(page.get_by_role("dialog").get_by_role("status")).to_be_visible()  # or they would be on no course
    held[0].continue_()
    codes = {enrol_by_keyboard(page, name) for name in ("Mwajuma", "سارة محمد")}
    page.keyboard.press("Escape")

    assert len(codes) == 2
    expect(page.get_by_role("link", name="سارة محمد")).to_be_visible()
    by_name = page.get_by_role("button", name="Name")
    by_name.press("Enter")
    expect(page.get_by_role("columnheader", name="Name")).to_have_attribute("aria-sort", "ascending")
    expect(by_name).to_be_focused()
    page.get_by_role("link", name="Go to the content").press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    page.get_by_role("link", name="This hub").press("Enter")
    waiting = page.get_by_role("region", name="Enrolled here, and not at the main server yet")
    expect(waiting.get_by_role("row").filter(has_text="Mwajuma").filter(has_text="waits")).to_have_count(2)
    pair.sync()
    page.reload()
    expect(page.get_by_text("The main server has everyone who was enrolled here.")).to_be_visible()
    page.get_by_role("link", name="Learners").click()
    page.get_by_role("link", name="Mwajuma").click()
    expect(page.get_by_text("Grades here are the main server’s.")).to_be_visible()


def enrol_by_keyboard(page: Page, name: str) -> str:
    """Gives her code; then the form is ready for the next."""
    expect(page.get_by_role("textbox", name="Full name")).to_be_focused()
    page.keyboard.type(name)
    page.keyboard.press("Enter")
    code = page.get_by_role("dialog").locator("output")
    expect(code).to_have_text(CODE)
    text = code.inner_text()
    page.get_by_role("button", name="Add another").press("Enter")
    return text


def test_a_class_is_pasted_looked_through_and_made_and_its_codes_fill_a_printed_page(pair: Pair, page: Page) -> None:
    page.get_by_role("link", name="Add a class by its list").press("Enter")
    page.get_by_role("textbox", name="The list").fill("\n".join([*NAMES, "Rehema, klingonese!", "Mwanaidi Juma"]))
    page.get_by_role("checkbox", name="Small").check()
    page.get_by_role("button", name="Look it through").press("Enter")
    odd = page.get_by_role("region", name="Lines that nobody is made from").get_by_role("row").nth(1)
    expect(odd).to_contain_text("“klingonese!” is no language")
    expect(page.get_by_role("region", name="The list").get_by_role("row").last).to_contain_text("Also in line 1")
    page.get_by_role("button", name=f"Make {len(NAMES)} codes").press("Enter")

    cards = page.get_by_role("listitem").filter(has=page.locator("output"))
    expect(cards.locator("output")).to_have_text([CODE] * len(NAMES))
    expect(cards.locator("strong")).to_have_text(NAMES)
    printed = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type /Page\b", printed)) == 2, "ten to a page"
    replica = phone_at(pair.hub, cards.locator("output").last.inner_text())
    assert set(replica.releases) == {"small"}
