"""Reads a quiz, and parts what a phone may know from what only the grader may."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from offline_bundles.course.fields import Fields, read_yaml
from offline_bundles.course.model import Question, Quiz
from offline_bundles.quiz.grading import read_number

QUIZ_KINDS = ("practice", "graded")
QUESTION_KINDS = ("single_choice", "multiple_choice", "numeric", "short_text")
POLICIES = ("best", "last", "first")
COMMON = ("id", "kind", "prompt", "picture", "picture_alt", "points", "feedback")
OWN = {
    "single_choice": ("choices",),
    "multiple_choice": ("choices",),
    "numeric": ("answer", "tolerance"),
    "short_text": ("accept",),
}
PASS_MARK = 60
ATTEMPTS_MAX = 100
POINTS_MAX = 100
CHOICES_MAX = 50
QUESTIONS_MAX = 500


def read_quiz(path: Path, activity: Fields) -> Quiz:
    """What is wrong goes to the activity's problems."""
    values = read_yaml(path, activity.folder.resolve(), activity.problems)
    where = str(path.relative_to(activity.folder.resolve()))
    fields = replace(activity, where=where, values=values)
    if not values:
        return Quiz("practice", 0, None, "best", ())
    fields.only("kind", "pass_mark", "attempts", "policy", "questions")
    quiz = Quiz(
        quiz=fields.choice("kind", QUIZ_KINDS),
        pass_mark=fields.whole("pass_mark", 0, 100, PASS_MARK) or 0,
        attempts=fields.whole("attempts", 1, ATTEMPTS_MAX),
        policy=fields.choice("policy", POLICIES, "best"),
        questions=tuple(_question(child) for child in fields.children("questions")[:QUESTIONS_MAX]),
    )
    if quiz.quiz == "practice" and quiz.attempts is not None:
        fields.complain("only a graded quiz limits attempts", "attempts")
    names = [question.id for question in quiz.questions]
    for name in {name for name in names if name and names.count(name) > 1}:
        fields.complain(f"the question id {name} stands more than once", "questions")
    return quiz


def _question(fields: Fields) -> Question:
    kind = fields.choice("kind", QUESTION_KINDS)
    fields.only(*COMMON, *OWN[kind])
    points = fields.whole("points", 1, POINTS_MAX, 1) or 1
    public: dict[str, Any] = {"id": fields.name(), "kind": kind, "points": points, "prompt": fields.text("prompt")}
    key: dict[str, Any] = {"feedback": fields.text("feedback", needed=False)}
    if kind in ("single_choice", "multiple_choice"):
        _read_choices(fields, kind, public, key)
    elif kind == "numeric":
        _read_number(fields, key)
    else:
        key["accept"] = fields.strings("accept")
    return Question(public["id"], points, public, key, _picture(fields, public))


def _picture(fields: Fields, public: dict[str, Any]) -> Path | None:
    if "picture" not in fields.values:
        return None
    public["picture_alt"] = fields.text("picture_alt")
    return fields.inside(fields.plain("picture"), "picture")


def _read_choices(fields: Fields, kind: str, public: dict[str, Any], key: dict[str, Any]) -> None:
    choices = fields.children("choices")
    if not 2 <= len(choices) <= CHOICES_MAX:
        fields.complain(f"a question has 2 to {CHOICES_MAX} choices", "choices")
    for choice in choices:
        choice.only("id", "text", "correct", "feedback")
    public["choices"] = [{"id": choice.name(), "text": choice.text("text")} for choice in choices]
    right = sorted(choice.name() for choice in choices if choice.values.get("correct") is True)
    if not right or (kind == "single_choice" and len(right) > 1):
        wanted = "exactly one" if kind == "single_choice" else "at least one"
        fields.complain(f"{wanted} of the choices is `correct: true`", "choices")
    key["correct"] = right
    said = {choice.name(): choice.text("feedback", needed=False) for choice in choices}
    key["choices"] = {name: text for name, text in said.items() if text}


def _read_number(fields: Fields, key: dict[str, Any]) -> None:
    for name, default in (("answer", None), ("tolerance", "0")):
        value = fields.values.get(name, default)
        written = str(value) if isinstance(value, (int, str)) and not isinstance(value, bool) else None
        if written is None or read_number(written) is None:
            fields.complain('is a decimal number in quotes, such as "37.5"', name)
            written = "0"
        key[name] = written
