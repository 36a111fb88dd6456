"""What a learner, a trainer and an administrator do in the browser, by the names that they see."""

import re
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, Playwright, expect

from tests.browser.chromium import PATIENT_MS, laptop, phone
from tests.running import RunningServer

COURSE = "Water and health"
# The worker keeps these once an exchange has told it that somebody learns here: what a course needs without a network.
TOOLS_KEPT = """async () => {
  const kept = await Promise.all((await caches.keys()).map(async (name) => (await caches.open(name)).keys()));
  const isKept = (tool) => kept.flat().some(({ url }) => url.includes(`/assets/${tool}-`));
  return ['card', 'carry', 'notes', 'quiz', 'take', 'tools_en', 'video'].every(isKept);
}"""
CODE = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}")

# What of courses is on the phone, by whole segments and in parts.
CONTENT_BYTES = """async () => {
  const opened = (request) => new Promise((done) => request.onsuccess = ({ target }) => done(target.result));
  const database = await opened(indexedDB.open('tiffin-content'));
  const all = (store) => opened(database.transaction(store).objectStore(store).getAll());
  const stored = [...await all('objects'), ...await all('parts')];
  database.close();
  return stored.reduce((sum, { length }) => sum + length, 0);
}"""


def wait_for(page: Page, condition: str) -> None:
    """Until an asynchronous function gives true: Playwright's own waiting takes its promise for an answer."""
    looking = f"""async (patientMs) => {{
        for (const ends = performance.now() + patientMs; !await ({condition})();) {{
            if (performance.now() > ends) throw new Error('it never came true');
            await new Promise((done) => setTimeout(done, 50));
        }}
    }}"""
    page.evaluate(looking, PATIENT_MS)


def join_code(server: RunningServer, name: str) -> str:
    """Adds a learner on the course, as a trainer does on the command line."""
    found = CODE.search(server.command("learner", "add", name, "--course", "water-and-health"))
    assert found
    return found[0]


@dataclass
class Phone:
    """One phone: its storage stays when it is switched off."""

    playwright: Playwright
    storage: Path
    url: str
    language: str = "en"
    scheme: str = "light"
    trusted_key: str = ""

    def __post_init__(self) -> None:
        self.context: BrowserContext | None = None

    def switch_on(self, place: str = "", *, room_bytes: int | None = None) -> Page:
        """Opens the app from a cold start; with `room_bytes` on a phone that has no more room than that for it."""
        kind = {"language": self.language, "scheme": self.scheme, "trusted_key": self.trusted_key}
        self.context = phone(self.playwright, self.storage, **kind)
        self.page = self.context.pages[0]
        if room_bytes is not None:
            # Before the app opens: Chromium remembers for half a minute how much room it found.
            room = {"origin": self.url, "quotaSize": room_bytes}
            self.context.new_cdp_session(self.page).send("Storage.overrideQuotaForOrigin", room)
        self.page.goto(f"{self.url}/{place}")
        return self.page

    def switch_off(self) -> None:
        """Everything that runs on it ends at once."""
        if self.context:
            self.context.close()
            self.context = None

    def go(self, place: str) -> Page:
        self.page.goto(f"{self.url}/#/{place}")
        return self.page

    def open_activity(self, activity: str) -> Page:
        return self.go(f"course/water-and-health/{activity}")

    def join(self, code: str) -> None:
        """By the address in the QR code."""
        self.switch_on(f"#/join/{code}")
        self.page.get_by_role("button", name="Join").click()
        expect(self.page.get_by_role("heading", name="Your courses")).to_be_visible()

    def become(self, name: str) -> None:
        """The phone goes to a sister who has joined on it; nothing happens where she has it."""
        page = self.go("me")
        row = page.get_by_role("listitem").filter(has_text=name)
        switch, hers = row.get_by_role("button"), row.get_by_text("using it now")
        expect(switch.or_(hers)).to_be_visible()
        if switch.is_visible():
            switch.click()
        expect(hers).to_be_visible()

    def take_along(self) -> None:
        self.page.get_by_role("button", name=f"Take along: {COURSE}").click()
        expect(self.page.get_by_text("Kept on this phone ·")).to_be_visible()

    def wait_for_content(self, least_bytes: int) -> None:
        """Until so much of a course that is on its way is on the phone."""
        wait_for(self.page, f"async () => await ({CONTENT_BYTES})() > {least_bytes}")

    def send(self) -> None:
        self.go("tiffin").get_by_role("button", name="Send now").click()
        expect(self.page.get_by_text("Everything is sent and safe")).to_be_visible()

    def write_note(self, text: str) -> None:
        self.page.get_by_role("button", name="Write a note").click()
        self.page.get_by_role("textbox", name="Text of the note").fill(text)
        self.page.get_by_role("button", name="Keep note").click()
        expect(self.page.get_by_text(text)).to_be_visible()
        expect(self.page.get_by_role("heading", name="Notes")).to_be_focused()

    def answer_exam(self, *, right: bool = True) -> None:
        """Answers the graded quiz and hands it in."""
        page = self.open_activity("exam")
        page.get_by_role("button", name="Start").click()
        choose = page.get_by_role("radio"), page.get_by_role("checkbox")
        choose[0].nth(1 if right else 0).check()
        self._next()
        page.get_by_role("textbox").fill("٣٠" if right else "5")
        self._next()
        choose[1].nth(0).check()
        choose[1].nth(2 if right else 1).check()
        self._next()
        choose[0].nth(0 if right else 1).check()
        self._next()
        page.get_by_role("textbox").fill("ors" if right else "tea")
        self._next()
        choose[1].nth(0).check()
        choose[1].nth(1 if right else 2).check()
        page.get_by_role("button", name="Look over your answers").click()
        page.get_by_role("button", name="Hand in").click()
        handed_in(page)

    def _next(self) -> None:
        self.page.get_by_role("button", name="Next question").click()


def handed_in(page: Page) -> None:
    """Sealed on the phone, or graded already where the network was quicker than the eye."""
    sealed = page.get_by_role("heading", name="Sealed and safe on this phone")
    expect(sealed.or_(page.get_by_role("region", name="Attempt")).first).to_be_visible()


def console(playwright: Playwright, server: RunningServer, place: str, name: str, password: str) -> Page:
    """A laptop on which somebody has signed in."""
    page = laptop(playwright)
    page.goto(f"{server.url}{place}")
    page.get_by_role("textbox", name="Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    return page
