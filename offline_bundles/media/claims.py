"""Who makes what now: of several threads that want the same thing, one makes it and the others wait or go elsewhere.

Invariant: at most one holds a claim. Whoever holds it and fails leaves it to the next; a process that dies leaves none.
"""

import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

Thing = TypeVar("Thing", bound=Hashable)
WAIT_SECONDS = 1.0  # between two questions whether whoever waits still wants to


def patiently() -> None:
    """Waits for as long as it takes."""


class Claims(Generic[Thing]):
    """What is being made in this process."""

    def __init__(self) -> None:
        self._ended = threading.Condition()
        self._claimed: set[Thing] = set()

    @contextmanager
    def claim(self, thing: Thing) -> Iterator[bool]:
        """Whether it is ours to make, until the block ends."""
        with self._ended:
            is_ours = thing not in self._claimed
            self._claimed.add(thing)
        try:
            yield is_ours
        finally:
            if is_ours:
                with self._ended:
                    self._claimed.remove(thing)
                    self._ended.notify_all()

    def wait(self, thing: Thing, meanwhile: Callable[[], None] = patiently) -> None:
        """Returns when nobody makes it. `meanwhile` is called each second; what it raises ends the waiting."""
        while True:
            meanwhile()
            with self._ended:
                if self._ended.wait_for(lambda: thing not in self._claimed, WAIT_SECONDS):
                    return
