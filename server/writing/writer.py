"""The one writer: a thread that takes what waits, writes it in one transaction, and answers when it is on the disk.

Commits are grouped: while one waits for the disk, requests gather, and the next commit carries them all. What waits is
bounded and ordered by tier: the pressing first, and of the rest only so much as a pressing one can wait for. Who comes
while there is no room is given a time to return. Work behind the log (consumers) runs here too, in slices, when nobody
has come for a moment, so that there is never a second writer to wait for; under load it still gets its turn.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, Engine

from server.writing.alone import Alone, apart
from server.writing.press import Press
from server.writing.waiting import GROUP_MAX, Waiting
from sync.errors import Busy
from sync.wire import Tier

T = TypeVar("T")
Job = Callable[[Connection], Any]
BETWEEN_MAX = 2  # more than so many in a group are a crowd: their answers do not wait for the work in between
CROWD_PER_SECOND = 32  # and so are more than so many in a second: that work takes longer than all the rest of an answer
IDLE_SECONDS = 1.0  # how often an idle writer looks for entries that another process wrote
QUIET_SECONDS = 0.05  # as long as clients that come one after another need to come again, on a busy machine too
GATHER_SECONDS = 0.004  # of a crowd at 600 a second two or three come in this time; nobody notices it in an answer
BEHIND_SECONDS_MAX = 0.25  # however many come: after so long the work behind the log has its turn,
BEHIND_SHARE = 0.04  # and sooner where its last slice was cut short: so much of the time is its own
log = logging.getLogger(__name__)


class Batch(Protocol):
    """Work of one sort, done for all tasks of a group at once."""

    def write(self, connection: Connection, tasks: Sequence[Any]) -> None:
        """Inside the group's transaction."""

    def answers(self, connection: Connection, tasks: Sequence[Any]) -> Sequence[Any]:
        """What each task's future shall hold, once all is durable."""


@dataclass(slots=True)
class _Asked:
    """A task that waits, and where its answer goes."""

    batch: Batch
    task: Any
    between: bool
    future: "Future[Any]" = field(default_factory=Future)


@dataclass(slots=True)
class _Job:
    """Work that stands alone: `job` in the transaction and, once that is durable, `answer`."""

    job: Job
    answer: Job | None
    result: Any = None


class _Jobs:
    def write(self, connection: Connection, tasks: Sequence[_Job]) -> None:
        for task in tasks:
            task.result = task.job(connection)

    def answers(self, connection: Connection, tasks: Sequence[_Job]) -> list[Any]:
        return [task.answer(connection) if task.answer else task.result for task in tasks]


class Crowd:
    """Whether so many come that their answers are better soon than whole: what is missing comes with the next."""

    def __init__(self) -> None:
        self._came: deque[float] = deque(maxlen=CROWD_PER_SECOND + 1)

    def came(self, count: int, seconds: float) -> bool:
        """So many came together at this moment: is it a crowd?"""
        self._came.extend([seconds] * count)
        return count > BETWEEN_MAX or self.lasts(seconds)

    def lasts(self, seconds: float) -> bool:
        """Whether too many came in the second before this moment."""
        return len(self._came) > CROWD_PER_SECOND and seconds - self._came[0] < 1


