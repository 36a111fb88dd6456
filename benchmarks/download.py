"""Taking a course along over a bad link, in real Chromium running the app against the real server.

`download.efficiency.ratio` is what was useful of what the link could have carried from the tap to the whole course:
bytes of bodies, as they travelled, each counted once. `resume.waste.bytes` is the most that came a second time after
one cut. `download.answer.seconds` is how long she waits meanwhile for something small. Several phones download at the
same time, each over a link and a seed of its own; the worst of them counts.

`download.h2` is the same over TLS and HTTP/2, through nginx as docs/deploy.md has it: there TLS costs bytes and round
trips, and one connection carries everything, so that a cut ends all that is on its way.
"""

import re
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from statistics import median

from playwright.sync_api import Playwright, expect, sync_playwright

from benchmarks.bad_link import BITS_PER_SECOND, BadLink, bad_link
from benchmarks.replies import Heard, Reply
from tests.browser.people import Phone, join_code
from tests.running import RunningServer, running
from tests.services.front import Front
from tests.services.nginx import nginx

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
    answers: Sequence[float]

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
            f"{len(self.replies)} requests, {cuts} cut, efficiency {self.efficiency:.3f}, waste {self.waste_bytes} B, "
            f"answers {[round(each, 1) for each in self.answers]} s"
        )


def figures() -> Iterator[tuple[str, float, str]]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = stack.enter_context(running(folder / "home"))
        publish(server)
        expect.set_options(timeout=UNTIL_JOINED_MS)
        playwright = stack.enter_context(sync_playwright())
        took = downloads([stack.enter_context(over_http1(playwright, folder, server, seed)) for seed in SEEDS])
        yield from figures_of("download", took)
        yield "resume.waste.bytes", max(one.waste_bytes for one in took), "B"
        front = stack.enter_context(nginx(folder / "nginx", server.port))
        took = downloads([stack.enter_context(over_http2(playwright, folder, server, front, seed)) for seed in SEEDS])
        yield from figures_of("download.h2", took)


def figures_of(name: str, took: Sequence[Took]) -> Iterator[tuple[str, float, str]]:
    for one in took:
        print(name, one, file=sys.stderr)
    yield f"{name}.efficiency.ratio", min(one.efficiency for one in took), ""
    yield f"{name}.requests", max(len(one.replies) for one in took), ""
    yield f"{name}.cuts", sum(reply.is_cut for one in took for reply in one.replies), ""
    yield f"{name}.answer.seconds", max(median(one.answers) for one in took), "s"


@dataclass
class Road:
    """A phone that has joined, behind its link."""

    phone: Phone
    link: BadLink
    replies: list[Reply] = field(default_factory=list)


@contextmanager
def over_http1(playwright: Playwright, folder: Path, server: RunningServer, seed: int) -> Iterator[Road]:
    with bad_link(server.port, seed) as link:
        phone = Phone(playwright, folder / f"plain {seed}", f"http://localhost:{link.port}")
        joined(phone, server)
        yield Road(phone, link, link.replies)


@contextmanager
def over_http2(playwright: Playwright, folder: Path, server: RunningServer, front: Front, seed: int) -> Iterator[Road]:
    with bad_link(front.port, seed, is_sealed=True) as link:
        url = f"https://localhost:{link.port}"
        phone = Phone(playwright, folder / f"sealed {seed}", url, trusted_key=front.key_digest)
        joined(phone, server)
        heard = Heard(phone.page)
        yield Road(phone, link, heard.replies)
        assert heard.protocols == {"h2"}, heard.protocols


def joined(phone: Phone, server: RunningServer) -> None:
    phone.join(join_code(server, "Amina"))
    phone.page.wait_for_load_state("networkidle")


def downloads(roads: Sequence[Road]) -> list[Took]:
    begun = [begin(road) for road in roads]
    return [ended(road, at) for road, at in zip(roads, begun, strict=True)]


def publish(server: RunningServer) -> None:
    server.command("account", "add", "grace", "--role", "trainer", "--password", "a trainer's words")
    server.command("pack", str(PROJECT / "samples" / COURSE))
    server.command("publish", COURSE, "1")


NOTE = """() => {
  const text = 'Kept on this phone \\u00b7';
  const look = () => document.body.innerText.includes(text) && (window.takenAt ??= Date.now());
  new MutationObserver(look).observe(document.body, {childList: true, subtree: true, characterData: true});
  window.answers = [];
  const ask = async () => {
    const asked = performance.now();
    const reply = await fetch('/livez', {cache: 'no-store'}).catch(() => undefined);
    if (reply && !window.takenAt) window.answers.push((performance.now() - asked) / 1000);
  };
  setInterval(ask, 20_000);
}"""


def begin(road: Road) -> float:
    """Asks for the course, on a link that is bad from now on; when that was."""
    road.phone.page.evaluate(NOTE)
    road.replies.clear()
    road.link.is_bad = True
    begun = time.time()
    road.phone.page.get_by_role("button", name="Take along").click()
    return begun


def ended(road: Road, begun: float) -> Took:
    page = road.phone.page
    taken_at = page.wait_for_function("() => window.takenAt", timeout=UNTIL_TAKEN_MS).json_value()
    answers = page.evaluate("window.answers")
    road.phone.switch_off()
    return Took(road.link.seed, float(taken_at) / 1000 - begun, of_the_course(road.replies), answers)


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
