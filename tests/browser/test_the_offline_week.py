"""A learner's offline week, from beginning to end: real server processes, a real Chromium, and the server really
stopped while she is offline."""

import re
import shutil
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, Playwright, expect

from conflict.rules import LessonState
from sync.client import Replica
from sync.client.transport import exchange, join
from tests.browser.conftest import SAMPLE
from tests.browser.people import COURSE, Phone, console, join_code
from tests.counting_proxy import counting_proxy
from tests.running import RunningServer

pytestmark = [pytest.mark.browser, pytest.mark.slow]
ID = "water-and-health"


def test_a_learners_offline_week(server: RunningServer, playwright: Playwright, tmp_path: Path) -> None:
    code = join_code(server, "Amina Yusuf")
    tablet = second_device(server, code)
    phone = Phone(playwright, tmp_path / "phone", server.url)

    phone.join(code)
    phone.take_along()
    phone.switch_off()

    server.stop()
    she_studies_offline(phone)
    work_on_the_tablet(tablet)

    server.start()
    everything_comes_home(server, phone)
    both_devices_agree(server, phone, tablet)
    the_trainer_sees_her_work(server, playwright)
    the_administrator_sees_her_phone(server, playwright)
    a_second_release_fetches_only_what_changed(server, playwright, phone, tmp_path)
    phone.switch_off()


def second_device(server: RunningServer, code: str) -> Replica:
    """Her tablet joined with the same code, some time ago."""
    with httpx.Client(base_url=server.url) as client:
        tablet = join(client, code, "Tablet")
        exchange(client, tablet, now_ms())
        return tablet


def now_ms() -> int:
    import time

    return time.time_ns() // 1_000_000


def she_studies_offline(phone: Phone) -> None:
    page = phone.switch_on()
    expect(page.get_by_text("Kept on this phone ·")).to_be_visible()

    phone.open_activity("why-it-matters")
    picture = page.get_by_role("img", name="A glass of clear water")
    expect(picture).to_be_visible()
    picture.evaluate("(image) => image.decode()")  # which fails where it does not open offline
    phone.write_note("Ask Grace about the filter")
    expect(page.get_by_role("link", name=re.compile("^Next: Lecture"))).to_be_visible()  # read to its end

    phone.open_activity("handout")
    expect(page.get_by_role("alert").get_by_text("No network reached")).to_be_visible()
    expect(page.get_by_role("button", name="Mark as done")).to_have_count(0)

    she_watches_the_lecture(phone)
    she_practises(phone)
    phone.answer_exam()
    no_answer_key_is_on_the_phone(page)

    phone.go("tiffin")
    waits = page.get_by_role("region", name="What waits to be sent")
    expect(waits.get_by_text(re.compile(r"\d+ finished quizzes and lessons"))).to_be_visible()
    expect(waits.get_by_text(re.compile(r"\d+ places, notes, bookmarks and pictures"))).to_be_visible()
    expect(waits.get_by_text(re.compile(r"\d+ things you opened"))).to_be_visible()


def she_watches_the_lecture(phone: Phone) -> None:
    page = phone.open_activity("lecture")
    page.get_by_label("Captions").select_option("ar")
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("() => document.querySelector('video').currentTime > 1.5")
    page.evaluate("document.querySelector('video').currentTime = 150")
    page.wait_for_function(
        "() => { const v = document.querySelector('video'); return v.currentTime > 151 && !v.seeking }"
    )
    page.wait_for_function(ARABIC_CAPTION_SHOWN)
    page.get_by_role("button", name="Bookmark this place").click()
    page.get_by_role("button", name="Pause").click()


ARABIC_CAPTION_SHOWN = r"""() => [...document.querySelector("video").textTracks]
  .some(({ mode, activeCues }) => mode === "showing" && /[\u0600-\u06ff]/.test(activeCues?.[0]?.text))"""


def she_practises(phone: Phone) -> None:
    page = phone.open_activity("try-it")
    page.get_by_role("button", name="Start").click()
    page.get_by_role("radio").nth(0).check()
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_text("Germs are too small to see.")).to_be_visible()
    page.get_by_role("button", name="Answer again").click()
    page.get_by_role("radio").nth(1).check()
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_text("Right. Clear is not the same as clean.")).to_be_visible()


def no_answer_key_is_on_the_phone(page: Page) -> None:
    """Every byte that the browser keeps, searched for what only the graded quiz's key says."""
    stored = page.evaluate(EVERYTHING_STORED)
    assert "Germs are too small to see." in stored, "the practice quiz's key is there: the search works"
    assert "A rolling boil does not stop when you stir." not in stored
    assert "oral rehydration solution" not in stored.split("Try it yourself")[0] or '"accept"' in stored
    assert "Do not wait with these signs." not in stored


EVERYTHING_STORED = """async () => {
  const parts = [];
  const text = (value) => value instanceof Uint8Array ? new TextDecoder().decode(value)
    : value && typeof value === 'object' ? Object.values(value).map(text).join(' ') : String(value);
  for (const { name } of await indexedDB.databases()) {
    const database = await new Promise((done) => indexedDB.open(name).onsuccess = (e) => done(e.target.result));
    for (const store of database.objectStoreNames) {
      const all = await new Promise((done) =>
        database.transaction(store).objectStore(store).getAll().onsuccess = (e) => done(e.target.result));
      parts.push(...all.map(text));
    }
    database.close();
  }
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) parts.push(await (await cache.match(request)).text());
  }
  return parts.join(' ');
}"""


