"""What QTI 1.2's response processing gives for an answer: tried out, since exporters write the same rule in many ways.

Source: IMS QTI ASI information model 1.2, "Response processing". Two habits of exporters are followed: several
`varequal` of one answer that holds one value are alternatives (Canvas, Common Cartridge), and `other` always holds.
Only comparisons are read: nothing of a package is ever run.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from xml.etree.ElementTree import Element

from offline_bundles.importing.qti.documents import attribute, child, children, name_of, text_of, within
from offline_bundles.quiz.numbers import read_number

Answers = Mapping[str, Sequence[str]]  # values by the response's ident
COMPARED = {
    "vargte": lambda given, bound: given >= bound,
    "vargt": lambda given, bound: given > bound,
    "varlte": lambda given, bound: given <= bound,
    "varlt": lambda given, bound: given < bound,
}


@dataclass(frozen=True)
class Rule:
    """One `respcondition`."""

    element: Element

    @cached_property
    def test(self) -> Element | None:
        return child(self.element, "conditionvar")

    @property
    def stops(self) -> bool:
        return attribute(self.element, "continue", "No").lower() == "no"

    @property
    def feedback(self) -> list[str]:
        return [attribute(each, "linkrefid") for each in children(self.element, "displayfeedback")]

    def gives(self) -> Fraction:
        """What it adds to a score of nothing; below 0 it takes."""
        return self.applied(Fraction(0))

    def applied(self, score: Fraction) -> Fraction:
        for setting in children(self.element, "setvar"):
            value = number(text_of(setting)) or Fraction(0)
            action = attribute(setting, "action", "Set")
            score = {"Add": score + value, "Subtract": score - value}.get(action, value)
        return score

    def wanted(self, ident: str) -> list[str]:
        """The values that it asks of a response, those after a `not` left out."""
        return [] if self.test is None else _positive(self.test, ident)


def _positive(test: Element, ident: str) -> list[str]:
    if name_of(test) == "not":
        return []
    if name_of(test) == "varequal":
        return [(test.text or "").strip()] if attribute(test, "respident") == ident else []
    return [value for part in test for value in _positive(part, ident)]


@dataclass(frozen=True)
class Processing:
    """All rules of one item, in their order."""

    rules: tuple[Rule, ...]

    @classmethod
    def of(cls, item: Element) -> "Processing":
        return cls(tuple(Rule(each) for each in within(item, "respcondition")))

    def tried(self, answers: Answers) -> tuple[Fraction, tuple[str, ...]]:
        """The score and the idents of the feedback that these answers get."""
        score, said = Fraction(0), list[str]()
        for rule in self.rules:
            if rule.test is None or not holds(rule.test, answers):
                continue
            score = rule.applied(score)
            said += rule.feedback
            if rule.stops and self.scores(rule):
                break
        return score, tuple(said)

    @staticmethod
    def scores(rule: Rule) -> bool:
        return bool(children(rule.element, "setvar"))

    @cached_property
    def rewarding(self) -> tuple[Rule, ...]:
        """The rules that give points, most first."""
        return tuple(sorted((rule for rule in self.rules if rule.gives() > 0), key=lambda rule: -rule.gives()))


def holds(test: Element, answers: Answers) -> bool:
    tag = name_of(test)
    if tag == "not":
        return not any(holds(part, answers) for part in test)
    if tag == "or":
        return any(holds(part, answers) for part in test)
    if tag in ("conditionvar", "and"):
        return _all_hold(test, answers, alternatives=tag == "conditionvar")
    return tag == "other" or _compared(test, answers)


def _all_hold(test: Element, answers: Answers, *, alternatives: bool) -> bool:
    """Every part holds; of several equalities for one value, one does."""
    equal: dict[str, list[bool]] = {}
    for part in test:
        if alternatives and name_of(part) == "varequal" and len(answers.get(attribute(part, "respident"), ())) <= 1:
            equal.setdefault(attribute(part, "respident"), []).append(holds(part, answers))
        elif not holds(part, answers):
            return False
    return all(any(found) for found in equal.values())


def _compared(test: Element, answers: Answers) -> bool:
    given = answers.get(attribute(test, "respident"), ())
    wanted = (test.text or "").strip()
    tag = name_of(test)
    if tag == "unanswered":
        return not given
    if tag == "varequal":
        return wanted in given
    bound = number(wanted)
    values = [number(value) for value in given]
    if tag not in COMPARED or bound is None:
        return False
    return bool(values) and all(value is not None and COMPARED[tag](value, bound) for value in values)


def number(written: str) -> Fraction | None:
    found = read_number(written)
    return None if found is None else Fraction(found)
