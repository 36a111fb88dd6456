"""What waits for the writer: bounded, by tier, and a timetable for those who find no room.

Tiers shed from the bottom: there is less room for analytics than for progress, and less for progress than for
submissions; and of each group only some may be of a lower tier, so that a pressing request never stands behind more
than those. Who is refused is given the next free place in a timetable of returns: a crowd that comes at once comes back
one after another, at a rate that the server takes.
"""

import math
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

from sync.errors import Busy
from sync.wire import Tier

T = TypeVar("T")
ROOM = {Tier.IMMEDIATE: 512, Tier.BATCHED: 384, Tier.EVENTUAL: 128}  # at 600 exchanges a second less than a second
EVENTUAL_MAX = 8  # requests that bring nothing but analytics: who brings more of them cannot be in a hurry
GROUP_MAX = 64  # past this a larger group saves little and its first waits long
OF_A_GROUP = {Tier.IMMEDIATE: GROUP_MAX, Tier.BATCHED: GROUP_MAX, Tier.EVENTUAL: 2}  # 2: some 2 ms to wait for
RETURNS_PER_SECOND = 300  # half of what a small server takes, so that those who come of themselves find room
WAIT_SECONDS_MIN = 5  # a phone needs as long to come again at all
WAIT_SECONDS_MAX = 600  # later than this a learner has left the market


class Timetable:
    """Who is turned away returns at a time of its own."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._next = 0.0

    def wait_seconds(self) -> int:
        now = self._clock()
        self._next = max(now + WAIT_SECONDS_MIN, self._next + 1 / RETURNS_PER_SECOND)
        if self._next > now + WAIT_SECONDS_MAX:  # full: round again, from the front
            self._next = now + WAIT_SECONDS_MIN
        return math.ceil(self._next - now)


class Waiting(Generic[T]):
    """Asked from any thread; taken from by one."""

    def __init__(self, timetable: Timetable | None = None) -> None:
        self._timetable = timetable or Timetable()
        self._queues: dict[Tier, deque[T]] = {tier: deque() for tier in Tier}
        self._changed = threading.Condition()
        self._closed = False

    def __len__(self) -> int:
        return sum(map(len, self._queues.values()))

    @property
    def ended(self) -> bool:
        """Closed, and all that was taken on is done."""
        return self._closed and not len(self)

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify()

    def put(self, one: T, tier: Tier) -> None:
        """Raises `Busy` as `check` does."""
        with self._changed:
            self.check(tier)
            self._queues[tier].append(one)
            self._changed.notify()

    def check(self, tier: Tier) -> None:
        """Raises `Busy`, with a time to return, where there is no room for the tier, or none any more."""
        many = tier is Tier.EVENTUAL and len(self._queues[tier]) >= EVENTUAL_MAX
        if self._closed or many or not self.has_room(tier):
            raise Busy(self._timetable.wait_seconds())

    def has_room(self, tier: Tier) -> bool:
        """Whether one more of a tier may wait; what is less pressing does not count."""
        return sum(len(self._queues[other]) for other in Tier if other <= tier) < ROOM[tier]

    def take(self, seconds_max: float) -> list[T]:
        """The next group, the most pressing first; nothing when nobody comes in this time."""
        with self._changed:
            if seconds_max and not len(self) and not self._closed:
                self._changed.wait(seconds_max)
            group: list[T] = []
            for tier, queue in self._queues.items():
                for _ in range(min(len(queue), OF_A_GROUP[tier], GROUP_MAX - len(group))):
                    group.append(queue.popleft())
            return group
