"""A learner's attempts, question by question, for the trainer: prompts, answers, what was right, what it is worth."""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from sqlmodel import Session

from server.courses.outline import Outline, Outlines
from server.grading.attempts import AS_TOLD
from server.grading.regrading import Left, left
from server.grading.rulings import Assessment
from server.pictures import states
from server.shapes.common import Text
from server.shapes.learners import AnsweredChoice, AnsweredQuestion, AttemptRow, Criterion, Placed
from server.tables import Attempt, AttemptState, PictureState, QuizKey, Release

TOLD_STATES = (AttemptState.GRADED, AttemptState.EXCESS, AttemptState.REFUSED)
SHA256 = re.compile(r"\A[0-9a-f]{64}\Z")


def shapes(session: Session, attempts: Sequence[Attempt], outline: Outline, outlines: Outlines) -> list[AttemptRow]:
    again = left(session.connection(), attempts[0].organisation_id) if attempts else {}
    return [_shape(session, attempt, outline, outlines, again) for attempt in attempts]


def _shape(
    session: Session, attempt: Attempt, outline: Outline, outlines: Outlines, again: Mapping[Assessment, Left]
) -> AttemptRow:
    remaining = again.get(Assessment(attempt.organisation_id, attempt.course_id, attempt.activity_id))
    return AttemptRow(
        hash=attempt.hash.hex(),
        activity=attempt.activity_id,
        title=outline.title_of(attempt.activity_id),
        release=attempt.release,
        number=attempt.number,
        state=attempt.state,
        reason=attempt.reason,
        score=attempt.score,
        score_max=attempt.score_max,
        passed=attempt.passed,
        counts=attempt.counts,
        regrading=remaining is not None and attempt.learner_id > remaining.after_learner,
        started_ms=attempt.started_s * 1000,
        ended_ms=attempt.ended_s * 1000,
        received_ms=attempt.received_ms,
        device=attempt.device_id,
        questions=_questions(session, attempt, outlines),
    )


def _questions(session: Session, attempt: Attempt, outlines: Outlines) -> list[AnsweredQuestion]:
    """From the quiz of the very release that was answered. Of an unknown one only the answers can be shown."""
    kept = session.get(QuizKey, (attempt.organisation_id, attempt.course_id, attempt.release, attempt.activity_id))
    quiz_object = kept.quiz_object if kept else _published(session, attempt, outlines)
    if not quiz_object:
        return [_bare(name, answer) for name, answer in attempt.answers.items()]
    asked, key = outlines.quiz(quiz_object)["questions"], kept.key if kept else {}
    earned = _earned(asked, attempt)
    pictures = _pictures(session, asked, attempt)
    return [
        _question(question, key.get(question["id"], {}), attempt, earned.get(question["id"], {}), pictures)
        for question in asked
    ]


def _published(session: Session, attempt: Attempt, outlines: Outlines) -> str:
    """The quiz without its key, as a hub has it."""
    release = session.get(Release, (attempt.organisation_id, attempt.course_id, attempt.release))
    activities = outlines.of(release.root).graded() if release else []
    return next((one.quiz.object for one in activities if one.id == attempt.activity_id and one.quiz), "")


def _earned(asked: Sequence[dict[str, Any]], attempt: Attempt) -> dict[str, dict[str, Any]]:
    """By question. A grade that came from an upstream tells the points of all in the quiz's order; while a person looks
    at the attempt, it does not say at which question."""
    by_id = {entry["id"]: entry for entry in attempt.questions}
    told = by_id.pop(AS_TOLD, None)
    if told is None or attempt.state not in TOLD_STATES or len(told["points"]) != len(asked):
        return by_id
    comments = told["comments"]
    pairs = zip(asked, told["points"], strict=True)
    return {one["id"]: {"points": points, "comment": comments.get(one["id"], "")} for one, points in pairs}


