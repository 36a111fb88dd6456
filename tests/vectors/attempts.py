"""Sets of attempts, and what becomes of each; see `tests.vectors.make`."""

import random
from typing import Any

from conflict.attempts import Attempt, Policy, standing

SEED = 20_261_122
SETS = 80


def attempts() -> list[dict[str, Any]]:
    rng = random.Random(SEED)
    return [_judged(rng, [_attempt(rng, place) for place in range(rng.randrange(6))]) for _ in range(SETS)]


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


def _judged(rng: random.Random, some: list[Attempt]) -> dict[str, Any]:
    limit, policy = rng.choice((None, 1, 2)), rng.choice(list(Policy))
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
