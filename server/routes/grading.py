"""What waits for a trainer to say something of it, and what she says."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from conflict.grades import Word
from server import errors
from server.courses.quizzes import Quizzes
from server.grading import saying
from server.grading.attempts import Sitting
from server.grading.overruling import overrule
from server.grading.rulings import Assessment
from server.grading.source import QuizSource
from server.people import learners
from server.problems import refusals
from server.reports import items, reviews, rulings
from server.routes.given import Given, Page, Reading, SameOrigin, Trainer, Writing
from server.shapes.grading import (
    AssessmentItems,
    Decision,
    Excuse,
    ExtraAttempts,
    GivenScore,
    Marks,
    Overruling,
    Regraded,
    ReviewPage,
    RulingPage,
    Voiding,
)
from server.shapes.learners import AttemptRow

router = APIRouter(prefix="/v1", tags=["trainer"], responses=refusals(errors.NotSignedIn))
changes = APIRouter(dependencies=[SameOrigin], responses=refusals(errors.CrossOrigin, errors.NotFound))
_FITTING = refusals(errors.DoesNotFit)

LearnerId = Annotated[str, Path(max_length=32, examples=["9f1c2b7d5e3a4811"])]
Course = Annotated[str, Path(max_length=48, examples=["water-and-health"])]
QuizId = Annotated[str, Path(max_length=48, examples=["exam"])]
AttemptHash = Annotated[str, Path(max_length=64, description="Of the sealed record, hexadecimal.")]


def _quizzes(parts: Given) -> QuizSource:
    return Quizzes(parts.database, parts.objects.read)


Quizzed = Annotated[QuizSource, Depends(_quizzes)]


def _sitting(learner: LearnerId, course: Course, quiz: QuizId, who: Trainer, session: Writing) -> Sitting:
    found = learners.one(session, who.organisation_id, learner)
    return Sitting(who.organisation_id, found.id, course, quiz)


Asked = Annotated[Sitting, Depends(_sitting)]


@router.get("/reviews")
def list_reviews(
    who: Trainer,
    parts: Given,
    session: Reading,
    page: Page,
    course: Annotated[str, Query(max_length=48, description="Only attempts in this course.")] = "",
) -> ReviewPage:
    """Attempts that wait for a person: texts to read, late work, what no machine can decide. The oldest first."""
    return reviews.page(session, who.organisation_id, page, course, parts.outlines)


@changes.post("/learners/{learner}/attempts/{attempt}/marks", responses=_FITTING)
def give_marks(
    learner: LearnerId,
    attempt: AttemptHash,
    marks: Marks,
    who: Trainer,
    parts: Given,
    session: Writing,
    quizzes: Quizzed,
) -> AttemptRow:
    """Gives points for a free text by its rubric. Given again they replace the earlier ones; both stay in the audit."""
    found = saying.attempt(session, who, learner, attempt)
    saying.give_marks(session, who, found, marks, quizzes)
    return reviews.attempt(session, found, parts.outlines)


@changes.post("/learners/{learner}/attempts/{attempt}/decision", responses=_FITTING)
def decide(
    learner: LearnerId,
    attempt: AttemptHash,
    decision: Decision,
    who: Trainer,
    parts: Given,
    session: Writing,
    quizzes: Quizzed,
) -> AttemptRow:
    """Lets an attempt count that is held, late or over the limit, or refuses it. It is kept either way."""
    found = saying.attempt(session, who, learner, attempt)
    saying.decide(session, who, found, decision, quizzes)
    return reviews.attempt(session, found, parts.outlines)


@changes.post("/learners/{learner}/courses/{course}/assessments/{quiz}/score", status_code=204, response_class=Response)
def give_score(given: GivenScore, at: Asked, who: Trainer, session: Writing, quizzes: Quizzed) -> None:
    """Gives a score that outranks the machine's, or takes it back."""
    saying.speak(session, who, at, Word.SCORE, given.score, given.reason, quizzes)


@changes.post(
    "/learners/{learner}/courses/{course}/assessments/{quiz}/excuse", status_code=204, response_class=Response
)
def excuse(given: Excuse, at: Asked, who: Trainer, session: Writing, quizzes: Quizzed) -> None:
    """Excuses a learner from a quiz, so that nothing of it counts, or takes that back."""
    saying.speak(session, who, at, Word.EXCUSED, given.excused, given.reason, quizzes)


@changes.post(
    "/learners/{learner}/courses/{course}/assessments/{quiz}/extra-attempts", status_code=204, response_class=Response
)
def grant_attempts(given: ExtraAttempts, at: Asked, who: Trainer, session: Writing, quizzes: Quizzed) -> None:
    """Grants attempts over the quiz's limit. What was handed in over the limit already may count with them."""
    saying.speak(session, who, at, Word.EXTRA, given.attempts, given.reason, quizzes)


@changes.post("/courses/{course}/assessments/{quiz}/voided")
def void_question(course: Course, quiz: QuizId, voiding: Voiding, who: Trainer, session: Writing) -> Regraded:
    """Voids a question: everyone has its full points, all attempts are regraded, and every phone is told."""
    where = Assessment(who.organisation_id, course, quiz)
    return Regraded(attempts=saying.void(session, who, where, voiding))


@router.get("/courses/{course}/assessments/{quiz}/items", responses=refusals(errors.NotFound))
def read_items(course: Course, quiz: QuizId, who: Trainer, parts: Given, session: Reading) -> AssessmentItems:
    """How each question of a quiz went: who answered, who was right, what was chosen."""
    return items.of_assessment(session, Assessment(who.organisation_id, course, quiz), parts.outlines)


@router.get("/rulings")
def list_rulings(
    who: Trainer,
    session: Reading,
    page: Page,
    course: Annotated[str, Query(max_length=48)] = "",
    learner: Annotated[str, Query(max_length=32)] = "",
) -> RulingPage:
    """The audit: every word that a trainer said of grades and conflicts, newest first. None is ever changed."""
    return rulings.page(session, who.organisation_id, page, course=course, learner=learner)


@changes.post(
    "/conflicts/{conflict}/overrule",
    status_code=204,
    response_class=Response,
    responses=refusals(errors.DoesNotFit, errors.Superseded),
)
def overrule_conflict(
    conflict: Annotated[str, Path(max_length=32)], overruling: Overruling, who: Trainer, session: Writing
) -> None:
    """Puts one of the values that met in the place of them all, on every phone. The record keeps both decisions."""
    overrule(session, who, conflict, overruling.survivor, overruling.reason)


router.include_router(changes)
