"""Whether an attempt fell into its quiz's window: what is known of the time, and what is only said.

The server's own clock proves two things: what came before a moment was finished before it, and what came later may have
been finished at any time before it came. Everything else is the phone's word. Its anchor - what the server's clock said
when the phone last heard it, and how long ago that was - makes the word worth more; it proves nothing against whoever
owns the phone. Nothing is thrown away here: what does not fit is held for a person, with the reason.
"""

from dataclasses import dataclass
from enum import StrEnum

SLACK_SECONDS = 120  # clocks are read at different moments, and a tap takes a while


class Held(StrEnum):
    """Why an attempt is held; it is also the reason that a trainer reads."""

    EARLY = "early"  # begun before the quiz opened
    LATE = "late"  # finished after it closed
    TIME_UNPROVEN = "time_unproven"  # finished in time by its own clock alone


@dataclass(frozen=True, slots=True)
class Window:
    """Unix seconds; None: no bound."""

    opens: int | None = None
    closes: int | None = None


@dataclass(frozen=True, slots=True)
class Times:
    """Unix seconds. `started` and `ended` by the phone's clock; `received` by the server's.

    `anchor`: the server's clock as the phone last heard it before the end, and the seconds since; None: never.
    """

    started: int
    ended: int
    received: int
    anchor: tuple[int, int] | None = None

    @property
    def anchored_end(self) -> int | None:
        return None if self.anchor is None else sum(self.anchor)


def held(times: Times, window: Window) -> Held | None:
    """Why a person has to look at the time of an attempt; None if nobody needs to."""
    began = times.started if times.anchored_end is None else times.anchored_end - _lasted(times)
    if window.opens is not None and min(began, times.received) + SLACK_SECONDS < window.opens:
        return Held.EARLY
    if window.closes is None or times.received <= window.closes + SLACK_SECONDS:
        return None
    if times.anchored_end is None:
        return Held.LATE if times.ended > window.closes + SLACK_SECONDS else Held.TIME_UNPROVEN
    return Held.LATE if times.anchored_end > window.closes + SLACK_SECONDS else None


def _lasted(times: Times) -> int:
    return max(0, times.ended - times.started)
