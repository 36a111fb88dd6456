"""What waits for the writer: bounded, by tier, and a timetable for those who find no room.

Tiers shed from the bottom: there is less room for analytics than for progress, and less for progress than for
submissions; and of each group only some may be of a lower tier, so that a pressing request never stands behind more
than those. Who is refused is given the next free place in a timetable of returns: a crowd that comes at once comes back
one after another, at a rate that the server takes. Each tier has its own timetable: however much of the lower ones is
refused, an attempt is not sent further away.
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
EVERY_TIER = IMMEDIATE, _, EVENTUAL = tuple(Tier)  # by name each would cost 0.2 µs in Python 3.11
ROOM = {Tier.IMMEDIATE: 512, Tier.BATCHED: 384, Tier.EVENTUAL: 128}  # at 600 exchanges a second less than a second
EVENTUAL_MAX = 8  # requests that bring nothing but analytics: who brings more of them cannot be in a hurry
GROUP_MAX = 64  # past this a larger group saves little and its first waits long
OF_A_GROUP = {Tier.IMMEDIATE: GROUP_MAX, Tier.BATCHED: GROUP_MAX, Tier.EVENTUAL: 1}  # 1: some 1 ms to wait for
PRESSED_SECONDS = 1.0  # so long after an attempt was handed in, the next one is near
PAUSE_SECONDS = 0.025  # between two groups with analytics alone, while attempts are near: 40 a second, of 2,400 phones
# a minute, and nine attempts of ten find nobody before them
RETURNING = {Tier.IMMEDIATE: 0.75, Tier.BATCHED: 0.5, Tier.EVENTUAL: 0.25}  # of the pace: the rest come of themselves
# A phone needs 5 seconds to come again at all; a wait because of analytics alone also holds back the next attempt.
WAIT_SECONDS_MIN = {Tier.IMMEDIATE: 5, Tier.BATCHED: 5, Tier.EVENTUAL: 20}
WAIT_SECONDS_MAX = {Tier.IMMEDIATE: 600, Tier.BATCHED: 600, Tier.EVENTUAL: 180}  # after 600 she has left the market
PACE_FIRST = 200.0  # requests a second that a small server takes, until it was measured
PACE_MIN, PACE_MAX = 10.0, 2_000.0  # a stalled disk must not send everybody away for hours, nor a burst call all back
PACE_SECONDS = 2.0  # of work, before it is believed: some turns of the work behind the log are in it


class Pace:
    """Requests a second that the writer lately took while others waited, the work behind the log included."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._busy_since: float | None = None
        self._in_hand = 0
        self._done, self._seconds = 0, 0.0
        self.per_second = PACE_FIRST

    def took(self, count: int, *, are_more: bool) -> None:
        """A group of so many was taken; the one before it is done. Time in which nobody waits says nothing."""
        now = self._clock()
        if self._busy_since is not None:
            self._done += self._in_hand
            self._seconds += now - self._busy_since
        self._busy_since, self._in_hand = now if are_more else None, count
        if self._seconds >= PACE_SECONDS:
            lately = self._done / self._seconds
            self.per_second = max(PACE_MIN, min(PACE_MAX, (self.per_second + lately) / 2))
            self._done, self._seconds = 0, 0.0


class Timetable:
    """Who of a tier is turned away returns at a time of its own."""

    def __init__(self, tier: Tier, pace: Pace, clock: Callable[[], float] = time.monotonic) -> None:
        self._tier = tier
        self._pace = pace
        self._clock = clock
        self._next = 0.0

    def wait_seconds(self) -> int:
        now = self._clock()
        earliest = now + WAIT_SECONDS_MIN[self._tier]
        self._next = max(earliest, self._next + 1 / (RETURNING[self._tier] * self._pace.per_second))
        if self._next > now + WAIT_SECONDS_MAX[self._tier]:  # full: round again, from the front
            self._next = earliest
        return math.ceil(self._next - now)


class Waiting(Generic[T]):
    """Asked from any thread; taken from by one. A `Press`, too."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._pace = Pace(clock)
        self._timetables = {tier: Timetable(tier, self._pace, clock) for tier in Tier}
        self._queues: tuple[deque[T], ...] = tuple(deque() for _ in Tier)  # by tier
        self._changed = threading.Condition()
        self._closed = False
        self._clock = clock
        self._pressed_until = self._eventual_from = -math.inf
        self._held_back: frozenset[Tier] = frozenset()
        self.refused = dict.fromkeys(Tier, 0)  # requests, or what of a tier a request brought along, since the start

    def __len__(self) -> int:
        return sum(map(len, self._queues))

    @property
    def lengths(self) -> dict[Tier, int]:
        return dict(zip(Tier, map(len, self._queues), strict=True))

    @property
    def ended(self) -> bool:
        """Closed, and all that was taken on is done."""
        return self._closed and not len(self)

    @property
    def is_near(self) -> bool:
        return self._clock() < self._pressed_until

    @property
    def is_here(self) -> bool:
        return bool(self._queues[IMMEDIATE])

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
        many = tier is EVENTUAL and len(self._queues[tier]) >= EVENTUAL_MAX
        if self._closed or many or not self.has_room(tier):
            raise Busy(self._turn_away(tier))

    def shed(self, tiers: frozenset[Tier]) -> tuple[frozenset[Tier], int]:
        """What a request that brings these may not bring along now: those without room, below the most pressing; and
        the seconds to wait with them, 0 when it may bring all."""
        below = tiers - {min(tiers)}
        shed = frozenset([tier for tier in below if not self.has_room(tier)])
        return shed, max(map(self._turn_away, shed), default=0)

    def has_room(self, tier: Tier) -> bool:
        """Whether one more of a tier may wait; what is less pressing does not count."""
        return sum(map(len, self._queues[: tier + 1])) < ROOM[tier] and tier not in self._held_back

    def hold_back(self, tiers: frozenset[Tier]) -> None:
        """No room for these until it is said again: what was taken of them already is more than can be worked off."""
        self._held_back = tiers - {IMMEDIATE}

    def _turn_away(self, tier: Tier) -> int:
        with self._changed:
            self.refused[tier] += 1
            return self._timetables[tier].wait_seconds()

    def take(self, seconds_max: float) -> list[T]:
        """The next group, the most pressing first; nothing when nobody comes in this time."""
        with self._changed:
            pause = self._eventual_from - self._clock() if self._queues[EVENTUAL] else math.inf
            self._changed.wait_for(lambda: self._closed or self._takeable(), max(0.0, min(seconds_max, pause)))
            group: list[T] = []
            for tier in self._takeable():
                queue = self._queues[tier]
                count = min(len(queue), OF_A_GROUP[tier], GROUP_MAX - len(group))
                group += [queue.popleft() for _ in range(count)]
                if count:
                    self._note_taken(tier)
            self._pace.took(len(group), are_more=bool(self._takeable()))
            return group

    def _takeable(self) -> list[Tier]:
        """Those of whom some may be taken now, the most pressing first."""
        is_paused = not self._closed and self._clock() < self._eventual_from
        return [tier for tier in EVERY_TIER if self._queues[tier] and not (is_paused and tier is EVENTUAL)]

    def _note_taken(self, tier: Tier) -> None:
        if tier is IMMEDIATE:
            self._pressed_until = self._clock() + PRESSED_SECONDS
        elif tier is EVENTUAL and self.is_near:
            self._eventual_from = self._clock() + PAUSE_SECONDS
