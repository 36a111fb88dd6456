"""Everything that works behind the log has its turn, several in one transaction: a commit of its own costs each of
them what a small slice costs."""

import time
from collections import deque
from collections.abc import Sequence
from typing import Protocol

from sqlalchemy import Connection

from server.consumers.pace import SLICE_SECONDS
from server.writing.press import CALM, Press

PIECES_MAX = 4  # of a slice: in less time than such a piece, statements cost more than rows
PRESSED = (
    4  # so much less, while learners hand in attempts: a slice must not be what their slowest hundredth waits for,
)
# and it ends after the piece in which one of them comes


class Worker(Protocol):
    def step(self, connection: Connection, seconds: float) -> bool:
        """Does at most what fits into so many seconds; says whether there was anything."""


class Turns:
    def __init__(self, workers: Sequence[Worker]) -> None:
        self._workers = deque(workers)
        self._alone = 0  # so many turns have a slice of their own

    def step(self, connection: Connection, press: Press = CALM) -> bool:
        """One slice, shared by whoever has something to do; says whether there may be more.

        Whose work fails undoes that of the others too: after it each has a slice of its own for once.
        """
        seconds = SLICE_SECONDS / (PRESSED if press.is_near else 1)
        try:
            return self._turn(connection, seconds) if self._alone else self._round(connection, seconds, press)
        except Exception:
            self._alone = len(self._workers)
            raise

    def _round(self, connection: Connection, seconds: float, press: Press) -> bool:
        """Who comes last begins the next slice. What one makes another may wait for, so that only a whole round in
        which nobody had anything is the end.

        While attempts come one by one it is done in pieces, and ends with that in which one comes. Where some wait
        already, a crowd does: then it is the whole that should cost little.
        """
        piece, makes_way = seconds / PIECES_MAX, press.is_near and not press.is_here
        ends, idle = time.thread_time() + seconds, 0
        while idle < len(self._workers) and (left := ends - time.thread_time()) > piece:
            if not self._next().step(connection, piece if makes_way else left):
                idle += 1
            elif makes_way and press.is_here:
                return True
            else:
                idle = 0
        return idle < len(self._workers)

    def _turn(self, connection: Connection, seconds: float) -> bool:
        self._alone -= 1
        self._next().step(connection, seconds)
        return True

    def _next(self) -> Worker:
        self._workers.rotate(-1)
        return self._workers[-1]
