"""The record of settled conflicts, read again: what it says must follow from what it holds.

A record keeps the values that met, who wrote them, the rule and its version; a trainer may overrule it, which is one
more word in the record and takes none away. So the outcome can be reckoned again at any time, by anybody.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from conflict.errors import ConflictError
from conflict.grades import Ruling, Word
from conflict.rules import Survivor, fold


class OtherRule(ConflictError):
    """The record was settled by a rule, or a version of one, that is not the table's any more."""


@dataclass(frozen=True, slots=True)
class Settled:
    """One conflict: the survivors of a key, in Lamport order, and the rule that settled them."""

    id: str
    key: str
    rule: str
    version: int
    survivors: Sequence[Survivor]


def outcome(settled: Settled, rulings: Iterable[Ruling] = ()) -> Any:
    """What the key reads as: by the rule, or as the last trainer who overruled it said."""
    chosen = overruled(settled.id, rulings)
    survivors = settled.survivors if chosen is None else [settled.survivors[chosen]]
    folded = fold(settled.key, survivors)
    if (folded.rule, folded.version) != (settled.rule, settled.version):
        raise OtherRule(f"{settled.key} was settled by {settled.rule} {settled.version}; now it is {folded.rule}")
    return folded.value


def overruled(record: str, rulings: Iterable[Ruling]) -> int | None:
    """The place, among the survivors, of the value that a trainer chose last; None: the rule stands."""
    about = (one for one in rulings if one.word is Word.OVERRULED and one.submission == record)
    latest = max(about, key=lambda one: one.when, default=None)
    return None if latest is None else int(latest.value["survivor"])
