"""Which attempts count, and for how much: a pure function of the set, so that the order of arrival never matters.

No attempt is ever discarded. What cannot count says why; what a machine cannot decide goes to a person.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Policy(StrEnum):
    """Which of the attempts that count gives the score."""

    BEST = "best"
    LAST = "last"
    FIRST = "first"


class Verdict(StrEnum):
    COUNTS = "counts"
    EXCESS = "excess"  # over the limit; kept, and a person may grant more
    REVIEW = "review"  # a person decides


@dataclass(frozen=True, slots=True)
class Attempt:
    """A sealed attempt as it was graded. `chain` is (device, profile, number): one place holds one attempt."""

    hash: bytes
    chain: tuple[str, int, int]
    number: int
    started_seconds: int
    score: int
    gradable: bool = True


@dataclass(frozen=True, slots=True)
class Standing:
    """`verdicts` by hash; `score` is that of the attempt `scored`, in thousandths of a point."""

    verdicts: dict[bytes, Verdict]
    scored: bytes | None
    score: int


def standing(attempts: Iterable[Attempt], *, limit: int | None, policy: Policy) -> Standing:
    """Judges a learner's whole set of attempts at one assessment."""
    ordered = sorted({attempt.hash: attempt for attempt in attempts}.values(), key=_order)
    places = Counter(attempt.chain for attempt in ordered)
    verdicts: dict[bytes, Verdict] = {}
    counting: list[Attempt] = []
    for attempt in ordered:
        if places[attempt.chain] > 1 or not attempt.gradable:
            verdicts[attempt.hash] = Verdict.REVIEW
        elif limit is not None and len(counting) >= limit:
            verdicts[attempt.hash] = Verdict.EXCESS
        else:
            verdicts[attempt.hash] = Verdict.COUNTS
            counting.append(attempt)
    chosen = _chosen(counting, policy)
    return Standing(verdicts, chosen.hash if chosen else None, chosen.score if chosen else 0)


def _order(attempt: Attempt) -> tuple[int, int, bytes]:
    return attempt.number, attempt.started_seconds, attempt.hash


def _chosen(counting: list[Attempt], policy: Policy) -> Attempt | None:
    if not counting:
        return None
    if policy is Policy.BEST:
        return max(counting, key=lambda attempt: attempt.score)
    return counting[0] if policy is Policy.FIRST else counting[-1]
