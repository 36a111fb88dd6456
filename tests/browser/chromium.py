"""Debian's Chromium, told to keep to itself."""

from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Playwright

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


def launch(playwright: Playwright) -> Browser:
    return playwright.chromium.launch(executable_path=EXECUTABLE, args=QUIET)


def phone(
    playwright: Playwright, profile: Path, *, language: str = "en", scheme: str = "light", trusted_key: str = ""
) -> BrowserContext:
    """One phone: a browser whose storage lives in `profile`, so that it can be switched off and on again. A server that
    shows the key of this digest is who it says it is, though no authority vouches for it."""
    trusting = [f"--ignore-certificate-errors-spki-list={trusted_key}"] if trusted_key else []
    return playwright.chromium.launch_persistent_context(
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
