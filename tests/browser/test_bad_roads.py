"""What goes wrong on the way to a phone: cuts, tampering, pauses, a wrong code. Each has words, nothing is lost."""

import re
import sqlite3
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, Route, expect

from tests.browser.people import CONTENT_BYTES, COURSE, TOOLS_KEPT, Phone, join_code, wait_for
from tests.counting_proxy import counting_proxy
from tests.running import RunningServer

HALF_WAY_BYTES = 400_000  # of a course of 700 kB
HELD_BYTES = 250_000  # on the phone by then, with much to spare: headers, what is read at once
AGAIN_BYTES_MAX = 120_000  # the segment that was on its way, what the start of the app asks, headers

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_download_goes_on_after_the_phone_was_switched_off_half_way(
    server: RunningServer, playwright: Playwright, tmp_path: Path
) -> None:
    code = join_code(server, "Amina")
    with counting_proxy(server.port) as road:
        phone = Phone(playwright, tmp_path / "phone", f"http://localhost:{road.port}")
        phone.join(code)
        wait_for(phone.page, TOOLS_KEPT)
        road.hold(HALF_WAY_BYTES)
        phone.page.get_by_role("button", name=f"Take along: {COURSE}").click()
        progress = phone.page.get_by_text(re.compile(r"\d+\skB of"))
        whole = 1000 * int(re.findall(r"(\d+)\skB", progress.inner_text())[-1])
        phone.wait_for_content(HELD_BYTES)
        held = phone.page.evaluate(CONTENT_BYTES)
        phone.switch_off()
        half_way = road.bytes_down
        road.let_go()

        phone.switch_on()
        expect(phone.page.get_by_text("Kept on this phone ·")).to_be_visible()
        assert road.bytes_down - half_way < whole - held + AGAIN_BYTES_MAX, (
            "what was there already is not fetched again"
        )
        phone.switch_off()


def test_pausing_stops_at_once_and_carrying_on_finishes(
    server: RunningServer, playwright: Playwright, tmp_path: Path
) -> None:
    code = join_code(server, "Amina")
    with counting_proxy(server.port) as road:
        phone = Phone(playwright, tmp_path / "phone", f"http://localhost:{road.port}")
        phone.join(code)
        wait_for(phone.page, TOOLS_KEPT)
        road.hold(HALF_WAY_BYTES)
        phone.page.get_by_role("button", name=f"Take along: {COURSE}").click()
        phone.page.get_by_role("button", name=f"Pause: {COURSE}").click()
        carry_on = phone.page.get_by_role("button", name=f"Carry on: {COURSE}")
        expect(carry_on).to_be_visible()
        road.let_go()
        carry_on.click()
        expect(phone.page.get_by_text("Kept on this phone ·")).to_be_visible()
        phone.switch_off()


def test_a_full_phone_says_so_keeps_what_it_has_and_carries_on_with_more_room(
    server: RunningServer, playwright: Playwright, tmp_path: Path
) -> None:
    phone = Phone(playwright, tmp_path / "phone", server.url)
    phone.join(join_code(server, "Amina"))
    phone.switch_off()

    page = phone.switch_on(room_bytes=500_000)
    page.get_by_role("button", name=f"Take along: {COURSE}").click()
    expect(page.get_by_text("The phone has no room left")).to_be_visible()
    phone.open_activity("why-it-matters")
    expect(page.get_by_role("heading", name="Why safe water matters")).to_be_visible()
    phone.switch_off()

    page = phone.switch_on(room_bytes=50_000_000)
    whole, again = page.get_by_text("Kept on this phone ·"), page.get_by_role("button", name="Try again")
    expect(whole.or_(again)).to_be_visible()
    if again.is_visible():  # it goes on by itself where not even its being stopped could be written down
        again.click()
    expect(whole).to_be_visible()
    phone.switch_off()


def test_a_tampered_object_is_not_kept(server: RunningServer, playwright: Playwright, tmp_path: Path) -> None:
    for path in (server.home / "objects").glob("??/*"):
        content = path.read_bytes()
        if content[4:8] == b"ftyp":  # every rendition of the lecture
            middle = len(content) // 2
            path.write_bytes(content[:middle] + bytes(100) + content[middle + 100 :])
    phone = Phone(playwright, tmp_path / "phone", server.url)
    phone.join(join_code(server, "Amina"))
    phone.page.get_by_role("button", name=f"Take along: {COURSE}").click()
    expect(phone.page.get_by_text("Something arrived damaged")).to_be_visible()
    phone.switch_off()


