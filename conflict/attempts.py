"""Which attempts count, and for how much: a pure function of the set, so that the order of arrival never matters.

No attempt is ever discarded. What cannot count says why; what a machine cannot decide goes to a person. The same as
`pwa/src/conflict/attempts.ts`; both run `tests/vectors/attempts.json`.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple


class Policy(StrEnum):
    """Which of the attempts that count gives the score."""

    BEST = "best"
    LAST = "last"
    FIRST = "first"


Chain = tuple[str, int, int]


class Verdict(StrEnum):
    COUNTS = "counts"
    WAITS = "waits"  # will count: a person has yet to give the points of a part
    EXCESS = "excess"  # over the limit; kept, and a person may grant more
    REVIEW = "review"  # a person decides
    REFUSED = "refused"  # a person decided


class Attempt(NamedTuple):
    """A sealed attempt as it was graded. `chain` is (device, profile, number): one place holds one attempt.

    `gradable`: its score is known. `held`: something about it must be looked at, such as its time. `waits`: a person
    has yet to give a part of its points. `accepted`: what a person decided, None if nothing yet.
    """

    hash: bytes
    chain: Chain
    number: int
    started_seconds: int
    score: int
    gradable: bool = True
    held: bool = False
    waits: bool = False
    accepted: bool | None = None


class Standing(NamedTuple):
    """`verdicts` by hash; `score` is that of the attempt `scored`, in thousandths of a point."""

    verdicts: dict[bytes, Verdict]
    scored: bytes | None
    score: int


def standing(attempts: Iterable[Attempt], *, limit: int | None, policy: Policy) -> Standing:
    """Judges a learner's whole set of attempts at one assessment."""
    ordered = sorted({attempt.hash: attempt for attempt in attempts}.values(), key=_order)
    forked = _shared(attempt.chain for attempt in ordered)
    verdicts: dict[bytes, Verdict] = {}
    counting: list[Attempt] = []
    taken = 0
    for attempt in ordered:
        verdict = _verdict(attempt, forked=attempt.chain in forked, full=limit is not None and taken >= limit)
        verdicts[attempt.hash] = verdict
        if verdict is Verdict.COUNTS or verdict is Verdict.WAITS:
            counting.append(attempt)
            # What a person let count takes no place: her kindness to one attempt must not cost another its own.
            taken += attempt.accepted is None
    chosen = _chosen(counting, policy)
    return Standing(verdicts, chosen.hash if chosen else None, chosen.score if chosen else 0)


def _verdict(attempt: Attempt, *, forked: bool, full: bool) -> Verdict:
    if attempt.accepted is False:
        return Verdict.REFUSED
    if not attempt.gradable:
        return Verdict.REVIEW
    if attempt.accepted is None and (forked or attempt.held):
        return Verdict.REVIEW
    if attempt.accepted is None and full:
        return Verdict.EXCESS
    return Verdict.WAITS if attempt.waits else Verdict.COUNTS


def _shared(chains: Iterable[Chain]) -> set[Chain]:
    """The places that more than one attempt claims."""
    seen: set[Chain] = set()
    twice: set[Chain] = set()
    for chain in chains:
        (twice if chain in seen else seen).add(chain)
    return twice


def _order(attempt: Attempt) -> tuple[int, int, bytes]:
    return attempt.number, attempt.started_seconds, attempt.hash


def _chosen(counting: Sequence[Attempt], policy: Policy) -> Attempt | None:
    """Of equal ones the earliest. Nothing is chosen before its points are whole; the first one is waited for."""
    if policy is Policy.FIRST:
        return None if not counting or counting[0].waits else counting[0]
    whole = [attempt for attempt in counting if not attempt.waits]
    if not whole:
        return None
    return max(whole, key=lambda attempt: attempt.score) if policy is Policy.BEST else whole[-1]