class Writer:
    """Runs tasks on one connection at a time.

    `behind(connection, press)` does one slice of the work behind the log, a small one when attempts are being handed in
    and no more once one waits, and says whether there may be more;
    `between(connection)` is what should be done in a group's transaction before its answers.
    """

    def __init__(
        self, engine: Engine, *, between: Callable[[Connection], None], behind: Callable[[Connection, Press], bool]
    ) -> None:
        self._alone = Alone(engine)
        self._between = between
        self._behind = behind
        self._jobs = _Jobs()
        self._crowd = Crowd()
        self._waiting: Waiting[_Asked] = Waiting()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self.cpu_seconds = {"exchanges": 0.0, "consumers": 0.0}  # of this thread, by what it was spent on

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Finishes what was taken on; refuses what comes after."""
        self._waiting.close()
        self._thread.join()

    def check(self, tier: Tier) -> None:
        """Raises `Busy` when no more of a tier may wait: asked before anything is done for a request."""
        self._waiting.check(tier)

    def shed(self, tiers: frozenset[Tier]) -> tuple[frozenset[Tier], int]:
        """Which of the tiers that a request brings are not taken now, and how long to wait with them; see `Waiting`."""
        return self._waiting.shed(tiers)

    def hold_back(self, tiers: frozenset[Tier]) -> None:
        """Takes no more of these until told otherwise; `Tier.IMMEDIATE` is never held back."""
        self._waiting.hold_back(tiers)

    @property
    def refused(self) -> dict[Tier, int]:
        """How often something of a tier was turned away since the start."""
        return dict(self._waiting.refused)

    @property
    def waiting(self) -> dict[Tier, int]:
        return self._waiting.lengths

    def submit(self, job: Callable[[Connection], Any], answer: Callable[[Connection], T] | None = None) -> "Future[T]":
        """Runs `job` in the next group and, once it is durable, `answer`; the future holds what the last of them gave.

        Raises `Busy` when too much waits.
        """
        return self.join(self._jobs, _Job(job, answer))

    def join(self, batch: Batch, task: Any, tier: Tier = Tier.IMMEDIATE, *, between: bool = False) -> "Future[Any]":
        """Has `batch` do `task` together with all others of its sort that wait. Raises `Busy`.

        `between`: its answer must hold what the work in between makes, however many wait.
        """
        asked = _Asked(batch, task, between)
        self._waiting.put(asked, tier)
        return asked.future

    def _run(self) -> None:
        more, last_group, behind_due = True, 0.0, time.monotonic() + BEHIND_SECONDS_MAX
        while not self._waiting.ended:
            self._gather()
            quiet = max(0.0, last_group + QUIET_SECONDS - time.monotonic())
            taken = self._waiting.take(quiet if more else IDLE_SECONDS)
            group = [asked for asked in taken if asked.future.set_running_or_notify_cancel()]  # some have given up
            if group:
                with self.counted("exchanges", less="consumers"):
                    self._write(group, is_crowd=self._crowd.came(len(group), time.monotonic()))
                more, last_group = True, time.monotonic()
            if not group or time.monotonic() > behind_due:
                before = self.cpu_seconds["consumers"]
                more = self._work_behind()
                spent = self.cpu_seconds["consumers"] - before
                pause = min(BEHIND_SECONDS_MAX, spent / BEHIND_SHARE) if more else BEHIND_SECONDS_MAX
                behind_due = time.monotonic() + pause
        self._alone.close()

    def _gather(self) -> None:
        """In a crowd, lets a few more come for the next group: they share what a commit costs, two thirds of all that
        one alone costs the writer."""
        if self._crowd.lasts(time.monotonic()) and len(self._waiting) < GROUP_MAX:
            time.sleep(GATHER_SECONDS)

    @contextmanager
    def counted(self, what: str, less: str = "") -> Iterator[None]:
        """Adds the processor's time of a block; what was counted as `less` inside it is not counted twice."""
        began, inside = time.thread_time(), self.cpu_seconds.get(less, 0.0)
        try:
            yield
        finally:
            spent = time.thread_time() - began - (self.cpu_seconds.get(less, 0.0) - inside)
            self.cpu_seconds[what] += spent

    def _write(self, group: Sequence[_Asked], *, is_crowd: bool = False) -> None:
        sorts = [(batch, list(some)) for batch, some in groupby(group, key=lambda asked: asked.batch)]
        try:
            with self._alone.writing() as connection:
                for batch, some in sorts:
                    batch.write(connection, [asked.task for asked in some])
                if not is_crowd or any(asked.between for asked in group):
                    self._work_between(connection)
        except Exception as error:
            self._write_apart(group, error)
            return
        with self._alone.reading() as connection:
            for batch, some in sorts:
                _answer(connection, batch, some)

    def _write_apart(self, group: Sequence[_Asked], error: Exception) -> None:
        """One of them failed: each alone, so that it harms nobody else."""
        if len(group) > 1:
            for asked in group:
                self._write([asked])
            return
        log.warning("not written: %s", error, exc_info=not isinstance(error, Busy))
        group[0].future.set_exception(error)

    def _work_between(self, connection: Connection) -> None:
        try:
            with self.counted("consumers"), apart(connection):
                self._between(connection)
        except Exception:
            log.exception("the work before an answer failed; the answers go without it")

    def _work_behind(self) -> bool:
        try:
            with self.counted("consumers"), self._alone.writing() as connection:
                return self._behind(connection, self._waiting)
        except Exception:
            log.exception("the work behind the log failed; it is tried again")
            return False


def _answer(connection: Connection, batch: Batch, some: Sequence[_Asked]) -> None:
    try:
        answers = batch.answers(connection, [asked.task for asked in some])
    except Exception as error:
        _answer_apart(connection, batch, some, error)
        return
    for asked, answer in zip(some, answers, strict=True):
        asked.future.set_result(answer)


def _answer_apart(connection: Connection, batch: Batch, some: Sequence[_Asked], error: Exception) -> None:
    """One of them cannot be answered, such as from history that a disk altered: each alone, as they are written."""
    if len(some) > 1:
        for asked in some:
            _answer(connection, batch, [asked])
        return
    some[0].future.set_exception(error)