# Typed as soon as the field is there, before anything that follows the first drawing.
TYPED_AT_ONCE = """
    new MutationObserver((_, observer) => {
        const field = document.querySelector('#code');
        if (!field) return;
        observer.disconnect();
        field.value = 'AAAAAAAA';
        field.dispatchEvent(new InputEvent('input', { bubbles: true }));
    }).observe(document, { childList: true, subtree: true });
"""


def test_a_wrong_code_typed_in_the_first_moment_stays_and_says_what_to_do(
    server: RunningServer, playwright: Playwright, tmp_path: Path
) -> None:
    phone = Phone(playwright, tmp_path / "phone", server.url)
    page = phone.switch_on()
    page.add_init_script(TYPED_AT_ONCE)
    page.reload()
    expect(page.get_by_role("textbox", name="Your code")).to_have_value("AAAA-AAAA")
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_text("No learner has this code")).to_be_visible()
    expect(page.get_by_text("ask your trainer for a new code")).to_be_visible()
    expect(page.get_by_role("button", name="Join")).to_be_focused()
    phone.switch_off()


def test_while_the_first_exchange_is_on_its_way_she_is_still_joining(
    server: RunningServer, playwright: Playwright, tmp_path: Path
) -> None:
    phone = Phone(playwright, tmp_path / "phone", server.url)
    page = phone.switch_on(f"#/join/{join_code(server, 'Amina')}")
    on_their_way: list[Route] = []
    phone.context.route("**/v1/exchange", lambda route: on_their_way.append(route))  # type: ignore[union-attr]

    with page.expect_request("**/v1/exchange"):
        page.get_by_role("button", name="Join").click()

    expect(page.get_by_role("heading", name="Welcome to Tiffin")).to_be_visible()
    expect(page.get_by_role("button", name="Joining…")).to_be_visible()
    on_their_way[0].continue_()
    expect(page.get_by_role("heading", name="Your courses")).to_be_visible()
    phone.switch_off()


# Before the browser draws what is there for the first time, and before anything that waits for the drawing.
TAPPED_AT_ONCE = """
    new MutationObserver((_, observer) => {
        if (!document.querySelector('h1')) return;
        observer.disconnect();
        location.hash = '#/tiffin';
    }).observe(document, { childList: true, subtree: true });
"""


def test_a_tap_in_the_first_moment_leads_where_it_says(
    server: RunningServer, playwright: Playwright, tmp_path: Path
) -> None:
    phone = Phone(playwright, tmp_path / "phone", server.url)
    phone.join(join_code(server, "Amina"))

    phone.page.add_init_script(TAPPED_AT_ONCE)
    phone.page.reload()

    expect(phone.page.get_by_role("heading", name="My tiffin")).to_be_visible()
    phone.switch_off()


def test_an_exchange_whose_reply_is_lost_is_repeated_and_counts_once(
    server: RunningServer, playwright: Playwright, tmp_path: Path
) -> None:
    phone = Phone(playwright, tmp_path / "phone", server.url)
    phone.join(join_code(server, "Amina"))
    phone.take_along()
    lost: list[str] = []

    def lose(route) -> None:  # type: ignore[no-untyped-def]  # playwright's Route
        route.fetch()
        lost.append(route.request.url)
        route.abort()

    phone.page.route("**/v1/exchange", lose)
    phone.answer_exam()
    phone.go("tiffin").get_by_role("button", name="Send now").click()
    expect(phone.page.get_by_text("No network reached").first).to_be_visible()
    assert lost, "the server took it, the phone never heard"
    phone.page.unroute("**/v1/exchange")
    phone.send()
    with sqlite3.connect(server.home / "tiffin.db") as tables:
        assert tables.execute("select count(*) from attempt").fetchone() == (1,)
        assert tables.execute("select count(*) from log_entry where kind = 1").fetchone() == (1,)
    phone.switch_off()
