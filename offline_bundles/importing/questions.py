"""What every question format shares: names, bounds, and the mapping of weighted answers onto what Tiffin grades.

A question leaves here complete or not at all, and whatever it lost is a finding of its item. Tiffin's rules are
`offline_bundles.quiz.grading`: a choice is right or wrong, each right one of several earns the same share, each wrong
one takes such a share back.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from offline_bundles.course.fields import TEXT_CHARACTERS_MAX
from offline_bundles.course.questions import CHOICES_MAX, POINTS_MAX
from offline_bundles.importing.imported import Choice, Finding, Outcome, Question
from offline_bundles.quiz.numbers import read_number
from offline_bundles.quiz.texts import normalised

NAME_CHARACTERS_MAX = 48  # of `forms.NAME`
WHERE_CHARACTERS_MAX = 120  # a line of the report
DOLLARS = re.compile(r"\$([^$\n]{1,500})\$")
TEX_SIGNS = frozenset("\\^_")  # between dollars, nothing but TeX writes them
TEX_BRACKETS = ("\\(", "\\[")
EVEN_ENOUGH = Fraction(1, 100)  # 33.33333 % stands for a third


@dataclass(frozen=True, slots=True)
class Item:
    """One item of the source on its way in; what it loses goes to `findings`, which the whole import shares.

    `about`: as in `Finding`.
    """

    where: str
    kind: str
    findings: list[Finding]

    def degraded(self, why: str, about: str = "") -> None:
        self._find(Outcome.DEGRADED, why, about=about)

    def dropped(self, why: str) -> None:
        """What it had lost in part before no longer matters; another item of the same name keeps its finding."""
        where = shortened(self.where)
        while self.findings and (self.findings[-1].where, self.findings[-1].outcome) == (where, Outcome.DEGRADED):
            self.findings.pop()
        self._find(Outcome.DROPPED, why)

    def broken(self, why: str, about: str = "") -> None:
        self._find(Outcome.BROKEN, why, about=about)

    def apart(self, why: str, sources: Iterable[str]) -> None:
        """Code, with the files that hold it; what the package does not hold of it is only dropped."""
        held = tuple(sources)
        self._find(Outcome.APART if held else Outcome.DROPPED, why, held)

    def _find(self, outcome: Outcome, why: str, sources: tuple[str, ...] = (), about: str = "") -> None:
        self.findings.append(Finding(outcome, shortened(self.where), self.kind, why, sources, about))


def shortened(text: str, most: int = WHERE_CHARACTERS_MAX) -> str:
    """A text on one line of a report."""
    line = " ".join(text[: 4 * most].split())
    return line if len(line) <= most else line[: most - 1] + "…"


@dataclass(slots=True)
class Names:
    """Ids of one course's things: each in the form of `forms.NAME`, none twice, the same for the same package."""

    taken: dict[str, int] = field(default_factory=dict)

    def new(self, wanted: str, otherwise: str) -> str:
        base = slug(wanted) or otherwise
        self.taken[base] = self.taken.get(base, 0) + 1
        if self.taken[base] == 1:
            return base
        tail = f"-{self.taken[base]}"
        return self.new(base[: NAME_CHARACTERS_MAX - len(tail)].rstrip("-") + tail, otherwise)


def slug(text: str) -> str:
    """Small Latin letters, digits and dashes; nothing when the text has none of them."""
    plain = unicodedata.normalize("NFKD", text[: 8 * NAME_CHARACTERS_MAX]).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:NAME_CHARACTERS_MAX].rstrip("-")


@dataclass(frozen=True, slots=True)
class Weighted:
    """An answer with the share of the points that the source gives for it: 1 is all, below 0 takes back."""

    text: str
    share: Fraction = Fraction(0)
    feedback: str = ""


def one_of(item: Item, answers: Sequence[Weighted]) -> tuple[str, tuple[Choice, ...]]:
    """The learner picks one: the kind and the choices that come nearest."""
    best = max((answer.share for answer in answers), default=Fraction(0))
    partly = [answer.text for answer in answers if 0 < answer.share < best]
    if partly:
        item.degraded(f"part of the points for {_quoted(partly)} is not kept: it counts as wrong")
    right = [best > 0 and answer.share == best for answer in answers]
    if right.count(True) > 1:
        item.degraded("any one of several right answers was enough; now all of them are to be chosen")
    kind = "multiple_choice" if right.count(True) > 1 else "single_choice"
    return kind, _choices(answers, right)


def some_of(item: Item, answers: Sequence[Weighted]) -> tuple[str, tuple[Choice, ...]]:
    """The learner picks all that are right."""
    right = [answer.share > 0 for answer in answers]
    share = Fraction(1, max(1, right.count(True)))
    even = all(
        abs(answer.share - (share if good else -share)) <= EVEN_ENOUGH
        for answer, good in zip(answers, right, strict=True)
    )
    if not even:
        item.degraded("its weights are not kept: right choices earn equal shares, each wrong one takes a share back")
    return "multiple_choice", _choices(answers, right)


def _choices(answers: Sequence[Weighted], right: Sequence[bool]) -> tuple[Choice, ...]:
    return tuple(Choice(answer.text, good, answer.feedback) for answer, good in zip(answers, right, strict=True))


def _quoted(texts: Sequence[str]) -> str:
    shown = ", ".join(f"“{shortened(text, 30)}”" for text in texts[:3])
    return shown + (" and others" if len(texts) > 3 else "")


