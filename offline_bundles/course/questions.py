"""Reads a question of any kind, and parts what a phone may know from what only the grader may.

What must not be guessed from the public half: the items of an ordering and the matches of a matching question are named
by a digest of their own text and stand in the order of these names. Both follow from what is public alone, so neither
an author's id nor the order in the file says anything, and the same course still packs to the same bytes.
"""

import json
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Any

from offline_bundles.course.fields import Fields
from offline_bundles.course.model import Question
from offline_bundles.quiz.numbers import DECIMAL_SIGNS, UNIT_CHARACTERS_MAX, read_number, spelt
from offline_bundles.quiz.texts import normalised

QUESTION_KINDS = (
    "single_choice",
    "multiple_choice",
    "numeric",
    "short_text",
    "ordering",
    "matching",
    "free_text",
    "picture",
)
COMMON = ("id", "kind", "prompt", "picture", "picture_alt", "feedback")
OWN = {
    "single_choice": ("points", "choices"),
    "multiple_choice": ("points", "choices"),
    "numeric": ("points", "answer", "tolerance", "unit"),
    "short_text": ("points", "accept"),
    "ordering": ("points", "items"),
    "matching": ("points", "pairs"),
    "free_text": ("rubric",),  # its points are the sum of its criteria's
    "picture": ("rubric",),
}
POINTS_MAX = 100
CHOICES_MAX = 50
UNITS_MAX = 20
CRITERIA_MAX = 20
OPAQUE_DIGITS = 12  # of a digest, as a name: fifty of them never collide


def read_question(fields: Fields) -> Question:
    kind = fields.choice("kind", QUESTION_KINDS)
    fields.only(*COMMON, *OWN[kind])
    points = fields.whole("points", 1, POINTS_MAX, 1) or 1
    public: dict[str, Any] = {"id": fields.name(), "kind": kind, "points": points, "prompt": fields.text("prompt")}
    key: dict[str, Any] = {"feedback": fields.text("feedback", needed=False)}
    READERS[kind](fields, public, key)
    return Question(public["id"], public["points"], public, key, _picture(fields, public))


def _picture(fields: Fields, public: dict[str, Any]) -> Path | None:
    if "picture" not in fields.values:
        return None
    public["picture_alt"] = fields.text("picture_alt")
    return fields.inside(fields.plain("picture"), "picture")


def _read_choices(fields: Fields, public: dict[str, Any], key: dict[str, Any]) -> None:
    choices = _some(fields, "choices", "choices", 2, CHOICES_MAX)
    for choice in choices:
        choice.only("id", "text", "correct", "feedback")
    public["choices"] = [{"id": choice.name(), "text": choice.text("text")} for choice in choices]
    right = sorted(choice.name() for choice in choices if choice.values.get("correct") is True)
    single = public["kind"] == "single_choice"
    if not right or (single and len(right) > 1):
        wanted = "exactly one" if single else "at least one"
        fields.complain(f"{wanted} of the choices is `correct: true`", "choices")
    key["correct"] = right
    said = {choice.name(): choice.text("feedback", needed=False) for choice in choices}
    key["choices"] = {name: text for name, text in said.items() if text}


def _some(fields: Fields, name: str, what: str, least: int, most: int) -> list[Fields]:
    found = fields.children(name)
    if not least <= len(found) <= most:
        fields.complain(f"a question has {least} to {most} {what}", name)
    return found


def _read_number(fields: Fields, public: dict[str, Any], key: dict[str, Any]) -> None:
    for name, default in (("answer", None), ("tolerance", "0")):
        value = fields.values.get(name, default)
        written = str(value) if isinstance(value, (int, str)) and not isinstance(value, bool) else None
        if written is None or read_number(written) is None:
            fields.complain('is a decimal number in quotes, such as "37.5"', name)
            written = "0"
        key[name] = written
    if "unit" in fields.values:
        key["units"] = _read_units(fields)
        public["units"] = [spelling for spelling in key["units"] if spelling]