def _pictures(session: Session, asked: Sequence[dict[str, Any]], attempt: Attempt) -> Mapping[str, PictureState]:
    """By question: whether the picture that it was answered with has come."""
    answers = {one["id"]: attempt.answers.get(one["id"]) for one in asked if one["kind"] == "picture"}
    named = {question: name for question, name in answers.items() if isinstance(name, str) and SHA256.search(name)}
    known = states(session, attempt.learner_id, named.values()) if named else {}
    return {question: known.get(name, PictureState.COMING) for question, name in named.items()}


def _bare(name: str, answer: Any) -> AnsweredQuestion:
    return AnsweredQuestion(id=name, kind="unknown", prompt={}, answer=answer, points=0, points_max=0)


def _question(
    question: dict[str, Any],
    key: dict[str, Any],
    attempt: Attempt,
    earned: dict[str, Any],
    pictures: Mapping[str, PictureState],
) -> AnsweredQuestion:
    answer = attempt.answers.get(question["id"])
    return AnsweredQuestion(
        id=question["id"],
        kind=question["kind"],
        prompt=question["prompt"],
        answer=answer,
        choices=_choices(question, key, answer),
        placed=_placed(question, key, answer),
        picture=pictures.get(question["id"]),
        expected=_expected(key),
        rubric=[
            Criterion(id=one["id"], text=one["text"], points=1000 * one["points"]) for one in key.get("rubric", ())
        ],
        points=earned.get("given", earned.get("points", 0)),
        points_max=1000 * question["points"] if earned else 0,
        waits=earned.get("waits", False) and "given" not in earned,
        voided=earned.get("voided", False),
        comment=earned.get("comment", ""),
    )


def _choices(question: dict[str, Any], key: dict[str, Any], answer: Any) -> list[AnsweredChoice]:
    chosen = answer if isinstance(answer, list) else [answer]
    correct = key.get("correct")
    return [
        AnsweredChoice(
            id=choice["id"],
            text=choice["text"],
            chosen=choice["id"] in chosen,
            correct=None if correct is None else choice["id"] in correct,
        )
        for choice in question.get("choices", ())
    ]


def _placed(question: dict[str, Any], key: dict[str, Any], answer: Any) -> list[Placed]:
    """What was put in order, or matched; nothing of an answer that is of another form."""
    given = [part for part in answer if isinstance(part, str)] if isinstance(answer, list) else []
    items = {item["id"]: item["text"] for item in question.get("items", ())}
    matches = {match["id"]: match["text"] for match in question.get("matches", ())}
    if matches:
        return _matched(items, matches, key.get("pairs"), given)
    return _ordered(items, key.get("order"), given)


def _ordered(items: dict[str, Text], order: list[str] | None, given: list[str]) -> list[Placed]:
    """In the learner's order; right: it follows what it should follow."""
    neighbours = set(pairwise(["", *(order or ())]))
    return [
        Placed(text=items[name], right=None if order is None else (before, name) in neighbours)
        for before, name in pairwise(["", *given])
        if name in items
    ]


def _matched(
    items: dict[str, Text], matches: dict[str, Text], pairs: dict[str, str] | None, given: list[str]
) -> list[Placed]:
    chosen = dict(pair.split("=", 1) for pair in given if "=" in pair)
    return [
        Placed(text=text, match=matches.get(chosen.get(name, "")), right=_is_match(pairs, name, chosen))
        for name, text in items.items()
    ]


def _is_match(pairs: dict[str, str] | None, name: str, chosen: dict[str, str]) -> bool | None:
    return None if pairs is None else chosen.get(name) == pairs.get(name)


def _expected(key: dict[str, Any]) -> str:
    if "answer" in key:
        tolerance = key.get("tolerance", "0")
        unit = next((name for name, factor in key.get("units", {}).items() if factor == "1"), "")
        wanted = str(key["answer"]) if tolerance == "0" else f"{key['answer']} ± {tolerance}"
        return f"{wanted} {unit}".strip()
    return " / ".join(key.get("accept", ()))
