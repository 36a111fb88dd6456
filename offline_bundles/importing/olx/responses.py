"""The response kinds of an edX problem as Tiffin's questions. Nothing that a course says is ever run.

What depends on a course's Python (a `customresponse`, a variable `$x`) cannot be asked here, and is dropped with that
reason. Source: edX, "Open Learning XML guide", section "Problems and tools"; capa's `responsetypes`.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from xml.etree.ElementTree import Element

from offline_bundles.importing.imported import Question
from offline_bundles.importing.olx.texts import feedback_of, markup, said
from offline_bundles.importing.prompts import read_text
from offline_bundles.importing.questions import (
    Item,
    Weighted,
    accepted,
    for_a_person,
    numbered,
    one_of,
    some_of,
)

DEFAULT_TOLERANCE = Fraction(1, 100_000)  # of the answer; capa's own where a problem names none
QUOTED = re.compile(r"""'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)\"""")
PLAIN_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,2})?")
RANGE = re.compile(r"([\[(])\s*([^,]+?)\s*,\s*([^,]+?)\s*([\])])")
WORDS_BETWEEN_BARS = re.compile(r"\^?\(?[\w\s,'’-]+(?:\|[\w\s,'’-]+)*\)?\$?")
RIGHT = {"true": Fraction(1), "partial": Fraction(1, 2)}

