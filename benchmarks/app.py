"""What the learner's app weighs: every byte of a first load in a real Chromium, until the app works without a network.

The bytes are counted by a proxy on loopback in front of the real server: TCP payload both ways, headers included,
the service worker's own fetches too. The files' Brotli sizes alone are given beside them.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.chromium import launch
from tests.counting_proxy import counting_proxy
from tests.running import running

DIST = Path(__file__).parent.parent / "pwa" / "dist"
FIRST_LOAD, TOOLS = "first-load-files.txt", "tool-files.txt"


def figures() -> Iterator[tuple[str, float, str]]:
    yield "app.first_load.bytes", first_load_bytes(), "B"
    yield "app.brotli.bytes", sum(brotli_sizes(FIRST_LOAD).values()), "B"
    yield "app.tools.brotli.bytes", sum(brotli_sizes(TOOLS).values()), "B"


def first_load_bytes() -> int:
    """TCP payload both ways from an empty browser to an app that a service worker serves."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder) / "home") as server,
        counting_proxy(server.port) as proxy,
        sync_playwright() as playwright,
    ):
        browser = launch(playwright)
        page = browser.new_page()
        page.goto(f"http://localhost:{proxy.port}/")
        page.evaluate("async () => void (await navigator.serviceWorker.ready)")
        page.wait_for_load_state("networkidle")
        browser.close()
        return proxy.bytes_up + proxy.bytes_down


def brotli_sizes(listed: str) -> dict[str, int]:
    """Wire size by file of what the build lists: a first load, in the language that has most, or the tools."""
    return {name: _wire_size(DIST / name) for name in (DIST / listed).read_text(encoding="utf-8").split()}


def _wire_size(path: Path) -> int:
    compressed = path.with_name(path.name + ".br")
    return (compressed if compressed.exists() else path).stat().st_size