def work_on_the_tablet(tablet: Replica) -> None:
    """Meanwhile, elsewhere: the same lecture further on, the same exam once more, a note of its own."""
    tablet.reach(ID, "lecture", LessonState.COMPLETED)
    tablet.watch(ID, "lecture", [(60, 200)])
    tablet.place(ID, "lecture", 200, now_ms() // 1000 + 3600)
    tablet.note(ID, "why-it-matters", "tablet-1", "Written on the tablet")


def everything_comes_home(server: RunningServer, phone: Phone) -> None:
    """One exchange, one round trip; the reply brings the grade."""
    with counting_proxy(server.port):
        phone.send()
    page = phone.open_activity("exam")
    expect(page.get_by_text("8 of 8 points").first).to_be_visible()
    expect(page.get_by_text("A rolling boil does not stop when you stir.")).to_be_visible()


def both_devices_agree(server: RunningServer, phone: Phone, tablet: Replica) -> None:
    with httpx.Client(base_url=server.url) as client:
        exchange(client, tablet, now_ms())
    phone.go("tiffin").get_by_role("button", name="Send now").click()
    page = phone.open_activity("why-it-matters")
    expect(page.get_by_text("Written on the tablet")).to_be_visible()
    expect(page.get_by_text("Ask Grace about the filter")).to_be_visible()
    watched = tablet.read(ID, "w/lecture").value
    assert watched[0][0] <= 1
    assert watched[-1][1] >= 200, "what was watched on both is put together"
    assert tablet.read(ID, "s/lecture").value == LessonState.COMPLETED
    phone.go(f"course/{ID}")
    expect(page.get_by_role("link", name=re.compile("Lecture.*Done"))).to_be_visible()


def the_trainer_sees_her_work(server: RunningServer, playwright: Playwright) -> None:
    page = console(playwright, server, "/trainer", "grace", "a trainer's words")
    page.get_by_role("link", name="Amina Yusuf").click()
    expect(page.get_by_role("heading", name="Amina Yusuf")).to_be_visible()
    page.get_by_text("Final quiz, attempt 1").click()
    expect(page.get_by_text("8 of 8 points").first).to_be_visible()
    expect(page.get_by_text("٣٠", exact=True).first).to_be_visible()
    conflicts = page.get_by_role("region", name="Settled conflicts")
    expect(conflicts.get_by_text("Place in the video")).to_be_visible()
    expect(conflicts.get_by_text("latest")).to_be_visible()
    page.goto(f"{server.url}/trainer/courses/water-and-health/results")
    page.get_by_role("link", name=re.compile("1 Passed")).click()
    expect(page.get_by_role("row", name="Amina Yusuf")).to_contain_text("8 of 8 points")
    expect(page.get_by_role("combobox", name="Show")).to_have_value("passed")
    page.context.browser.close()  # type: ignore[union-attr]


def the_administrator_sees_her_phone(server: RunningServer, playwright: Playwright) -> None:
    page = console(playwright, server, "/admin", "ada", "an administrator's words")
    expect(page.get_by_role("heading", name="What needs you today")).to_be_visible()
    page.get_by_role("link", name="Devices").click()
    rows = page.get_by_role("row").filter(has_text="Amina Yusuf")
    expect(rows).to_have_count(2)
    expect(page.get_by_text(f"{COURSE}: 1 of 1")).to_be_visible()
    page.context.browser.close()  # type: ignore[union-attr]
    assert httpx.get(f"{server.url}/livez").status_code == 200
    assert httpx.get(f"{server.url}/readyz").status_code == 200
    assert 'tiffin_conflicts{organisation="' in httpx.get(f"{server.url}/metrics").text


def a_second_release_fetches_only_what_changed(
    server: RunningServer, playwright: Playwright, phone: Phone, folder: Path
) -> None:
    source = folder / "second"
    shutil.copytree(SAMPLE, source)
    page_file = source / "pages" / "hands.en.md"
    page_file.write_text(page_file.read_text() + "\nTeach one neighbour today.\n")
    said = server.command("pack", str(source))
    assert "0 encoded" in said

    trainer = console(playwright, server, "/trainer/courses", "grace", "a trainer's words")
    trainer.get_by_role("button", name="Publish release 2").click()
    expect(trainer.get_by_role("row", name="Published")).to_have_count(2)
    trainer.context.browser.close()  # type: ignore[union-attr]

    phone.go("tiffin").get_by_role("button", name="Send now").click()
    page = phone.go("")
    fetch = page.get_by_role("button", name=re.compile("Fetch the new version"))
    fetch.click()
    expect(fetch).to_be_hidden()  # the old one is kept until then
    expect(page.get_by_text("Kept on this phone ·")).to_be_visible()
    page = phone.open_activity("hands")
    expect(page.get_by_text("Teach one neighbour today.")).to_be_visible()
