"""The one writer: a thread that takes what waits, writes it in one transaction, and answers when it is on the disk.

Commits are grouped: while one waits for the disk, requests gather, and the next commit carries them all. The queue is
bounded; who comes while it is full is told to come again. Work behind the log (consumers) runs here too, in slices,
whenever nothing waits, so that there is never a second writer to wait for.
"""

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine

from server.log.entries import lock_log
from sync.errors import Busy

T = TypeVar("T")
Job = Callable[[Connection], Any]
QUEUE_MAX = 512  # at 600 exchanges a second less than a second of waiting
GROUP_MAX = 64  # past this a larger group saves little and its first waits long
BUSY_WAIT_SECONDS = 5
IDLE_SECONDS = 1.0  # how often an idle writer looks for entries that another process wrote
log = logging.getLogger(__name__)


class Writer:
    """Runs jobs on one connection at a time. `behind(connection)` does one slice of the work behind the log and says
    whether there is more; `between(connection)` is what must be done after a commit and before its answers."""

    def __init__(
        self, engine: Engine, *, between: Callable[[Connection], None], behind: Callable[[Connection], bool]
    ) -> None:
        self._engine = engine.execution_options(writing=True)
        self._between = between
        self._behind = behind
        self._queue: queue.Queue[tuple[Job, Job | None, Future[Any]] | None] = queue.Queue(QUEUE_MAX)
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._closed = False
        self.cpu_seconds = {"exchanges": 0.0, "consumers": 0.0}  # of this thread, by what it was spent on

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Finishes what was taken on; refuses what comes after."""
        self._closed = True
        self._queue.put(None)
        self._thread.join()

    @property
    def waiting(self) -> int:
        return self._queue.qsize()

    def submit(self, job: Callable[[Connection], Any], answer: Callable[[Connection], T] | None = None) -> "Future[T]":
        """Runs `job` in the next group and, once it is durable, `answer`; the future holds what the last of them gave.

        Raises `Busy` when too much waits.
        """
        future: Future[T] = Future()
        if self._closed:
            raise Busy(BUSY_WAIT_SECONDS)
        try:
            self._queue.put_nowait((job, answer, future))
        except queue.Full:
            raise Busy(BUSY_WAIT_SECONDS) from None
        return future

    def _run(self) -> None:
        more, going = True, True
        while going:
            group, going = self._take(block=not more)
            if group:
                with self._counted("exchanges", less="consumers"):
                    self._write(group)
            more = going and self._work_behind()

    @contextmanager
    def _alone(self) -> Iterator[Connection]:
        """A transaction that nobody else writes beside: a command may work on the tables of a running server."""
        with self._engine.begin() as connection:
            lock_log(connection)
            yield connection

    @contextmanager
    def _counted(self, what: str, less: str = "") -> Iterator[None]:
        """Adds the processor's time of a block; what was counted as `less` inside it is not counted twice."""
        began, inside = time.thread_time(), self.cpu_seconds.get(less, 0.0)
        try:
            yield
        finally:
            spent = time.thread_time() - began - (self.cpu_seconds.get(less, 0.0) - inside)
            self.cpu_seconds[what] += spent

    def _take(self, *, block: bool) -> tuple[list[tuple[Job, Job | None, Future[Any]]], bool]:
        """What waits, up to a group; and whether to go on."""
        group = []
        try:
            taken = self._queue.get(timeout=IDLE_SECONDS) if block else self._queue.get_nowait()
            while taken is not None:
                group.append(taken)
                if len(group) == GROUP_MAX:
                    return group, True
                taken = self._queue.get_nowait()
            return group, False
        except queue.Empty:
            return group, True

    def _write(self, group: list[tuple[Job, Job | None, Future[Any]]]) -> None:
        try:
            with self._alone() as connection:
                results = [job(connection) for job, _, _ in group]
        except Exception as error:
            if len(group) == 1:
                log.warning("not written: %s", error, exc_info=not isinstance(error, Busy))
                group[0][2].set_exception(error)
                return
            for one in group:  # one of them failed: each alone, so that it harms nobody else
                self._write([one])
            return
        self._answer(group, results)

    def _answer(self, group: list[tuple[Job, Job | None, Future[Any]]], results: list[Any]) -> None:
        try:
            with self._counted("consumers"), self._alone() as connection:
                self._between(connection)
        except Exception:
            log.exception("the work before an answer failed; the answers go without it")
        with self._engine.execution_options(writing=False).connect() as connection:
            for (_, answer, future), result in zip(group, results, strict=True):
                try:
                    future.set_result(answer(connection) if answer else result)
                except Exception as error:
                    future.set_exception(error)

    def _work_behind(self) -> bool:
        try:
            with self._counted("consumers"), self._alone() as connection:
                return self._behind(connection)
        except Exception:
            log.exception("the work behind the log failed; it is tried again")
            return False
