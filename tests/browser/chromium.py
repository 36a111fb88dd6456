"""Debian's Chromium, told to keep to itself, and waited for with one patience by all tests."""

from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect

from tests.browser.witness import WITNESS

EXECUTABLE = "/usr/bin/chromium"
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-features=StaticStorageQuota",  # it says that there is room where there is none
    "--autoplay-policy=no-user-gesture-required",
]
PHONE = {"width": 360, "height": 640}
LAPTOP = {"width": 1280, "height": 800}
PATIENT_MS = 120_000  # for whatever a page comes to: ten seconds on a quiet machine, a bound for what never comes

expect.set_options(timeout=PATIENT_MS)


def launch(playwright: Playwright) -> Browser:
    return playwright.chromium.launch(executable_path=EXECUTABLE, args=QUIET)


def laptop(playwright: Playwright) -> Page:
    """A browser whose storage ends with it, and its one page."""
    return _watched(launch(playwright).new_context(viewport=LAPTOP, locale="en")).new_page()


def phone(
    playwright: Playwright, profile: Path, *, language: str = "en", scheme: str = "light", trusted_key: str = ""
) -> BrowserContext:
    """One phone: a browser whose storage lives in `profile`, so that it can be switched off and on again. A server that
    shows the key of this digest is who it says it is, though no authority vouches for it."""
    trusting = [f"--ignore-certificate-errors-spki-list={trusted_key}"] if trusted_key else []
    opened = playwright.chromium.launch_persistent_context(
        profile,
        executable_path=EXECUTABLE,
        args=QUIET + trusting,
        headless=True,
        viewport=PHONE,
        device_scale_factor=2,
        has_touch=True,
        is_mobile=True,
        locale=language,
        color_scheme=scheme,
    )
    return _watched(opened)


def _watched(context: BrowserContext) -> BrowserContext:
    context.set_default_timeout(PATIENT_MS)
    WITNESS.watch(context)
    return context
