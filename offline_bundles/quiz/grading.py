"""What an answer is worth. Pure: the same on the server and, for practice quizzes, on the phone (`pwa/src/grading`).

Both run `tests/vectors/grading.json`. Answers come from phones and may be anything: what is not of the form that its
question asks for earns nothing and harms nothing. An answer is a text or an array of texts. Scores are thousandths of
a point.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

from offline_bundles.quiz.numbers import read_number, read_quantity
from offline_bundles.quiz.texts import normalised

__all__ = ["GradedAttempt", "GradedQuestion", "grade", "grade_question", "read_number"]
ANSWER_CHARACTERS_MAX = 4_000
CHOICES_MAX = 50
# What a person has to look at, by kind: any writing; a picture that was sealed by its SHA-256.
WAITS = {"free_text": re.compile(r"\S"), "picture": re.compile(r"\A[0-9a-f]{64}\Z")}
NEVER = re.compile(r"(?!)")


@dataclass(frozen=True, slots=True)
class GradedQuestion:
    """`feedback`: what to read now, by language. `waits`: a person gives the points; until then there are none."""

    id: str
    points_thousandths: int
    max_thousandths: int
    correct: bool
    feedback: Mapping[str, str]
    waits: bool = False


@dataclass(frozen=True, slots=True)
class GradedAttempt:
    score_thousandths: int
    max_thousandths: int
    questions: tuple[GradedQuestion, ...]


def grade(quiz: Mapping[str, Any], key: Mapping[str, Any], answers: Mapping[str, Any]) -> GradedAttempt:
    """Grades every question of a quiz object by its key, in the quiz's order; unanswered ones earn nothing."""
    questions = tuple(
        grade_question(question, key.get(question["id"], {}), answers.get(question["id"]))
        for question in quiz["questions"]
    )
    return GradedAttempt(
        sum(question.points_thousandths for question in questions),
        sum(question.max_thousandths for question in questions),
        questions,
    )


def grade_question(question: Mapping[str, Any], key: Mapping[str, Any], answer: Any) -> GradedQuestion:
    full = 1000 * question.get("points", 1)
    waits = isinstance(answer, str) and WAITS.get(question["kind"], NEVER).search(answer) is not None
    share = SHARES[question["kind"]](key, answer)
    points = _half_up(full * share[0], share[1])
    return GradedQuestion(question["id"], points, full, points == full, _feedback(key, answer), waits)


def _half_up(numerator: int, denominator: int) -> int:
    return (2 * numerator + denominator) // (2 * denominator)


Share = tuple[int, int]  # a fraction, numerator and denominator
NOTHING: Share = (0, 1)
ALL: Share = (1, 1)


def _single(key: Mapping[str, Any], answer: Any) -> Share:
    return ALL if isinstance(answer, str) and answer in key.get("correct", ()) else NOTHING


def _multiple(key: Mapping[str, Any], answer: Any) -> Share:
    """Each right choice earns a share, each wrong one takes one back, never below nothing."""
    right = set(key.get("correct", ()))
    if not right or not _is_choices(answer):
        return NOTHING
    chosen = set(answer)
    return max(0, len(chosen & right) - len(chosen - right)), len(right)


def _is_choices(answer: Any) -> bool:
    return (
        isinstance(answer, list)
        and len(answer) <= CHOICES_MAX
        and all(isinstance(choice, str) for choice in answer)
        and len(set(answer)) == len(answer)
    )


def _numeric(key: Mapping[str, Any], answer: Any) -> Share:
    given, wanted = read_quantity(answer, key.get("units", {})), read_number(key.get("answer"))
    tolerance = read_number(key.get("tolerance", "0"))
    if given is None or wanted is None or tolerance is None:
        return NOTHING
    return ALL if abs(given - Fraction(wanted)) <= Fraction(tolerance) else NOTHING


def _short_text(key: Mapping[str, Any], answer: Any) -> Share:
    if not isinstance(answer, str) or len(answer) > ANSWER_CHARACTERS_MAX:
        return NOTHING
    given = normalised(answer)
    return ALL if given and given in {normalised(text) for text in key.get("accept", ())} else NOTHING


def _ordering(key: Mapping[str, Any], answer: Any) -> Share:
    """The share of neighbours that follow each other as they should.

    Not of places: whoever only forgot the first step has every place wrong, and still knows the order of the rest.
    """
    order = key.get("order", [])
    if not _is_choices(answer) or len(order) < 2 or set(answer) != set(order):
        return NOTHING
    neighbours = set(pairwise(order))
    return sum(pair in neighbours for pair in pairwise(answer)), len(order) - 1


def _matching(key: Mapping[str, Any], answer: Any) -> Share:
    """The share of items that were given their match. Two matches for one item are none."""
    pairs = key.get("pairs", {})
    if not pairs or not _is_choices(answer):
        return NOTHING
    given = [pair.partition("=") for pair in answer]
    items = [item for item, _, _ in given]
    hits = sum(items.count(item) == 1 and pairs.get(item) == match for item, _, match in given)
    return hits, len(pairs)


def _by_a_person(key: Mapping[str, Any], answer: Any) -> Share:
    """A person gives the points."""
    return NOTHING


SHARES = {
    "single_choice": _single,
    "multiple_choice": _multiple,
    "numeric": _numeric,
    "short_text": _short_text,
    "ordering": _ordering,
    "matching": _matching,
    "free_text": _by_a_person,
    "picture": _by_a_person,
}


def _feedback(key: Mapping[str, Any], answer: Any) -> Mapping[str, str]:
    """What the chosen answer says, then what the question says, by language."""
    choices = key.get("choices", {})
    chosen = [answer] if isinstance(answer, str) else answer if _is_choices(answer) else []
    parts = [part for part in (*(choices.get(choice) for choice in chosen), key.get("feedback")) if part]
    if not parts:
        return {}
    languages = {language for part in parts for language in part}
    return {language: " ".join(part[language] for part in parts if language in part) for language in sorted(languages)}
