"""What a learner's attempts at one assessment are worth, once trainers have had their say: a pure function.

The machine's grading and the trainers' words come in, the standing comes out; the order in which either arrived does
not matter. Rules: a person's word outranks the machine's; of two words about the same thing the later stands. Nothing
is changed in place: both stay in the record, and the same record always gives the same grades. A voided question gives
everyone its full points, so that no learner loses by the mistake of the quiz.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
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


class Outcome(NamedTuple):
    """`worths` by the attempts' hashes."""

    worths: Mapping[bytes, Worth]
    said: Said


def said(rulings: Iterable[Ruling]) -> Said:
    """What stands of all that was said of one learner's assessment."""
    words = list(rulings)
    if not words:
        return NOTHING_SAID
    return Said(_last(words, Word.SCORE), _last(words, Word.EXCUSED) or False, _last(words, Word.EXTRA) or 0)


def settled(sheets: Iterable[Sheet], rulings: Iterable[Ruling], terms: Terms) -> Outcome:
    words = list(rulings)
    whole = said(words)
    marked = {sheet.attempt.hash: _marked(sheet, words) for sheet in sheets}
    judged = standing(
        [sheet.attempt for sheet in marked.values()],
        limit=None if terms.limit is None else terms.limit + whole.extra,
        policy=terms.policy,
    )
    scored = None if whole.excused else _scored(judged.scored, marked, whole)
    worths = {name: _worth(sheet, judged.verdicts[name], counts=name == scored) for name, sheet in marked.items()}
    if scored is not None and whole.score is not None:
        worths[scored] = _given(worths[scored], marked[scored].pass_mark, whole.score)
    return Outcome(worths, whole)


def _marked(sheet: Sheet, words: Sequence[Ruling]) -> Sheet:
    """With the items' points as people gave them, and the attempt's score made of those."""
    items = tuple(_item(one, sheet, words) for one in sheet.items) if words else sheet.items
    return Sheet(_attempt(sheet.attempt, items, words), sheet.release, sheet.pass_mark, items)


def _item(item: Item, sheet: Sheet, words: Sequence[Ruling]) -> Item:
    about = [word for word in words if word.question == item.id]
    voids = [word for word in about if word.release in (None, sheet.release)]
    if _last(voids, Word.VOIDED):
        return item._replace(points=item.max, waits=False, voided=True)
    marks = _latest([word for word in about if word.submission == sheet.attempt.hash.hex()], Word.MARKS)
    if marks is None:
        return item
    return item._replace(points=_bounded(sum(marks.value.values()), item.max), waits=False, comment=marks.comment)


def _attempt(attempt: Attempt, items: Sequence[Item], words: Sequence[Ruling]) -> Attempt:
    mine = [word for word in words if word.submission == attempt.hash.hex()]
    return Attempt(  # not `_replace`, which takes four times as long: this is made for each attempt
        attempt.hash,
        attempt.chain,
        attempt.number,
        attempt.started_seconds,
        sum([item.points for item in items]),
        attempt.gradable,
        attempt.held,
        True in [item.waits for item in items],
        _last(mine, Word.ACCEPTED),
    )


def _scored(machine: bytes | None, sheets: Mapping[bytes, Sheet], whole: Said) -> bytes | None:
    """The attempt that gives the score. A trainer's score needs none that counts: the newest one carries it."""
    if machine is not None or whole.score is None or not sheets:
        return machine
    return max(sheets, key=lambda name: (sheets[name].attempt.number, sheets[name].attempt.started_seconds, name))


def _worth(sheet: Sheet, verdict: Verdict, *, counts: bool) -> Worth:
    score, score_max = sheet.attempt.score, sum([item.max for item in sheet.items])
    passed = _passed(score, score_max, sheet.pass_mark, verdict)
    return Worth(sheet.items, score, score_max, verdict, counts, passed)


def _given(worth: Worth, pass_mark: int, given: int) -> Worth:
    """A trainer's score, in the place of the machine's."""
    score, verdict = _bounded(given, worth.score_max), Verdict.COUNTS
    passed = _passed(score, worth.score_max, pass_mark, verdict)
    return worth._replace(score=score, verdict=verdict, passed=passed)


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
