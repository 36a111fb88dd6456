"""Reads a quiz's own members; its questions are read by `questions`."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from offline_bundles.course.fields import Fields, read_yaml
from offline_bundles.course.model import Quiz
from offline_bundles.course.questions import read_question

QUIZ_KINDS = ("practice", "graded")
POLICIES = ("best", "last", "first")
PASS_MARK = 60
ATTEMPTS_MAX = 100
QUESTIONS_MAX = 500
OF_GRADED_ONLY = ("attempts", "opens", "closes")


def read_quiz(path: Path, activity: Fields) -> Quiz:
    """What is wrong goes to the activity's problems."""
    values = read_yaml(path, activity.folder.resolve(), activity.problems)
    where = str(path.relative_to(activity.folder.resolve()))
    fields = replace(activity, where=where, values=values)
    if not values:
        return Quiz("practice", 0, None, "best", ())
    fields.only("kind", "pass_mark", "policy", "questions", *OF_GRADED_ONLY)
    quiz = Quiz(
        quiz=fields.choice("kind", QUIZ_KINDS),
        pass_mark=fields.whole("pass_mark", 0, 100, PASS_MARK) or 0,
        attempts=fields.whole("attempts", 1, ATTEMPTS_MAX),
        policy=fields.choice("policy", POLICIES, "best"),
        questions=tuple(read_question(child) for child in fields.children("questions")[:QUESTIONS_MAX]),
        opens=_moment(fields, "opens"),
        closes=_moment(fields, "closes"),
    )
    _check(quiz, fields)
    return quiz


def _check(quiz: Quiz, fields: Fields) -> None:
    if quiz.quiz == "practice":
        for name in OF_GRADED_ONLY:
            if name in fields.values:
                fields.complain("is for a graded quiz only", name)
        if any(question.public["kind"] == "picture" for question in quiz.questions):
            fields.complain("a picture is looked at by a person: ask for it in a graded quiz", "questions")
    if quiz.opens is not None and quiz.closes is not None and quiz.opens >= quiz.closes:
        fields.complain("is later than `opens`", "closes")
    names = [question.id for question in quiz.questions]
    for name in {name for name in names if name and names.count(name) > 1}:
        fields.complain(f"the question id {name} stands more than once", "questions")


def _moment(fields: Fields, name: str) -> int | None:
    """Unix seconds. A moment names its offset: a course travels between time zones."""
    value = fields.values.get(name)
    if value is None:
        return None
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    except (TypeError, ValueError):
        moment = None
    if moment is None or moment.tzinfo is None or moment.timestamp() < 0:
        fields.complain("is a moment with its offset, such as 2026-12-01T08:00:00+03:00", name)
        return None
    return int(moment.timestamp())
