"""What an answer is worth. Pure: the same on the server and, for practice quizzes, on the phone (`pwa/src/grading`).

Both run `tests/vectors/grading.json`. Answers come from phones and may be anything: what is not of the form that its
question asks for earns nothing and harms nothing. Scores are thousandths of a point.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

ANSWER_CHARACTERS_MAX = 4_000
NUMBER_CHARACTERS_MAX = 40
CHOICES_MAX = 50
DECIMAL_SIGNS = {"٫": ".", ",": ".", "−": "-"}


@dataclass(frozen=True, slots=True)
class GradedQuestion:
    """`feedback`: what to read now, by language."""

    id: str
    points_thousandths: int
    max_thousandths: int
    correct: bool
    feedback: Mapping[str, str]


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
    share = SHARES[question["kind"]](key, answer)
    points = _half_up(full * share[0], share[1])
    return GradedQuestion(question["id"], points, full, points == full, _feedback(key, answer))


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
    given, wanted = read_number(answer), read_number(key.get("answer"))
    tolerance = read_number(key.get("tolerance", "0"))
    if given is None or wanted is None or tolerance is None:
        return NOTHING
    # Fractions, since a Decimal rounds what it subtracts to 28 digits, and an answer may have more.
    return ALL if abs(Fraction(given) - Fraction(wanted)) <= Fraction(tolerance) else NOTHING


def read_number(written: Any) -> Decimal | None:
    """A plain decimal in the digits of any script, with a point, a comma or an Arabic decimal separator; else None."""
    if not isinstance(written, str) or len(written) > NUMBER_CHARACTERS_MAX:
        return None
    plain = "".join(_plain_digit(character) for character in written.strip())
    body = plain.removeprefix("-") if plain.startswith("-") else plain.removeprefix("+")
    whole, point, fraction = body.partition(".")
    if not (whole + fraction).isdigit() or not (whole + fraction).isascii() or (point and not fraction):
        return None
    try:
        return Decimal(plain)
    except InvalidOperation:
        return None


def _plain_digit(character: str) -> str:
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    return DECIMAL_SIGNS.get(character, character)


def _short_text(key: Mapping[str, Any], answer: Any) -> Share:
    if not isinstance(answer, str) or len(answer) > ANSWER_CHARACTERS_MAX:
        return NOTHING
    given = normalised(answer)
    return ALL if given and given in {normalised(text) for text in key.get("accept", ())} else NOTHING


def normalised(text: str) -> str:
    """NFKC, lower case, white space collapsed: spelling counts, typing does not.

    Lower case and not case folding, since that is what a phone's JavaScript has.
    """
    return " ".join(unicodedata.normalize("NFKC", text).lower().split())


SHARES = {
    "single_choice": _single,
    "multiple_choice": _multiple,
    "numeric": _numeric,
    "short_text": _short_text,
}


def _feedback(key: Mapping[str, Any], answer: Any) -> Mapping[str, str]:
    """What the chosen answer says, then what the question says, by language."""
    choices = key.get("choices", {})
    chosen = [answer] if isinstance(answer, str) else answer if _is_choices(answer) else []
    parts = [choices.get(choice, {}) for choice in chosen] + [key.get("feedback", {})]
    languages = {language for part in parts for language in part}
    return {language: " ".join(part[language] for part in parts if language in part) for language in sorted(languages)}
