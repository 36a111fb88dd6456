"""How each question of a quiz went: what a trainer looks at to see which question misled."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from sqlmodel import Session, col, select

from server import errors
from server.courses import releases
from server.courses.outline import Outlines, nothing_published
from server.grading.regrading import NOTHING_LEFT, left
from server.grading.rulings import Assessment
from server.shapes.grading import AssessmentItems, ChosenChoice, ItemResult
from server.tables import Attempt, QuizKey


def of_assessment(session: Session, at: Assessment, outlines: Outlines) -> AssessmentItems:
    """By release: the same question may have been mended from one to the next. Raises `NotFound`."""
    keys = session.exec(
        select(QuizKey)
        .where(
            QuizKey.organisation_id == at.organisation,
            QuizKey.course_id == at.course,
            QuizKey.activity_id == at.activity,
        )
        .order_by(col(QuizKey.number).desc())
    ).all()
    if not keys:
        raise errors.NotFound("graded quiz", at.activity, "Look at the course's results for its quizzes.")
    newest = releases.newest_published(session, at.organisation).get(at.course)
    outline = outlines.of(newest.root) if newest else nothing_published(at.course)
    attempts = _attempts(session, at)
    items = [
        _item(question, key, [one for one in attempts if one.release == key.number])
        for key in keys
        for question in outlines.quiz(key.quiz_object)["questions"]
    ]
    return AssessmentItems(
        course=at.course,
        activity=at.activity,
        title=outline.title_of(at.activity),
        regrading=left(session.connection(), at.organisation).get(at, NOTHING_LEFT).attempts,
        items=[item for item in items if item.attempts],
    )


def _attempts(session: Session, at: Assessment) -> list[Attempt]:
    found = select(Attempt).where(
        Attempt.organisation_id == at.organisation,
        Attempt.course_id == at.course,
        Attempt.activity_id == at.activity,
        col(Attempt.graded_ms).is_not(None),
    )
    return list(session.exec(found))


def _item(question: dict[str, Any], key: QuizKey, attempts: Iterable[Attempt]) -> ItemResult:
    name = question["id"]
    entries = [(one, entry) for one in attempts for entry in one.questions if entry["id"] == name]
    given = [entry.get("given", entry["points"]) for _, entry in entries]
    answers = [one.answers[name] for one, _ in entries if one.answers.get(name) is not None]
    return ItemResult(
        release=key.number,
        question=name,
        kind=question["kind"],
        prompt=question["prompt"],
        attempts=len(entries),
        answered=len(answers),
        right=sum(points == entry["max"] for points, (_, entry) in zip(given, entries, strict=True)),
        waiting=sum(entry.get("waits", False) and "given" not in entry for _, entry in entries),
        points=sum(given),
        points_max=sum(entry["max"] for _, entry in entries),
        voided=any(entry.get("voided", False) for _, entry in entries),
        chosen=_chosen(question, key.key.get(name, {}).get("correct"), answers),
    )


def _chosen(question: dict[str, Any], correct: list[str] | None, answers: Iterable[Any]) -> list[ChosenChoice]:
    """Only choices that the question has: an answer may hold anything."""
    counted = Counter(
        choice
        for answer in answers
        for choice in (answer if isinstance(answer, list) else [answer])
        if isinstance(choice, str)
    )
    return [
        ChosenChoice(
            id=choice["id"],
            text=choice["text"],
            count=counted[choice["id"]],
            correct=None if correct is None else choice["id"] in correct,
        )
        for choice in question.get("choices", ())
    ]
