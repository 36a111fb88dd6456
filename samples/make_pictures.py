"""Draws the sample course's pictures and prints its handout, with Chromium.

    python -m samples.make_pictures

The results are committed; run this after a change of `art.py` or `handout.html`. The same input draws the same pixels
as long as Chromium and the Noto fonts stay the same.
"""

import re
from pathlib import Path

from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from samples.art import drawing

HERE = Path(__file__).parent
COURSE = HERE / "water-and-health"
CHROMIUM = "/usr/bin/chromium"
PICTURES = ("glass", "path", "pot", "chlorine", "sun", "filter", "jar", "hands", "steps", "ors", "care", "sign")
WIDE, SQUARE = (600, 400), (480, 480)  # pixels; sharp on a phone that is 360 points wide, and a few kilobytes each
MANY_PANELS = ("steps",)  # needs all the room it can get
MARGIN = 16  # pixels around a drawing
FRAME = """<!doctype html><style>
body {{ margin: 0; padding: {margin}px; box-sizing: border-box; height: 100vh; background: #F3EEE3 }}
body > svg {{ display: block; width: 100%; height: 100% }}</style>{art}"""
# Chromium writes the time of printing into a PDF; the same handout shall be the same bytes.
PRINTED_AT = re.compile(rb"/(CreationDate|ModDate) \(D:\d{14}")
NO_TIME = rb"/\1 (D:20000101000000"


def main() -> None:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        draw_pictures(browser)
        print_handout(browser)
        browser.close()


def launch(playwright: Playwright) -> Browser:
    return playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])


def draw_pictures(browser: Browser) -> None:
    page = browser.new_page()
    for name in PICTURES:
        draw_picture(page, name)
    page.close()


def draw_picture(page: Page, name: str) -> None:
    width, height = SQUARE if name in MANY_PANELS else WIDE
    page.set_viewport_size({"width": width, "height": height})
    page.set_content(FRAME.format(margin=MARGIN, art=drawing(name)))
    page.screenshot(path=COURSE / "pictures" / f"{name}.png")


def print_handout(browser: Browser) -> None:
    page = browser.new_page()
    art = {name: drawing(name) for name in ("pot", "chlorine", "sun", "jar", "hands", "ors", "sign")}
    page.set_content((HERE / "handout.html").read_text(encoding="utf-8").format(**art))
    printed = page.pdf(format="A4", print_background=True)
    (COURSE / "handouts" / "safe-water.pdf").write_bytes(PRINTED_AT.sub(NO_TIME, printed))
    page.close()


if __name__ == "__main__":
    main()
