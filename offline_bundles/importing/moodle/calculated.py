"""Moodle's calculated questions: each learner had numbers of her own; here all have the first ones of the set."""

import re
from dataclasses import replace
from fractions import Fraction
from typing import Final
from xml.etree.ElementTree import Element

from offline_bundles.importing.html import plain_text
from offline_bundles.importing.imported import Question
from offline_bundles.importing.moodle.asked import Asked
from offline_bundles.importing.moodle.fields import share, value, whole
from offline_bundles.importing.moodle.formulas import computed, filled
from offline_bundles.importing.questions import Weighted, decimal_text, numbered, one_of, some_of, whole_points

RELATIVE: Final = 1  # Moodle's tolerance types; 2 is nominal, 3 geometric
NOMINAL: Final = 2
PLACES_MAX = 12
EMBEDDED = re.compile(r"\{=([^{}]*(?:\{[^{}]*\}[^{}]*)*)\}")  # {={A}*{B}} in a choice
TOO_MUCH = "its formula needs more than adding, subtracting, multiplying and dividing"
SAME_FOR_ALL = "its numbers were drawn for each learner; here they are the same for all"


def first_values(asked: Asked) -> dict[str, str]:
    """The first number of each set, by its letter."""
    found = {}
    for each in asked.listed("dataset_definitions/dataset_definition"):
        items = sorted(each.findall("dataset_items/dataset_item"), key=lambda item: whole(item, "number"))
        if items:
            found[value(each, "name")] = value(items[0], "value")
    return found


def read_calculated(asked: Asked, base: Question) -> list[Question]:
    values = first_values(asked)
    right = max(asked.listed("answers/answer"), key=lambda each: share(each, "fraction"), default=None)
    worth = computed(value(right, "answertext"), values)
    if right is None or worth is None:
        asked.item.dropped(TOO_MUCH)
        return []
    asked.item.degraded(SAME_FOR_ALL)
    tolerance = _tolerance(asked, right.get("id", ""), worth)
    asking = replace(base, prompt=filled(base.prompt, values), points=whole_points(asked.item, asked.points))
    return [numbered(asking, worth - tolerance, worth + tolerance)]


def _tolerance(asked: Asked, answer: str, worth: Fraction) -> Fraction:
    for record in asked.listed("calculated_records/calculated_record"):
        if value(record, "answer") == answer:
            wide = abs(share(record, "tolerance"))
            if whole(record, "tolerancetype", RELATIVE) == NOMINAL:
                return wide
            return _rounded(abs(worth) * wide)
    return Fraction(0)


def _rounded(exact: Fraction) -> Fraction:
    """Of a share of a number: as many places as a decimal here may have."""
    return round(exact, PLACES_MAX)


def read_calculated_choice(asked: Asked, base: Question) -> list[Question]:
    values = first_values(asked)
    answers = [_weighted(each, values) for each in asked.listed("answers/answer")]
    if any(EMBEDDED.search(each.text) for each in answers):
        asked.item.dropped(TOO_MUCH)
        return []
    asked.item.degraded(SAME_FOR_ALL)
    single = whole(asked.plugin, "calculated_options/calculated_option/single", 1) == 1
    kind, choices = (one_of if single else some_of)(asked.item, answers)
    asking = replace(base, prompt=filled(base.prompt, values), points=whole_points(asked.item, asked.points))
    return [replace(asking, kind=kind, choices=choices)]


def _weighted(answer: Element, values: dict[str, str]) -> Weighted:
    """A formula in a choice that cannot be computed stays, for the caller to see."""

    def worth(found: re.Match[str]) -> str:
        exact = computed(found[1], values)
        written = decimal_text(round(exact, PLACES_MAX)) if exact is not None else None
        return written if written is not None else found[0]

    shown = filled(EMBEDDED.sub(worth, value(answer, "answertext")), values)
    return Weighted(plain_text(shown), share(answer, "fraction"), plain_text(value(answer, "feedback")))
