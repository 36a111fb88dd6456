"""Takes the front page's pictures of the real app: `python -m deploy.take_pictures`, after `make setup`."""

import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.people import Phone, join_code
from tests.running import running

PROJECT = Path(__file__).parent.parent
PICTURES = PROJECT / "docs" / "pictures"


def main() -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder) / "home") as server,
        sync_playwright() as started,
    ):
        server.command("account", "add", "grace")
        server.command("pack", str(PROJECT / "samples" / "water-and-health"))
        server.command("publish", "water-and-health", "1")
        phone = Phone(started, Path(folder) / "phone", server.url)
        phone.join(join_code(server, "Amina Yusuf"))
        phone.take_along()
        server.stop()
        take(phone)
        phone.switch_off()


def take(phone: Phone) -> None:
    """Three screens of a phone whose server is stopped."""
    page = phone.open_activity("lecture")
    page.get_by_label("Captions").select_option("en")
    page.get_by_role("slider", name="Place in the video").fill("56")
    page.wait_for_timeout(1500)
    page.screenshot(path=PICTURES / "video.png")
    phone.answer_exam()
    for place, name in (("", "shelf"), ("tiffin", "my-tiffin")):
        phone.go(place)
        page.wait_for_timeout(1500)
        page.screenshot(path=PICTURES / f"{name}.png")


if __name__ == "__main__":
    main()
