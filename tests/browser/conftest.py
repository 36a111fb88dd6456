"""A server with the sample course, packed once for all browser tests, and phones to open it with."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, sync_playwright

from tests.browser.witness import pytest_runtest_makereport  # noqa: F401  # a hook of pytest's
from tests.running import RunningServer

PROJECT = Path(__file__).parent.parent.parent
SAMPLE = PROJECT / "samples" / "water-and-health"


@pytest.fixture(scope="session")
def packed_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder in which the sample course is packed and published."""
    home = tmp_path_factory.mktemp("packed")
    server = RunningServer(home)
    server.command("account", "add", "grace", "--role", "trainer", "--password", "a trainer's words")
    server.command("account", "add", "ada", "--role", "administrator", "--password", "an administrator's words")
    server.command("pack", str(SAMPLE))
    server.command("publish", "water-and-health", "1")
    return home


@pytest.fixture
def server(packed_home: Path, tmp_path: Path) -> Iterator[RunningServer]:
    """A server of its own for each test, on a copy of the packed home."""
    assert (PROJECT / "pwa" / "dist" / "index.html").is_file(), "build the app first: make setup"
    home = tmp_path / "home"
    shutil.copytree(packed_home, home)
    running = RunningServer(home, TIFFIN_PUSH_ALLOW_LOCAL="true")
    running.start()
    yield running
    running.stop()


@pytest.fixture
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started
