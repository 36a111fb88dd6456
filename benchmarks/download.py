"""Taking a course along over a bad link, in real Chromium running the app against the real server.

`download.efficiency.ratio` is what was useful of what the link could have carried from the tap to the whole course:
bytes of bodies, as they travelled, each counted once. `resume.waste.bytes` is the most that came a second time after
one cut. Several phones download at the same time, each over a link and a seed of its own; the worst of them counts.
"""

import re
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from benchmarks.bad_link import BITS_PER_SECOND, BadLink, Reply, bad_link
from tests.browser.people import Phone, join_code
from tests.running import RunningServer, running

PROJECT = Path(__file__).parent.parent
COURSE = "water-and-health"
SEEDS = (1, 2, 3)
UNTIL_TAKEN_MS = 900_000
UNTIL_JOINED_MS = 60_000


@dataclass(frozen=True)
class Took:
    seed: int
    seconds: float
    replies: Sequence[Reply]

    @property
    def useful_bytes(self) -> int:
        return sum(reply.delivered for reply in self.replies) - sum(self.repeated)

    @property
    def repeated(self) -> list[int]:
        """What came a second time, by reply."""
        return [count for path, of_one in by_path(self.replies).items() for count in repeated_bytes(path, of_one)]

    @property
    def efficiency(self) -> float:
        return self.useful_bytes * 8 / (BITS_PER_SECOND * self.seconds)

    @property
    def waste_bytes(self) -> int:
        """The most that one reply brought of what had come already."""
        return max(self.repeated, default=0)

    def __str__(self) -> str:
        cuts = sum(reply.is_cut for reply in self.replies)
        return (
            f"seed {self.seed}: {self.useful_bytes} useful bytes in {self.seconds:.0f} s, "
            f"{len(self.replies)} requests, {cuts} cut, efficiency {self.efficiency:.3f}, waste {self.waste_bytes} B"
        )


def figures() -> Iterator[tuple[str, float, str]]:
    took = downloads()
    for one in took:
        print(one, file=sys.stderr)
    yield "download.efficiency.ratio", min(one.efficiency for one in took), ""
    yield "resume.waste.bytes", max(one.waste_bytes for one in took), "B"
    yield "download.requests", max(len(one.replies) for one in took), ""
    yield "download.cuts", sum(reply.is_cut for one in took for reply in one.replies), ""


def downloads() -> list[Took]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = stack.enter_context(running(folder / "home"))
        publish(server)
        expect.set_options(timeout=UNTIL_JOINED_MS)
        playwright = stack.enter_context(sync_playwright())
        links = [stack.enter_context(bad_link(server.port, seed)) for seed in SEEDS]
        phones = [Phone(playwright, folder / str(link.seed), f"http://localhost:{link.port}") for link in links]
        for phone in phones:
            phone.join(join_code(server, "Amina"))
            phone.page.wait_for_load_state("networkidle")
        begun = [begin(phone.page, link) for phone, link in zip(phones, links, strict=True)]
        return [ended(phone.page, link, at) for phone, link, at in zip(phones, links, begun, strict=True)]


def publish(server: RunningServer) -> None:
    server.command("account", "add", "grace", "--role", "trainer", "--password", "a trainer's words")
    server.command("pack", str(PROJECT / "samples" / COURSE))
    server.command("publish", COURSE, "1")


NOTE_WHEN_TAKEN = """() => {
  const text = 'Kept on this phone \\u00b7';
  const look = () => document.body.innerText.includes(text) && (window.takenAt ??= Date.now());
  new MutationObserver(look).observe(document.body, {childList: true, subtree: true, characterData: true});
}"""


def begin(page: Page, link: BadLink) -> float:
    """Asks for the course, on a link that is bad from now on; when that was."""
    page.evaluate(NOTE_WHEN_TAKEN)
    link.replies.clear()
    link.is_bad = True
    begun = time.time()
    page.get_by_role("button", name="Take along").click()
    return begun


def ended(page: Page, link: BadLink, begun: float) -> Took:
    """Carries on as a learner does where the app has stopped."""
    taken_at = page.wait_for_function("() => window.takenAt", timeout=UNTIL_TAKEN_MS).json_value()
    page.context.close()
    return Took(link.seed, float(taken_at) / 1000 - begun, of_the_course(link.replies))


def of_the_course(replies: Sequence[Reply]) -> list[Reply]:
    return [reply for reply in replies if reply.path.startswith(("/v1/objects/", "/v1/releases/"))]


def by_path(replies: Sequence[Reply]) -> dict[str, list[Reply]]:
    ordered = sorted(replies, key=address)
    return {path: list(of_one) for path, of_one in groupby(ordered, key=address)}


def address(reply: Reply) -> str:
    """The rest of an update that was cut has the update's."""
    return re.sub(r"[?&]after=\d+", "", reply.path)


def repeated_bytes(path: str, replies: Sequence[Reply]) -> Iterator[int]:
    """Of each reply of one address, how much had come before it.

    The rest of an update is compressed anew, so its bytes have no places: all that is over what the whole was to weigh.
    """
    if "/update" in path:
        yield max(0, sum(reply.delivered for reply in replies) - replies[0].length)
        return
    for at, reply in enumerate(replies):
        before = replies[:at]
        yield union_bytes([*before]) + reply.delivered - union_bytes([*before, reply])


def union_bytes(replies: Sequence[Reply]) -> int:
    total = end = 0
    for reply in sorted(replies, key=lambda reply: reply.start):
        total += max(0, reply.end - max(end, reply.start))
        end = max(end, reply.end)
    return total


if __name__ == "__main__":
    for figure in figures():
        print(*figure)
