"""Whether a package's films and recordings can be played, asked while importing: packing would find out much later.

Each is glanced at once, by an ffmpeg with little time and memory. One import spends a bounded time on it, and copies a
bounded number of bytes out of an archive; what it does not come to is told.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from offline_bundles.errors import BrokenPackage, MediaError
from offline_bundles.importing.packages import on_disk
from offline_bundles.importing.ports import Package
from offline_bundles.media import glance_at_film, glance_at_recording

SECONDS_MAX = 120  # of one import; a glance takes a fifth of one, so several hundred films
BYTES_MAX = 2 << 30  # of one import, out of an archive; some 15 seconds on a small laptop
UNSEEN = "was not looked at: too many or too large ones came before it. Packing will say whether it is whole"
CUT = "Only that much comes along. Look for the whole file, and put it into the course folder in its place"


@dataclass(frozen=True, slots=True)
class Seen:
    """`why` it cannot be played, or what it has `lost`; both "" for a whole one."""

    why: str = ""
    lost: str = ""


@dataclass
class Films:
    """Judges each film and each recording of a package once."""

    package: Package
    judged: dict[str, Seen] = field(default_factory=dict)
    seconds_left: float = SECONDS_MAX
    bytes_left: int = BYTES_MAX

    def judge_film(self, source: str) -> Seen:
        return self._judge(source, glance_at_film)

    def judge_recording(self, source: str) -> Seen:
        return self._judge(source, glance_at_recording)

    def _judge(self, source: str, glance: Callable[[Path], str]) -> Seen:
        if source not in self.judged:
            with self._timed():
                self.judged[source] = self._seen(source, glance)
        return self.judged[source]

    def _seen(self, source: str, glance: Callable[[Path], str]) -> Seen:
        if self.seconds_left <= 0 or self.package.size(source) > self.bytes_left:
            return Seen(lost=UNSEEN)
        try:
            with on_disk(self.package, source, self.bytes_left) as (path, copied):
                self.bytes_left -= copied
                lost = glance(path)
        except MediaError as error:
            return Seen(why=_without_name(str(error), path.name))
        except BrokenPackage as error:
            return Seen(why=str(error).rstrip("."))
        return Seen(lost=f"{lost}. {CUT}" if lost else "")

    @contextmanager
    def _timed(self) -> Iterator[None]:
        began = time.monotonic()
        try:
            yield
        finally:
            self.seconds_left -= time.monotonic() - began


def _without_name(said: str, name: str) -> str:
    """The file is named by whoever tells it."""
    said = said.rstrip(".")
    return f"it{said.removeprefix(name)}" if said.startswith(f"{name} ") else said
