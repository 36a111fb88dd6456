"""A quiz of another system in the form of a course folder's quiz files.

Each question is read back by the reader that packing uses before it is let in, so that a course that was imported is
a course that packs.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from offline_bundles.course.fields import FILE_BYTES_MAX, Fields
from offline_bundles.course.questions import read_question
from offline_bundles.course.quizzes import ATTEMPTS_MAX, PASS_MARK, POLICIES, QUESTIONS_MAX
from offline_bundles.importing.imported import Choice, Outcome, Pair, Question, Quiz
from offline_bundles.importing.questions import Names, shortened, slug
from offline_bundles.importing.shelf import Shelf
from offline_bundles.importing.written import dumped, tidy

PART_BYTES_MAX = FILE_BYTES_MAX // 2  # of one quiz file: the reader takes twice as much
TEXTS = ("prompt", "text", "match", "feedback")
SOME_RUBRIC = "✓"  # a person judges it, and the source says nothing of what to look for


def write_quiz(quiz: Quiz, shelf: Shelf, where: str, languages: Sequence[str]) -> list[dict[str, Any]]:
    """The contents of its files: one, or several where it has more questions than one may have; none when empty."""
    names = Names()
    written = [_checked(question, names, shelf, where, languages) for question in quiz.questions]
    kept = [one for one in written if one]
    if not kept:
        shelf.find(Outcome.DROPPED, where, "quiz", "it has no question that could be taken.")
    return [_settings(quiz) | {"questions": part} for part in _parts(kept)]


def _parts(questions: Sequence[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    part: list[dict[str, Any]] = []
    size = 0
    for question in questions:
        weight = len(dumped(question))
        if part and (len(part) == QUESTIONS_MAX or size + weight > PART_BYTES_MAX):
            yield part
            part, size = [], 0
        part.append(question)
        size += weight
    if part:
        yield part


def _settings(quiz: Quiz) -> dict[str, Any]:
    mark = quiz.pass_mark if 0 <= quiz.pass_mark <= 100 else PASS_MARK
    settings: dict[str, Any] = {"kind": "graded" if quiz.graded else "practice", "pass_mark": mark}
    if quiz.graded and quiz.attempts is not None:
        settings["attempts"] = min(ATTEMPTS_MAX, max(1, quiz.attempts))
    if quiz.policy in POLICIES:
        settings["policy"] = quiz.policy
    return settings


def _checked(
    question: Question, names: Names, shelf: Shelf, where: str, languages: Sequence[str]
) -> dict[str, Any] | None:
    """The question's members, or None and a finding with what is wrong with it."""
    at = f"{where} › {shortened(question.prompt, 60) or question.id}"
    members = _in_all_languages(question, names.new(slug(question.id), "q"), languages)
    fields = Fields(Path(), "", members, tuple(languages))
    read_question(fields)
    if fields.problems:
        shelf.find(Outcome.DROPPED, at, question.kind, f"{fields.problems[0]}.".removeprefix("."))
        return None
    return members | _picture(question, shelf, at)


def _in_all_languages(question: Question, name: str, languages: Sequence[str]) -> dict[str, Any]:
    members: Any = _members(question, name)
    for language in languages[1:]:
        if language in question.translations:
            other = _members(question.translations[language], name)
            members = merged(members, other, languages[0], language)
    return dict(members)


def merged(one: Any, other: Any, first: str, language: str) -> Any:
    """The same thing in one more language: texts by language, and what is accepted from either."""
    if isinstance(one, dict) and isinstance(other, dict):
        return {name: _joined(name, value, other.get(name), first, language) for name, value in one.items()}
    return one


def _joined(name: str, value: Any, other: Any, first: str, language: str) -> Any:
    if name in TEXTS and other:
        return {**(value if isinstance(value, dict) else {first: value}), language: other}
    if name == "accept" and other:
        return list(dict.fromkeys([*value, *other]))
    if isinstance(value, list) and isinstance(other, list) and len(value) == len(other):
        return [merged(each, its, first, language) for each, its in zip(value, other, strict=True)]
    return value


def _members(question: Question, name: str) -> dict[str, Any]:
    members: dict[str, Any] = {"id": name, "kind": question.kind, "prompt": tidy(question.prompt)}
    if question.kind != "free_text":
        members["points"] = question.points
    members |= OWN[question.kind](question) if question.kind in OWN else {}
    if question.feedback:
        members["feedback"] = tidy(question.feedback)
    return members


def _picture(question: Question, shelf: Shelf, where: str) -> dict[str, Any]:
    if not question.picture:
        return {}
    if not shelf.package.has(question.picture):
        shelf.find(
            Outcome.BROKEN, where, "picture", f"its picture {question.picture} is not in the package.", question.picture
        )
        return {}
    path = shelf.put_picture(where, question.picture)
    # Packing wants a description; where the source has none, the question itself says most of what is seen.
    return {"picture": path, "picture_alt": tidy(question.picture_alt or question.prompt)[:300]} if path else {}


def _choices(question: Question) -> dict[str, Any]:
    return {"choices": [_choice(index, choice) for index, choice in enumerate(question.choices, 1)]}


def _choice(index: int, choice: Choice) -> dict[str, Any]:
    members: dict[str, Any] = {"id": f"c{index}", "text": tidy(choice.text)}
    if choice.correct:
        members["correct"] = True
    if choice.feedback:
        members["feedback"] = tidy(choice.feedback)
    return members


def _number(question: Question) -> dict[str, Any]:
    """A number may stand without its unit: most learners leave it out."""
    members: dict[str, Any] = {"answer": question.answer, "tolerance": question.tolerance or "0"}
    return members | ({"unit": {question.unit: "1", "": "1"}} if question.unit else {})


def _accept(question: Question) -> dict[str, Any]:
    return {"accept": [tidy(text) for text in dict.fromkeys(question.accept)]}


def _items(question: Question) -> dict[str, Any]:
    return {"items": [{"id": f"i{index}", "text": tidy(text)} for index, text in enumerate(question.items, 1)]}


def _pairs(question: Question) -> dict[str, Any]:
    return {"pairs": [_pair(index, pair) for index, pair in enumerate(question.pairs, 1)]}


def _pair(index: int, pair: Pair) -> Mapping[str, str]:
    match = {"match": tidy(pair.match)}
    return {"id": f"p{index}", "text": tidy(pair.item)} | match if pair.item else match


def _rubric(question: Question) -> dict[str, Any]:
    return {"rubric": [{"id": "r1", "text": tidy(question.rubric) or SOME_RUBRIC, "points": question.points}]}


OWN = {
    "single_choice": _choices,
    "multiple_choice": _choices,
    "numeric": _number,
    "short_text": _accept,
    "ordering": _items,
    "matching": _pairs,
    "free_text": _rubric,
}
