"""What a browser showed and said when a test of it failed: read beside the failure, so that nobody need see it again.

A conftest whose tests open browsers takes `pytest_runtest_makereport` in. Contexts that were closed before are told of
by what they said; those that are open by their pages too.
"""

from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Error, Page, WebError

SNAPSHOT_MS_MAX = 10_000  # a page that hangs is told of by its address alone
SAID_MAX = 60  # the last lines: what came before is far from the failure


@dataclass
class Witness:
    """Of one test at a time: this process runs them one after the other."""

    contexts: list[BrowserContext] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def watch(self, context: BrowserContext) -> None:
        self.contexts.append(context)
        context.on("console", self._hear)
        context.on("weberror", self._hear_error)
        context.on("close", self._see_off)

    def _see_off(self, context: BrowserContext) -> None:
        self.contexts.remove(context)

    def _hear(self, message: ConsoleMessage) -> None:
        place = message.location
        self.said.append(f"{message.type}: {message.text} ({place['url']}:{place['lineNumber']})")

    def _hear_error(self, error: WebError) -> None:
        self.said.append(f"not caught: {error.error.stack or error.error}")

    def report(self, folder: Path) -> str:
        """Every open page, drawn in `folder`, and what all pages of the test have said, the newest last."""
        pages = [page for context in self.contexts for page in context.pages]
        shown = [_shown(page, folder / f"page-{number}.png") for number, page in enumerate(pages, 1)]
        return "\n\n".join([*shown, "\n".join(["The console:", *self.said[-SAID_MAX:]])])

    def forget(self) -> None:
        self.contexts.clear()
        self.said.clear()


WITNESS = Witness()


def _shown(page: Page, picture: Path) -> str:
    return "\n".join([page.url, *_drawn(page, picture)])


def _drawn(page: Page, picture: Path) -> Iterator[str]:
    try:
        yield page.locator("body").aria_snapshot(timeout=SNAPSHOT_MS_MAX)
        page.screenshot(path=picture, timeout=SNAPSHOT_MS_MAX)
        yield f"drawn in {picture}"
    except Error as error:  # it crashed, or hangs, which is worth knowing too
        yield f"cannot be read: {error.message}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if call.when == "call":
        if report.failed and (WITNESS.contexts or WITNESS.said):
            folder = item.funcargs.get("tmp_path") or Path(mkdtemp())  # type: ignore[attr-defined]
            report.sections.append(("What the browser showed", WITNESS.report(folder)))
        WITNESS.forget()
    return report
