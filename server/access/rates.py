"""Rate limits, counted in this process or in Redis. If Redis does not answer, this process counts for itself."""

import logging
import math
import time
from dataclasses import dataclass

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage, Storage, storage_from_string
from limits.strategies import MovingWindowRateLimiter

from server import errors

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rule:
    """A bound, and which of the asked names it counts by: none of them for everyone together."""

    bound: RateLimitItem
    by: tuple[int, ...]


def rule(bound: str, *by: int) -> Rule:
    return Rule(parse(bound), by)


# By address and by name. A join code has 40 bits: with 5,000 codes open, 1,200 tries an hour find one in 20 years.
# Only wrong codes are counted: a whole school joins behind one hub's address.
JOIN = (rule("60 per 10 minutes", 0), rule("1200 per hour"))
# Only wrong passwords are counted; ten are enough for a tired person. By name alone the bound is wider: no one may
# lock out another.
SIGN_IN = (rule("10 per 15 minutes", 0, 1), rule("100 per 15 minutes", 1), rule("200 per 15 minutes", 0))


class Limit:
    """Counts one kind of try. Both methods raise `TooManyTries` when a rule's bound is reached."""

    def __init__(self, name: str, rules: tuple[Rule, ...], url: str) -> None:
        self._name = name
        self._rules = rules
        self._near = MovingWindowRateLimiter(MemoryStorage())
        self._shared = MovingWindowRateLimiter(_storage(url)) if url else self._near

    def count(self, *names: str) -> None:
        """One more try."""
        self._ask(names, counts=True)

    def check(self, *names: str) -> None:
        """Is a try welcome? It is not counted yet."""
        self._ask(names, counts=False)

    def _ask(self, names: tuple[str, ...], *, counts: bool) -> None:
        for each in self._rules:
            counted = [self._name, *(names[position] for position in each.by)]
            if (wait := self._asked(each.bound, counted, counts=counts)) is not None:
                raise errors.TooManyTries(wait)

    def _asked(self, bound: RateLimitItem, names: list[str], *, counts: bool) -> int | None:
        try:
            return _wait(self._shared, bound, names, counts=counts)
        except Exception:  # whatever the store's client raises: the limit must hold without it
            log.warning("rate limit store does not answer", extra={"limit": self._name})
            return _wait(self._near, bound, names, counts=counts)


def _wait(limiter: MovingWindowRateLimiter, bound: RateLimitItem, names: list[str], *, counts: bool) -> int | None:
    """Seconds until the next try is welcome; None: this one is."""
    if limiter.hit(bound, *names) if counts else limiter.test(bound, *names):
        return None
    return max(1, math.ceil(limiter.get_window_stats(bound, *names).reset_time - time.time()))


def _storage(url: str) -> Storage:
    storage = storage_from_string(url)
    if not isinstance(storage, Storage):
        raise errors.SetupError(f"TIFFIN_REDIS_URL names a store that cannot be asked here: {url.partition(':')[0]}")
    return storage