def _read_units(fields: Fields) -> dict[str, str]:
    """Factors by spelling, as decimal texts. "" lets a number stand alone."""
    units = fields.values["unit"]
    if isinstance(units, dict) and 0 < len(units) <= UNITS_MAX and all(_is_spelling(one) for one in units):
        factors = {spelt(spelling): read_number(str(factor)) for spelling, factor in units.items()}
        if len(factors) == len(units) and all(factor is not None and factor > 0 for factor in factors.values()):
            return {spelling: str(units[spelling]) for spelling in units}
    fields.complain("is spellings with their factors above 0, such as {m: 1, cm: 0.01}; each spelling once", "unit")
    return {}


def _is_spelling(unit: object) -> bool:
    """A digit, a sign or a decimal mark in front would be read as part of the number."""
    if not isinstance(unit, str) or len(unit) > UNIT_CHARACTERS_MAX:
        return False
    return not unit or not (unit[0].isdecimal() or unit[0].isspace() or unit[0] in {"+", "-", ".", *DECIMAL_SIGNS})


def _read_accepted(fields: Fields, public: dict[str, Any], key: dict[str, Any]) -> None:
    key["accept"] = fields.strings("accept")
    for text in key["accept"]:
        if not normalised(text):
            fields.complain(f"{text!r} has nothing in it that is compared", "accept")


def _read_items(fields: Fields, public: dict[str, Any], key: dict[str, Any]) -> None:
    items = _some(fields, "items", "items", 2, CHOICES_MAX)
    for item in items:
        item.only("id", "text")
    _once(fields, "items", [item.name() for item in items])
    texts = [item.text("text") for item in items]
    key["order"] = [_opaque(text) for text in texts]
    if len(set(key["order"])) < len(texts):
        fields.complain("two items read the same: nobody could tell which comes first", "items")
    public["items"] = _shuffled(texts)


def _read_pairs(fields: Fields, public: dict[str, Any], key: dict[str, Any]) -> None:
    """A pair without an item is a match too many. Two items may have one match."""
    pairs = _some(fields, "pairs", "pairs", 2, CHOICES_MAX)
    items = [pair for pair in pairs if "id" in pair.values or "text" in pair.values]
    for pair in pairs:
        pair.only("id", "text", "match")
    _once(fields, "pairs", [item.name() for item in items])
    public["items"] = [{"id": item.values.get("id", ""), "text": item.text("text")} for item in items]
    key["pairs"] = {str(item.values.get("id", "")): _opaque(item.text("match")) for item in items}
    public["matches"] = _shuffled([pair.text("match") for pair in pairs])
    if not items or len(public["matches"]) < 2:
        fields.complain("a matching question has an item and two different matches at least", "pairs")


def _read_rubric(fields: Fields, public: dict[str, Any], key: dict[str, Any]) -> None:
    """What a person looks for. Never in the public half of a graded quiz: it may well say the answer."""
    criteria = _some(fields, "rubric", "criteria", 1, CRITERIA_MAX)
    for criterion in criteria:
        criterion.only("id", "text", "points")
    _once(fields, "rubric", [criterion.name() for criterion in criteria])
    key["rubric"] = [
        {
            "id": criterion.values.get("id", ""),
            "text": criterion.text("text"),
            "points": criterion.whole("points", 1, POINTS_MAX, 1) or 1,
        }
        for criterion in criteria
    ]
    public["points"] = sum(criterion["points"] for criterion in key["rubric"])
    if public["points"] > POINTS_MAX:
        fields.complain(f"a question has at most {POINTS_MAX} points in all", "rubric")


def _once(fields: Fields, where: str, names: list[str]) -> None:
    for name in {name for name in names if name and names.count(name) > 1}:
        fields.complain(f"the id {name} stands more than once", where)


def _opaque(text: dict[str, str]) -> str:
    written = json.dumps(text, ensure_ascii=False, sort_keys=True)
    return sha256(written.encode(errors="surrogatepass")).hexdigest()[:OPAQUE_DIGITS]


def _shuffled(texts: Iterable[dict[str, str]]) -> list[dict[str, Any]]:
    named = {_opaque(text): text for text in texts}
    return [{"id": name, "text": named[name]} for name in sorted(named)]


READERS = {
    "single_choice": _read_choices,
    "multiple_choice": _read_choices,
    "numeric": _read_number,
    "short_text": _read_accepted,
    "ordering": _read_items,
    "matching": _read_pairs,
    "free_text": _read_rubric,
    "picture": _read_rubric,
}
