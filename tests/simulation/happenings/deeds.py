"""What learners do, remembered by the world so that it knows what must still be there in the end."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from conflict.intervals import Interval, union

HANDS_IN = ("submit", "photograph")
OPENED = 1  # the verb of the one kind of event that learners leave here


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that a learner did. `over`: the notes' texts that she saw in its place and replaced."""

    number: int
    learner: str
    what: str  # reach, watch, place, bookmark, unmark, note, submit, photograph, happen
    course: str
    activity: str
    value: Any = 0  # a state, a place, seconds, a stretch or a text
    over: frozenset[str] = frozenset()

    @property
    def key(self) -> str:
        letter = {"reach": "s", "watch": "w", "place": "p", "bookmark": "b", "unmark": "b", "note": "n"}[self.what]
        more = {"b": f"/{self.value}", "n": "/n1"}.get(letter, "")
        return f"{letter}/{self.activity}{more}"

    def __str__(self) -> str:
        return f"{self.what} {self.activity} {self.value}"


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What a trainer wrote on paper of a learner whom she enrolled at a hub."""

    learner: str
    full_name: str
    hub: str
    code: str


@dataclass
class Ledger:
    """All that one learner ever did, and the part of it that somebody promised to keep.

    `overruled`: values of hers that met where a trainer chose one: which of them stands the record says (I18).
    """

    done: list[Deed] = field(default_factory=list)
    overruled: dict[tuple[str, str], set[Any]] = field(default_factory=lambda: defaultdict(set))

    def of(self, what: str, kept: set[Deed] | None = None) -> dict[tuple[str, str], list[Deed]]:
        """Deeds of a kind by course and key; those of them that are in `kept`, when it is given.

        Of places that a trainer overruled notes alone: of them, whatever did not meet there must stand.
        """
        found: dict[tuple[str, str], list[Deed]] = {}
        for deed in self.done:
            if deed.what == what and (kept is None or deed in kept):
                found.setdefault((deed.course, deed.key), []).append(deed)
        return {place: deeds for place, deeds in found.items() if what == "note" or place not in self.overruled}

    def keys(self) -> list[tuple[str, str]]:
        """Everything that was ever written, as places in documents."""
        return sorted({(deed.course, deed.key) for deed in self.done if deed.what not in (*HANDS_IN, "happen")})


def stretches(deeds: list[Deed]) -> tuple[Interval, ...]:
    return union(deed.value for deed in deeds if isinstance(deed.value, tuple))
