"""What a learner's attempts at one assessment are worth, once trainers have had their say: a pure function.

The machine's grading and the trainers' words come in, the standing comes out; the order in which either arrived does
not matter. Rules: a person's word outranks the machine's; of two words about the same thing the later stands. Nothing
is changed in place: both stay in the record, and the same record always gives the same grades. A voided question gives
everyone its full points, so that no learner loses by the mistake of the quiz.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from conflict.attempts import Attempt, Policy, Verdict, standing


class Word(StrEnum):
    """What a trainer may say; `Ruling.value` is of the form that stands behind each."""

    MARKS = "marks"  # thousandths of a point by criterion, for one question of one attempt
    ACCEPTED = "accepted"  # whether an attempt counts
    VOIDED = "voided"  # whether a question counts, for everyone
    SCORE = "score"  # thousandths of a point for the assessment, None to take it back
    EXCUSED = "excused"  # whether the assessment is asked of this learner at all
    EXTRA = "extra"  # how many attempts more than the quiz allows
    OVERRULED = "overruled"  # of a settled conflict: the value that shall stand (`conflict.record`)
    REJUDGED = "rejudged"  # no trainer's: a later arrival changed what an attempt is; `from` and `to`


@dataclass(frozen=True, slots=True)
class Ruling:
    """One word of one trainer. `submission` and `question` name what it is about, where it is about one of them;
    `submission` is the hash of an attempt, or the id of a settled conflict.

    `release`: a question is voided in this release only; None: in all.
    """

    word: Word
    at_ms: int
    id: str
    value: Any
    submission: str = ""
    question: str = ""
    release: int | None = None
    comment: str = ""

    @property
    def when(self) -> tuple[int, str]:
        return self.at_ms, self.id


class Item(NamedTuple):
    """One answered question; points in thousandths. `waits`: a person gives the points."""

    id: str
    points: int
    max: int
    waits: bool = False
    voided: bool = False
    comment: str = ""


class Sheet(NamedTuple):
    """An attempt as the machine left it; its `attempt.score` is not looked at, its items are."""

    attempt: Attempt
    release: int
    pass_mark: int
    items: tuple[Item, ...]


class Terms(NamedTuple):
    """What the assessment asks: of the newest release that was tried, so that the order of arrival does not matter."""

    limit: int | None
    policy: Policy


class Worth(NamedTuple):
    items: tuple[Item, ...]
    score: int
    score_max: int
    verdict: Verdict
    counts: bool
    passed: bool


class Said(NamedTuple):
    """What trainers said of the assessment as a whole, for one learner."""

    score: int | None = None
    excused: bool = False
    extra: int = 0


NOTHING_SAID = Said()


@dataclass(frozen=True, slots=True)
class Outcome:
    """`worths` by the attempts' hashes."""

    worths: Mapping[bytes, Worth] = field(default_factory=dict)
    said: Said = NOTHING_SAID


def said(rulings: Iterable[Ruling]) -> Said:
    """What stands of all that was said of one learner's assessment."""
    words = list(rulings)
    if not words:
        return NOTHING_SAID
    return Said(_last(words, Word.SCORE), _last(words, Word.EXCUSED) or False, _last(words, Word.EXTRA) or 0)


def settled(sheets: Iterable[Sheet], rulings: Iterable[Ruling], terms: Terms) -> Outcome:
    words, by_hash = list(rulings), {sheet.attempt.hash: sheet for sheet in sheets}
    whole = said(words)
    marked = {name: _items(sheet, words) for name, sheet in by_hash.items()}
    judged = standing(
        (_attempt(sheet, marked[name], words) for name, sheet in by_hash.items()),
        limit=None if terms.limit is None else terms.limit + whole.extra,
        policy=terms.policy,
    )
    scored = None if whole.excused else _scored(judged.scored, by_hash, whole)
    return Outcome(
        {
            name: _worth(
                sheet, marked[name], judged.verdicts[name], whole.score if name == scored else None, name == scored
            )
            for name, sheet in by_hash.items()
        },
        whole,
    )


def _items(sheet: Sheet, words: Sequence[Ruling]) -> tuple[Item, ...]:
    return tuple(_item(one, sheet, words) for one in sheet.items) if words else sheet.items


def _item(item: Item, sheet: Sheet, words: Sequence[Ruling]) -> Item:
    about = [word for word in words if word.question == item.id]
    voids = [word for word in about if word.release in (None, sheet.release)]
    if _last(voids, Word.VOIDED):
        return item._replace(points=item.max, waits=False, voided=True)
    marks = _latest([word for word in about if word.submission == sheet.attempt.hash.hex()], Word.MARKS)
    if marks is None:
        return item
    return item._replace(points=_bounded(sum(marks.value.values()), item.max), waits=False, comment=marks.comment)


def _attempt(sheet: Sheet, items: Sequence[Item], words: Sequence[Ruling]) -> Attempt:
    mine = [word for word in words if word.submission == sheet.attempt.hash.hex()]
    return sheet.attempt._replace(
        score=sum([item.points for item in items]),
        waits=True in [item.waits for item in items],
        accepted=_last(mine, Word.ACCEPTED),
    )


def _scored(machine: bytes | None, sheets: Mapping[bytes, Sheet], whole: Said) -> bytes | None:
    """The attempt that gives the score. A trainer's score needs none that counts: the newest one carries it."""
    if machine is not None or whole.score is None or not sheets:
        return machine
    return max(sheets, key=lambda name: (sheets[name].attempt.number, sheets[name].attempt.started_seconds, name))


def _worth(sheet: Sheet, items: tuple[Item, ...], verdict: Verdict, given: int | None, counts: bool) -> Worth:
    score_max = sum([item.max for item in items])
    score = sum([item.points for item in items]) if given is None else _bounded(given, score_max)
    if given is not None:
        verdict = Verdict.COUNTS
    return Worth(items, score, score_max, verdict, counts, _passed(score, score_max, sheet.pass_mark, verdict))


def _passed(score: int, score_max: int, pass_mark: int, verdict: Verdict) -> bool:
    """Nobody passes what was not graded, or not to its end."""
    return verdict is not Verdict.WAITS and score_max > 0 and score * 100 >= pass_mark * score_max


def _bounded(points: int, most: int) -> int:
    return min(max(points, 0), most)


def _last(words: Sequence[Ruling], word: Word) -> Any:
    latest = _latest(words, word)
    return latest.value if latest else None


def _latest(words: Sequence[Ruling], word: Word) -> Ruling | None:
    if not words:  # of most attempts nobody says anything
        return None
    return max((one for one in words if one.word is word), key=lambda one: one.when, default=None)
