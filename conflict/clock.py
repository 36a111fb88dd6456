"""The hybrid logical clock: wall time where clocks agree, causal order where they do not.

A stamp is (unix seconds, logical counter). Source: Kulkarni, Demirbas et al., "Logical Physical Clocks and Consistent
Snapshots in Globally Distributed Databases", 2014, figure 5. A phone's clock may be wrong by years: it is bounded by
what a server last said, so that no device can write far into the future and win for ever.
"""

from typing import NamedTuple

from conflict.packed import read_number, write_number

ANCHOR_AGE_MAX_SECONDS = 400 * 86_400  # a phone may stay away for a year; beyond that its clock is not believed


class Stamp(NamedTuple):
    """Ordered by seconds, then counter."""

    seconds: int
    counter: int


NEVER = Stamp(0, 0)


def tick(last: Stamp, wall_seconds: int) -> Stamp:
    """The stamp of a local event: later than every stamp made or seen before."""
    if wall_seconds > last.seconds:
        return Stamp(wall_seconds, 0)
    return Stamp(last.seconds, last.counter + 1)


def receive(last: Stamp, seen: Stamp, wall_seconds: int) -> Stamp:
    """The clock after a stamp of another device was seen."""
    seconds = max(last.seconds, seen.seconds, wall_seconds)
    if seconds == last.seconds == seen.seconds:
        return Stamp(seconds, max(last.counter, seen.counter) + 1)
    if seconds == last.seconds:
        return Stamp(seconds, last.counter + 1)
    if seconds == seen.seconds:
        return Stamp(seconds, seen.counter + 1)
    return Stamp(seconds, 0)


def bounded(wall_seconds: int, anchor_seconds: int, age_max_seconds: int = ANCHOR_AGE_MAX_SECONDS) -> int:
    """Wall time as far as it can be believed: not before the server's last word, not more than a year behind it."""
    return min(max(wall_seconds, anchor_seconds), anchor_seconds + age_max_seconds)


def write_stamp(stamp: Stamp) -> bytes:
    return write_number(stamp.seconds) + write_number(stamp.counter)


def read_stamp(raw: bytes) -> tuple[Stamp, bytes]:
    """A stamp, and what follows it."""
    seconds, at = read_number(raw, 0)
    counter, at = read_number(raw, at)
    return Stamp(seconds, counter), raw[at:]
