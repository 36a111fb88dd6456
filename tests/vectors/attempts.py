"""Sets of attempts, and what becomes of each; see `tests.vectors.make`."""

import random
from collections.abc import Iterator
from typing import Any

from conflict.attempts import Attempt, Policy, standing

SEED = 20_261_122
SETS = 80


def attempts() -> list[dict[str, Any]]:
    rng = random.Random(SEED)
    by_chance = [([_attempt(rng, place) for place in range(rng.randrange(6))], *_terms(rng)) for _ in range(SETS)]
    return [_judged(some, limit, policy) for some, limit, policy in (*by_chance, *_by_rule())]


def _by_rule() -> Iterator[tuple[list[Attempt], int | None, Policy]]:
    """What chance may leave out: one set for each rule, in which no other rule gives the same answer."""
    first, second, third = (_plain(place) for place in (1, 2, 3))
    waiting = first._replace(waits=True)
    for policy in Policy:  # a first attempt that is not whole: waited for, passed over, passed over
        yield [waiting, second], None, policy
        yield [first._replace(score=1000), second._replace(score=1000)], None, policy  # of equal ones the earliest
        yield [first, second, third], 2, policy
    yield [waiting, second], 1, Policy.BEST  # it has its place under the limit
    yield [first, second._replace(chain=first.chain)], None, Policy.BEST  # one place, two attempts
    yield [first, first], 1, Policy.BEST  # the same bytes again
    yield [first._replace(held=True), second], 1, Policy.BEST  # it takes no place before a person says so
    yield [first._replace(gradable=False), second], 1, Policy.BEST
    yield [first._replace(accepted=True), second], 1, Policy.LAST  # a kindness costs nobody a place
    yield [first._replace(held=True, accepted=True)], 1, Policy.BEST
    yield [first._replace(accepted=False), second], 1, Policy.BEST  # nor does what was refused
    yield [first._replace(gradable=False, accepted=True)], None, Policy.BEST  # there is no score to count
    yield [second, third._replace(accepted=True)], 1, Policy.LAST
    yield [first, first._replace(hash=b"\x00", chain=("b", 1, 0), started_seconds=1)], 1, Policy.BEST  # by start
    yield [first, first._replace(hash=b"\x00", chain=("b", 1, 0))], 1, Policy.BEST  # then by hash


def _plain(place: int) -> Attempt:
    return Attempt(bytes([place]), ("a", 1, place), place, started_seconds=0, score=1000 * place)


def _attempt(rng: random.Random, place: int) -> Attempt:
    """Few devices and numbers, so that places are shared and the limit is reached."""
    return Attempt(
        hash=bytes([place, rng.randrange(256)]),
        chain=(rng.choice("ab"), 1, rng.randrange(4)),
        number=rng.randrange(1, 4),
        started_seconds=rng.randrange(3),
        score=1000 * rng.randrange(4),
        gradable=rng.random() < 0.9,
        held=rng.random() < 0.2,
        waits=rng.random() < 0.2,
        accepted=rng.choice((None, None, None, True, False)),
    )


def _terms(rng: random.Random) -> tuple[int | None, Policy]:
    return rng.choice((None, 1, 2)), rng.choice(list(Policy))


def _judged(some: list[Attempt], limit: int | None, policy: Policy) -> dict[str, Any]:
    judged = standing(some, limit=limit, policy=policy)
    return {
        "limit": limit,
        "policy": policy,
        "attempts": [_written(one) for one in some],
        "verdicts": {name.hex(): verdict for name, verdict in judged.verdicts.items()},
        "scored": judged.scored.hex() if judged.scored else None,
        "score": judged.score,
    }


def _written(one: Attempt) -> dict[str, Any]:
    return {
        "hash": one.hash.hex(),
        "chain": list(one.chain),
        "number": one.number,
        "started": one.started_seconds,
        "score": one.score,
        "gradable": one.gradable,
        "held": one.held,
        "waits": one.waits,
        "accepted": one.accepted,
    }
