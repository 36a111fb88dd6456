"""The table of rules: what concurrent work means, field by field.

Reading folds the survivors of a key (the puts that no later change replaced) by the rule of the key's first segment.
The fold is pure and the same on every replica, in Python here and in TypeScript in `pwa/src/conflict`; both run
`tests/vectors/folds.json`. A value that some device wrote against the table is left out, never an error.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from conflict.clock import Stamp, read_stamp
from conflict.errors import MalformedValue
from conflict.intervals import read_intervals, union
from conflict.packed import read_number

NOTE_CHARACTERS_MAX = 4_000
LONE_SURROGATE = re.compile("[\ud800-\udfff]")  # half a character: JSON can escape one, UTF-8 cannot write it
Answer = str | tuple[str, ...]


class LessonState(IntEnum):
    """Not started is the absence of a key."""

    IN_PROGRESS = 1
    COMPLETED = 2


@dataclass(frozen=True, slots=True)
class Survivor:
    """One put that stands: its Lamport id (counter, actor) and its value."""

    counter: int
    actor: bytes
    value: Any

    @property
    def lamport(self) -> tuple[int, bytes]:
        return self.counter, self.actor


@dataclass(frozen=True, slots=True)
class Folded:
    """What a key reads as, and how that came about.

    `winner` is the survivor whose value it is, where one alone decides; `settled` says that the survivors disagreed,
    so that the conflict belongs in the record.
    """

    value: Any
    rule: str
    version: int
    winner: Survivor | None
    settled: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """`read` takes a raw value apart or raises MalformedValue; `choose` folds what was read, oldest first."""

    name: str
    version: int
    read: Callable[[Any], Any]
    choose: Callable[[Sequence[tuple[Survivor, Any]]], tuple[Any, Survivor | None]]


def fold(key: str, survivors: Sequence[Survivor]) -> Folded:
    """What the survivors of a key amount to; None where there is nothing that can be read."""
    rule = RULES.get(key.partition("/")[0], OFFICIAL_WINNER)
    readable = [pair for survivor in sorted(survivors, key=_lamport) if (pair := _readable(rule, survivor))]
    if not readable:
        return Folded(None, rule.name, rule.version, None, settled=False)
    value, winner = rule.choose(readable)
    settled = any(_differ(read, readable[0][1]) for _, read in readable)
    return Folded(value, rule.name, rule.version, winner, settled)


def _differ(one: Any, other: Any) -> bool:
    """By value and kind: to a computer's == true is 1, to a reader it is not."""
    return type(one) is not type(other) or one != other


def _lamport(survivor: Survivor) -> tuple[int, bytes]:
    return survivor.lamport


def _readable(rule: Rule, survivor: Survivor) -> tuple[Survivor, Any] | None:
    try:
        return survivor, rule.read(survivor.value)
    except MalformedValue:
        return None


def _read_state(value: Any) -> int:
    if type(value) is not int or value not in (LessonState.IN_PROGRESS, LessonState.COMPLETED):
        raise MalformedValue("a lesson's state is 1 or 2")
    return value


def _furthest(readable: Sequence[tuple[Survivor, Any]]) -> tuple[Any, Survivor | None]:
    survivor, value = max(readable, key=lambda pair: pair[1])
    return value, survivor


def _read_position(value: Any) -> tuple[Stamp, int]:
    stamp, rest = read_stamp(_bytes(value))
    seconds, end = read_number(rest, 0)
    if end != len(rest):
        raise MalformedValue("bytes behind a position")
    return stamp, seconds


def _read_answer(value: Any) -> tuple[Stamp, Answer]:
    stamp, rest = read_stamp(_bytes(value))
    try:
        answer = json.loads(rest.decode())
    except (ValueError, RecursionError) as error:
        raise MalformedValue("an answer is JSON in UTF-8") from error
    return stamp, _texts(answer)


def _texts(answer: Any) -> Answer:
    """Nothing but texts, so that no JSON reader's own idea of numbers or depth decides what an answer is."""
    texts = answer if isinstance(answer, list) else [answer]
    if not all(isinstance(text, str) and not LONE_SURROGATE.search(text) for text in texts):
        raise MalformedValue("an answer is a text or an array of texts")
    return tuple(texts) if isinstance(answer, list) else texts[0]


def _latest(readable: Sequence[tuple[Survivor, Any]]) -> tuple[Any, Survivor | None]:
    """By the hybrid logical clock; the Lamport id decides between equal stamps."""
    survivor, (_, value) = max(readable, key=lambda pair: (pair[1][0], pair[0].lamport))
    return value, survivor


def _read_watched(value: Any) -> tuple[tuple[int, int], ...]:
    return read_intervals(_bytes(value))


def _union(readable: Sequence[tuple[Survivor, Any]]) -> tuple[Any, Survivor | None]:
    return union(interval for _, intervals in readable for interval in intervals), None


def _read_mark(value: Any) -> bool:
    if value is not True:
        raise MalformedValue("a bookmark is true or absent")
    return True


def _add_wins(readable: Sequence[tuple[Survivor, Any]]) -> tuple[Any, Survivor | None]:
    return True, readable[-1][0]


def _read_note(value: Any) -> str:
    if not isinstance(value, str) or len(value) > NOTE_CHARACTERS_MAX:
        raise MalformedValue(f"a note is a text of at most {NOTE_CHARACTERS_MAX} characters")
    return value


def _keep_both(readable: Sequence[tuple[Survivor, Any]]) -> tuple[Any, Survivor | None]:
    """Every distinct text, in Lamport order."""
    return tuple(dict.fromkeys(text for _, text in readable)), None


def _highest(readable: Sequence[tuple[Survivor, Any]]) -> tuple[Any, Survivor | None]:
    return readable[-1][1], readable[-1][0]


def _bytes(value: Any) -> bytes:
    if not isinstance(value, bytes):
        raise MalformedValue("packed bytes are expected here")
    return value


OFFICIAL_WINNER = Rule("official_winner", 1, lambda value: value, _highest)

RULES = {
    "s": Rule("furthest_along", 1, _read_state, _furthest),
    "p": Rule("latest", 1, _read_position, _latest),
    "w": Rule("union", 1, _read_watched, _union),
    "b": Rule("add_wins", 1, _read_mark, _add_wins),
    "n": Rule("keep_both", 1, _read_note, _keep_both),
    "q": Rule("latest", 1, _read_answer, _latest),
}