def accepted(item: Item, answers: Sequence[Weighted]) -> tuple[str, ...]:
    """Of short answers, the texts that earn everything; each once."""
    best = max((answer.share for answer in answers), default=Fraction(0))
    full = [answer.text for answer in answers if answer.share == best > 0]
    partly = [answer.text for answer in answers if 0 < answer.share < best]
    if partly:
        item.degraded(f"part of the points for {_quoted(partly)} is not kept: it counts as wrong")
    if any(answer.feedback for answer in answers):
        item.degraded("what it says to each single answer is not kept")
    return tuple(dict.fromkeys(text for text in full if normalised(text)))


def whole_points(item: Item, points: Fraction) -> int:
    """Points are whole here, from 1 to `POINTS_MAX`."""
    rounded = min(POINTS_MAX, max(1, int(points + Fraction(1, 2))))
    if rounded != points:
        item.degraded(f"its {float(points):g} points became {rounded}")
    return rounded


def decimal_text(value: Fraction) -> str | None:
    """A fraction as a plain decimal; None when it has no finite one within the bounds of `read_number`."""
    scaled, places = value, 0
    while scaled.denominator != 1 and places < 30:
        scaled, places = scaled * 10, places + 1
    if scaled.denominator != 1:
        return None
    digits = str(abs(scaled.numerator)).rjust(places + 1, "0")
    body = f"{digits[:-places]}.{digits[-places:]}" if places else digits
    written = f"-{body}" if value < 0 else body
    return written if read_number(written) is not None else None


def checked(item: Item, question: Question) -> Question | None:
    """The question when it is whole and within bounds; else None and a finding."""
    fault = _fault(question)
    if not fault:
        if any(map(has_tex, (question.prompt, *(choice.text for choice in question.choices)))):
            item.degraded("its formulas are shown as TeX, the way they were written")
        return question
    item.dropped(fault)
    return None


def has_tex(text: str) -> bool:
    return any(sign in text for sign in TEX_BRACKETS) or any(TEX_SIGNS & set(body) for body in DOLLARS.findall(text))


def _fault(question: Question) -> str:
    texts = (question.prompt, question.feedback, question.rubric, *(choice.text for choice in question.choices))
    if not question.prompt.strip():
        return "it asks nothing: its text is empty"
    if any(len(text) > TEXT_CHARACTERS_MAX for text in (*texts, *question.accept, *question.items)):
        return f"a text in it has more than {TEXT_CHARACTERS_MAX} characters"
    return OWN_FAULTS[question.kind](question) if question.kind in OWN_FAULTS else ""


def _choice_fault(question: Question) -> str:
    if not 2 <= len(question.choices) <= CHOICES_MAX:
        return f"it has {len(question.choices)} choices; 2 to {CHOICES_MAX} are possible"
    if any(not choice.text.strip() for choice in question.choices):
        return "one of its choices has no text"
    return "" if any(choice.correct for choice in question.choices) else "it does not say which answer is right"


def _numeric_fault(question: Question) -> str:
    given = read_number(question.answer), read_number(question.tolerance)
    return "" if None not in given else "its answer is not a plain decimal number"


def _short_fault(question: Question) -> str:
    return "" if any(normalised(text) for text in question.accept) else "it does not say which answer is right"


def _ordering_fault(question: Question) -> str:
    if not 2 <= len(question.items) <= CHOICES_MAX:
        return f"it has {len(question.items)} things to order; 2 to {CHOICES_MAX} are possible"
    if len(set(question.items)) < len(question.items):
        return "two of the things to order read the same"
    return "" if all(text.strip() for text in question.items) else "one of the things to order has no text"


def _matching_fault(question: Question) -> str:
    if not 2 <= len(question.pairs) <= CHOICES_MAX:
        return f"it has {len(question.pairs)} pairs; 2 to {CHOICES_MAX} are possible"
    if any(len(pair.item + pair.match) > TEXT_CHARACTERS_MAX for pair in question.pairs):
        return f"a text in it has more than {TEXT_CHARACTERS_MAX} characters"
    if not all(pair.match.strip() for pair in question.pairs):
        return "something to match has no match"
    enough = any(pair.item for pair in question.pairs) and len({pair.match for pair in question.pairs}) > 1
    return "" if enough else "all its matches read the same"


OWN_FAULTS = {
    "single_choice": _choice_fault,
    "multiple_choice": _choice_fault,
    "numeric": _numeric_fault,
    "short_text": _short_fault,
    "ordering": _ordering_fault,
    "matching": _matching_fault,
}


def numbered(question: Question, low: Fraction, high: Fraction) -> Question:
    """A numeric question whose answer lies from `low` to `high`, both included; without a number when not decimal."""
    answer, tolerance = decimal_text((low + high) / 2), decimal_text((high - low) / 2)
    if answer is None or tolerance is None:
        return replace(question, kind="numeric", answer="", tolerance="")
    return replace(question, kind="numeric", answer=answer, tolerance=tolerance)


def any_number(item: Item, question: Question, ranges: Sequence[tuple[Fraction, Fraction]], wanted: str) -> Question:
    """A question with one range of right numbers is numeric; with several numbers, they are compared as texts."""
    if len(ranges) == 1:
        return numbered(question, *ranges[0])
    texts = [decimal_text(low) for low, high in ranges if low == high]
    if texts and None not in texts and len(texts) == len(ranges):
        item.degraded("several numbers are right; they are compared as texts, so that 4.0 is not 4")
        return replace(question, kind="short_text", accept=tuple(dict.fromkeys(filter(None, texts))))
    return for_a_person(item, question, "its numbers are several ranges, or none that can be read", wanted)


def for_a_person(item: Item, question: Question, why: str, wanted: str) -> Question:
    """What no rule here grades is asked in free text, and a person reads it beside what the source wanted."""
    item.degraded(f"{why}; a person reads the answer instead")
    return replace(question, kind="free_text", rubric="\n\n".join(filter(None, (question.rubric, wanted))))
