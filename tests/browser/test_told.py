"""A web push says that the grade is in and that a new release is out: encrypted for this phone alone, shown by its
service worker."""

import json
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Playwright

from tests.browser.conftest import SAMPLE
from tests.browser.people import Phone, join_code
from tests.notifications.push_service import Browser, push_service
from tests.running import RunningServer

pytestmark = [pytest.mark.browser, pytest.mark.slow]
WAIT_SECONDS = 120  # for what takes one; a bound for what never comes

# pushManager.subscribe asks a push service on the internet: here it gives the subscription of one on loopback.
SUBSCRIBED = """(subscription) => {
  Notification.requestPermission = async () => 'granted';
  const given = { toJSON: () => subscription };
  PushManager.prototype.subscribe = PushManager.prototype.getSubscription = async () => given;
}"""


def test_a_learner_is_told_of_her_grade_and_of_a_new_release(
    server: RunningServer, playwright: Playwright, tmp_path: Path
) -> None:
    phone = Phone(playwright, tmp_path / "phone", server.url)
    with push_service() as service:
        browser = Browser(f"{service.url}/amina")
        phone.join(join_code(server, "Amina Yusuf"))
        phone.take_along()
        turn_on_notifications(phone, browser)

        phone.answer_exam()
        phone.send()
        grade = browser.read(service.received.get(timeout=WAIT_SECONDS).body)
        assert json.loads(grade)["title"] == "Your result is here: Water and health"

        publish_second_release(server, tmp_path)
        release = browser.read(service.received.get(timeout=WAIT_SECONDS).body)
        assert json.loads(release)["title"] == "New in your course: Water and health"

        for message in (grade, release):
            assert json.loads(message)["title"] in delivered(phone, server.url, message)
    phone.switch_off()


def turn_on_notifications(phone: Phone, browser: Browser) -> None:
    subscription = browser.subscription
    keys = {"p256dh": subscription.p256dh, "auth": subscription.auth}
    context = phone.context
    assert isinstance(context, BrowserContext)
    context.grant_permissions(["notifications"])
    page = phone.go("me")
    page.evaluate(SUBSCRIBED, {"endpoint": subscription.endpoint, "keys": keys})
    page.get_by_role("button", name="Turn on notifications").click()
    page.get_by_text("You are told when a grade or a new course is there.").wait_for()


def publish_second_release(server: RunningServer, folder: Path) -> None:
    source = folder / "second"
    shutil.copytree(SAMPLE, source)
    (source / "pages" / "hands.en.md").write_text("Changed.\n")
    server.command("pack", str(source))
    server.command("publish", "water-and-health", "2")


def delivered(phone: Phone, origin: str, message: str) -> list[str]:
    """The titles that the phone shows after a push message reached its service worker."""
    assert phone.context
    session = phone.context.new_cdp_session(phone.page)
    registrations: list[dict[str, str]] = []
    session.on("ServiceWorker.workerRegistrationUpdated", lambda event: registrations.extend(event["registrations"]))
    session.send("ServiceWorker.enable")
    phone.page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    titles: list[str] = []
    for _ in range(DELIVERIES_MAX):  # a browser that is busy starting its worker may drop one
        mine = [one for one in registrations if one["scopeURL"].startswith(origin)]
        if mine:
            push = {"origin": origin, "registrationId": mine[-1]["registrationId"], "data": message}
            session.send("ServiceWorker.deliverPushMessage", push)
        titles = phone.page.evaluate(TITLES_ONCE_SHOWN, json.loads(message)["title"])
        if titles:
            break
    return titles


DELIVERIES_MAX = 40
TITLES_ONCE_SHOWN = """async (wanted) => {
  const registration = await navigator.serviceWorker.ready;
  for (let round = 0; round < 60; round++) {
    const titles = (await registration.getNotifications()).map(({ title }) => title);
    if (titles.includes(wanted)) return titles;
    await new Promise((done) => setTimeout(done, 50));
  }
  return [];
}"""
