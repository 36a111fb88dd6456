"""Perseus items, the exercises of Khan Academy and Kolibri: those with one choice to make or one number to fill in.

Everything else - graphs, sorters, tables, expressions - is a program of its own and is dropped by its name. A question
about a picture is dropped too: without it, nobody could answer. Source: the item format of github.com/Khan/perseus.
"""

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from offline_bundles.errors import BrokenPackage
from offline_bundles.importing.html import plain_text
from offline_bundles.importing.imported import Question
from offline_bundles.importing.kolibri.rows import read_json, writable
from offline_bundles.importing.questions import Item, Weighted, checked, numbered, one_of, some_of
from offline_bundles.quiz.numbers import read_number

WIDGET = re.compile(r"\[\[\u2603 ([a-z-]{1,40} \d{1,4})\]\]")
IMAGE = re.compile(r"!\[[^\]]*\]\([^)]*\)")
LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
EMPHASIS = re.compile(r"\*\*|__(?=\S)|^#{1,6}\s*", re.MULTILINE)
TOLD = {"explanation", "definition"}  # widgets that tell and ask nothing
PICTURES = {"image", "plotter", "passage", "video", "iframe"}
NONE_OF_THESE = "None of the above"


def read_item(raw: bytes, name: str, item: Item) -> Question | None:
    """One item's question without an id; None, and a finding, when it cannot be asked here."""
    try:
        found = read_json(raw, name)
        inner = found.get("itemData") if isinstance(found, dict) else None
        found = read_json(inner.encode("utf-8", "replace"), name) if isinstance(inner, str) else found
    except BrokenPackage as error:
        item.broken(str(error))
        return None
    asked = found.get("question") if isinstance(found, dict) else None
    if not isinstance(asked, dict) or not isinstance(asked.get("content"), str):
        item.broken("it holds no question of Perseus")
        return None
    return _question(found, asked, asked["content"], item)


def _question(found: Mapping[str, Any], asked: Mapping[str, Any], content: str, item: Item) -> Question | None:
    listed = asked.get("widgets")
    widgets = listed if isinstance(listed, dict) else {}
    named = [(each.split(" ")[0], each) for each in WIDGET.findall(content)]
    asking = [(kind, name) for kind, name in named if kind not in TOLD]
    if IMAGE.search(content) or any(kind in PICTURES for kind, _ in asking):
        item.dropped("it asks about a picture or a film that a question here cannot hold")
        return None
    unknown = [kind for kind, _ in asking if kind not in JUDGED]
    if unknown or len(asking) != 1:
        item.dropped(
            f"it is answered by {' and '.join(unknown) or f'{len(asking)} answers'}, not by one choice or number"
        )
        return None
    ((kind, name),) = asking
    options = widgets.get(name, {}).get("options") if isinstance(widgets.get(name), dict) else None
    question = JUDGED[kind](item, Question("", "", plain(content), feedback=_hints(found, item)), _mapping(options))
    return checked(item, question) if question else None


def _mapping(found: Any) -> Mapping[str, Any]:
    return found if isinstance(found, dict) else {}


def _listed(found: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    inner = found.get(name)
    return [each for each in inner if isinstance(each, dict)] if isinstance(inner, list) else []


def plain(markdown: str) -> str:
    """Perseus' Markdown without its marks; formulas stay as they are, between dollar signs."""
    text = LINK.sub(r"\1", IMAGE.sub("", WIDGET.sub("", writable(markdown))))
    return "\n".join(line for each in EMPHASIS.sub("", text).split("\n") if (line := " ".join(each.split())))


def _hints(found: Mapping[str, Any], item: Item) -> str:
    hints = [text for each in _listed(found, "hints") if (text := plain(str(each.get("content", ""))))]
    if hints:
        item.degraded("its hints are shown after the answer, without their pictures")
    return "\n\n".join(hints)


def _radio(item: Item, question: Question, options: Mapping[str, Any]) -> Question | None:
    choices = _listed(options, "choices")
    if any(IMAGE.search(str(each.get("content", ""))) for each in choices):
        item.dropped("its choices are pictures")
        return None
    right = sum(each.get("correct") is True for each in choices)
    several = options.get("multipleSelect") is True
    share = Fraction(1, max(1, right)) if several else Fraction(1)
    wrong = -share if several else Fraction(0)
    weighted = [
        Weighted(_choice(each), share if each.get("correct") is True else wrong, _said(each)) for each in choices
    ]
    kind, judged = (some_of if several else one_of)(item, weighted)
    return Question("", kind, question.prompt, feedback=question.feedback, choices=judged)


def _choice(choice: Mapping[str, Any]) -> str:
    text = plain(str(choice.get("content", "")))
    return text or (NONE_OF_THESE if choice.get("isNoneOfTheAbove") is True else "")


def _said(choice: Mapping[str, Any]) -> str:
    return plain(str(choice.get("clue") or choice.get("rationale") or ""))


def _numeric(item: Item, question: Question, options: Mapping[str, Any]) -> Question | None:
    right = [each for each in _listed(options, "answers") if each.get("status") == "correct"]
    if len(right) > 1:
        item.degraded("of several right numbers only the first counts")
    first = right[0] if right else {}
    return _number(item, question, first.get("value"), first.get("maxError"))


def _input_number(item: Item, question: Question, options: Mapping[str, Any]) -> Question | None:
    wide = options.get("maxError") if options.get("inexact") is True else None
    return _number(item, question, options.get("value"), wide)


def _number(item: Item, question: Question, value: Any, wide: Any) -> Question | None:
    right, tolerance = _exact(value), _exact(wide) or Fraction(0)
    if right is None:
        item.dropped("it does not say which number is right")
        return None
    return numbered(question, right - abs(tolerance), right + abs(tolerance))


def _exact(value: Any) -> Fraction | None:
    """A number as JSON or as text; nothing for 1e400 and for what is none."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    written = plain_text(value) if isinstance(value, str) else f"{value:.12f}".rstrip("0").rstrip(".")
    exact = read_number(written)
    return Fraction(exact) if exact is not None else None


JUDGED = {"radio": _radio, "numeric-input": _numeric, "input-number": _input_number}