NEEDS_CODE = {
    "customresponse": "its answers are judged by Python code of the course, which is never run",
    "schematicresponse": "it is a circuit to draw, judged by code",
    "imageresponse": "it asks to click at a place in a picture, which no question here does",
    "annotationresponse": "it asks to annotate a text, which no question here does",
    "jsmeresponse": "it asks to draw a molecule, which no question here does",
    "javascriptresponse": "it runs JavaScript of the course",
    "coderesponse": "it sends code to a grader on the network",
    "externalresponse": "it sends answers to a grader on the network",
    "symbolicresponse": "its answers are judged by code",
    "drag_and_drop_input": "it asks to drag things onto a picture, which no question here does",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A response on its way: the question so far, and where what it loses is noted."""

    item: Item
    element: Element
    question: Question


Reader = Callable[[Asked], Iterator[Question]]


def read_response(asked: Asked) -> Iterator[Question]:
    """The questions of one response, not yet checked; none, and a finding, when it cannot be asked here."""
    reader = READERS.get(asked.element.tag)
    if reader is None:
        asked.item.dropped(f"{NEEDS_CODE.get(asked.element.tag, 'no question here is of its kind')}.")
    else:
        yield from reader(asked)


def is_response(element: Element) -> bool:
    return element.tag in READERS or element.tag in NEEDS_CODE or element.tag.endswith("response")


def _radio(asked: Asked) -> Iterator[Question]:
    kind, choices = one_of(asked.item, [_choice(asked.item, choice) for choice in asked.element.iter("choice")])
    yield replace(asked.question, kind=kind, choices=choices)


def _boxes(asked: Asked) -> Iterator[Question]:
    answers = [_choice(asked.item, choice) for choice in asked.element.iter("choice")]
    right = sum(1 for answer in answers if answer.share > 0)
    shares = [Fraction(1, right) if answer.share > 0 else Fraction(-1, max(1, right)) for answer in answers]
    if next(asked.element.iter("compoundhint"), None) is not None:
        asked.item.degraded("what it says to a combination of choices is not kept.")
    kind, choices = some_of(
        asked.item, [replace(answer, share=share) for answer, share in zip(answers, shares, strict=True)]
    )
    yield replace(asked.question, kind=kind, choices=choices)


def _choice(item: Item, element: Element) -> Weighted:
    share = RIGHT.get(element.get("correct", "").lower(), Fraction(0))
    hint = next((hint for hint in element.iter("choicehint") if hint.get("selected", "true").lower() == "true"), None)
    text = read_text(item, markup(element, leaving=("choicehint",)))
    return Weighted(text, share, said(hint) if hint is not None else "")


def _dropdown(asked: Asked) -> Iterator[Question]:
    """Each list to choose from is a question of its own."""
    inputs = list(asked.element.iter("optioninput"))
    for number, chooser in enumerate(inputs, 1):
        prompt = asked.question.prompt if len(inputs) == 1 else f"{asked.question.prompt} ({number})"
        kind, choices = one_of(asked.item, list(_options(chooser)))
        yield replace(asked.question, prompt=prompt, kind=kind, choices=choices)


def _options(chooser: Element) -> Iterator[Weighted]:
    right = chooser.get("correct", "")
    for first, second in QUOTED.findall(chooser.get("options", "")):
        text = re.sub(r"\\(.)", r"\1", first or second)
        yield Weighted(text, Fraction(text == right))
    for option in chooser.iter("option"):
        hint = option.find("optionhint")
        share = RIGHT.get(option.get("correct", "").lower(), Fraction(0))
        yield Weighted(said(option, leaving=("optionhint",)), share, said(hint) if hint is not None else "")


def _text(asked: Asked) -> Iterator[Question]:
    element, item = asked.element, asked.item
    style = element.get("type", "ci").lower().split()
    others = [
        other.get("answer") or said(other, leaving=("correcthint",)) for other in element.iter("additional_answer")
    ]
    answers = [element.get("answer", ""), *others]
    if "regexp" in style:
        listed = _listed(answers)
        if not listed:
            wanted = "An answer that fits the pattern " + " or ".join(answers)
            yield for_a_person(item, asked.question, "its answer is a pattern (a regular expression)", wanted)
            return
        answers = listed
    if "cs" in style:
        item.degraded("it told capital letters from small ones; here both are right.")
    if next(element.iter("stringequalhint"), None) is not None or element.find("hintgroup") is not None:
        item.degraded("what it says to a wrong answer is not kept.")
    accept = accepted(item, [Weighted(answer.strip(), Fraction(1)) for answer in answers])
    yield replace(asked.question, kind="short_text", accept=accept, feedback=feedback_of(element, asked.question))


def _listed(patterns: list[str]) -> list[str]:
    """The words of patterns that only list words, such as `^(red|blue)$`; else none."""
    if not all(WORDS_BETWEEN_BARS.fullmatch(pattern) for pattern in patterns):
        return []
    return [word.strip() for pattern in patterns for word in pattern.strip("^$()").split("|") if word.strip()]


def _number(asked: Asked) -> Iterator[Question]:
    element, item = asked.element, asked.item
    answer = element.get("answer", "").strip()
    question = replace(asked.question, feedback=feedback_of(element, asked.question))
    if next(element.iter("additional_answer"), None) is not None:
        item.degraded("it takes other numbers as well; here one is right.")
    bounds = _range(item, answer) or _around(element, answer)
    if bounds is None:
        yield for_a_person(item, question, "its answer is a formula, not a number", f"The answer is {answer}")
    else:
        yield numbered(question, *bounds)


def _range(item: Item, answer: str) -> tuple[Fraction, Fraction] | None:
    found = RANGE.fullmatch(answer)
    low, high = (_fraction(found[2]), _fraction(found[3])) if found else (None, None)
    if found is None or low is None or high is None or low > high:
        return None
    if found[1] == "(" or found[4] == ")":
        item.degraded("an end of its range counted as wrong; here both ends are right.")
    return low, high


def _around(element: Element, answer: str) -> tuple[Fraction, Fraction] | None:
    value = _fraction(answer)
    if value is None:
        return None
    tolerance = abs(value) * DEFAULT_TOLERANCE
    for param in element.iter("responseparam"):
        written = (param.get("default") or "").strip()
        share = _fraction(written.removesuffix("%"))
        if param.get("type") == "tolerance" and share is not None:
            tolerance = abs(value) * share / 100 if written.endswith("%") else share
    return value - abs(tolerance), value + abs(tolerance)


def _fraction(written: str) -> Fraction | None:
    written = written.strip()
    return Fraction(written) if len(written) < 40 and PLAIN_NUMBER.fullmatch(written) else None


def _formula(asked: Asked) -> Iterator[Question]:
    wanted = f"The answer is {asked.element.get('answer', '')}, in any equal form"
    yield for_a_person(asked.item, asked.question, "it compares formulas by calculating them", wanted)


READERS: dict[str, Reader] = {
    "multiplechoiceresponse": _radio,
    "truefalseresponse": _boxes,
    "choiceresponse": _boxes,
    "optionresponse": _dropdown,
    "stringresponse": _text,
    "numericalresponse": _number,
    "formularesponse": _formula,
}
