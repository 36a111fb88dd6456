"""What a trainer does: enrols learners, reads their pages, publishes releases, reads results."""

from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Depends, Path, Query, Response

from server import errors
from server.courses import publishing
from server.people import enrolling, learners
from server.problems import refusals
from server.reports import courses as course_reports
from server.reports import learner as learner_report
from server.reports import learners as learner_list
from server.reports import results as course_results
from server.routes import carried, class_lists, packing
from server.routes.given import Given, Page, Reading, SameOrigin, Trainer, Writing
from server.routes.tables import FILE, SEARCH, saved
from server.shapes.courses import CourseResults, CourseRow, PackedReleaseRow, QuizStanding, ResultOrder
from server.shapes.learners import (
    EnrolmentChange,
    Invitation,
    InvitedLearner,
    LearnerDetail,
    LearnerOrder,
    LearnerPage,
    NewLearner,
)

router = APIRouter(prefix="/v1", tags=["trainer"], responses=refusals(errors.NotSignedIn))
changes = APIRouter(dependencies=[SameOrigin], responses=refusals(errors.CrossOrigin))
_MISSING = refusals(errors.NotFound)

RELEASES_MAX = 2**31 - 1  # what a database's integer holds
ReleaseNumber = Annotated[int, Path(ge=1, le=RELEASES_MAX, examples=[2])]
LearnerId = Annotated[str, Path(max_length=32, examples=["9f1c2b7d5e3a4811"])]


@router.get("/learners")
def list_learners(
    who: Trainer,
    parts: Given,
    session: Reading,
    page: Page,
    search: Annotated[str, SEARCH, Query(description="Part of a name.")] = "",
    course: Annotated[str, Query(max_length=48, description="Only who is enrolled in this course.")] = "",
    order: LearnerOrder = LearnerOrder.NAME,
    descending: bool = False,
) -> LearnerPage:
    """Learners with how far they are, when they were last heard, and what waits on their phones."""
    asked = learner_list.Question(search=search, course=course, order=order, descending=descending)
    return learner_list.page(session, who.organisation_id, asked, page, parts.outlines)


@changes.post("/learners", status_code=201, responses=refusals(errors.NotFound))
def add_learner(new: NewLearner, who: Trainer, parts: Given, session: Writing) -> InvitedLearner:
    """Makes a learner, enrols her, and gives the code that her phone joins with."""
    learner = learners.add(session, who.organisation_id, new)
    enrolling.enrol(session, learner, new.courses, parts.outlines)
    invitation = parts.inviting.invite(session, learner)
    return InvitedLearner(learner=learner_list.row(session, learner, parts.outlines), invitation=invitation)


@changes.post("/learners/{learner}/join-codes", status_code=201, responses=_MISSING)
def add_join_code(learner: LearnerId, who: Trainer, parts: Given, session: Writing) -> Invitation:
    """Another code for the same learner: a new phone, or a second one. Earlier codes stay good until they expire."""
    return parts.inviting.invite(session, learners.one(session, who.organisation_id, learner))


@router.get("/learners/{learner}", responses=_MISSING)
def read_learner(learner: LearnerId, who: Trainer, parts: Given, session: Reading) -> LearnerDetail:
    """One learner's page: each activity as all her phones agree on it, attempts, conflicts, devices."""
    found = learners.one(session, who.organisation_id, learner)
    return learner_report.detail(session, found, parts.outlines)


@changes.post("/learners/{learner}/enrolments", status_code=204, responses=_MISSING, response_class=Response)
def change_enrolment(learner: LearnerId, change: EnrolmentChange, who: Trainer, parts: Given, session: Writing) -> None:
    """Enrols a learner in a course, or ends it. Her phones hear of it at their next exchange."""
    found = learners.one(session, who.organisation_id, learner)
    enrolling.change(session, found, change, parts.outlines)


@router.get("/courses")
def list_courses(who: Trainer, session: Reading) -> list[CourseRow]:
    """Courses with their releases, newest first, and the report of each packing."""
    return course_reports.rows(session, who.organisation_id)


@changes.post("/courses/{course}/releases/{number}/publish", responses=refusals(errors.NotFound, errors.OnlyForward))
def publish(
    course: str, number: ReleaseNumber, who: Trainer, parts: Given, session: Writing, later: BackgroundTasks
) -> PackedReleaseRow:
    """Tells every enrolled phone of a release, at its next exchange. Only forward; again changes nothing."""
    published = publishing.publish(session, who.organisation_id, course, number, parts.outlines)
    later.add_task(parts.readying.ready, published.root)
    return published


def _question(
    search: Annotated[str, SEARCH, Query(description="Part of a name.")] = "",
    standing: Annotated[QuizStanding | None, Query(description="Only who stands so.")] = None,
    quiz: Annotated[str, Query(max_length=48, description="At this quiz; at any, if it is empty.")] = "",
    order: ResultOrder = ResultOrder.NEED,
    descending: bool = False,
) -> course_results.Question:
    return course_results.Question(search=search, standing=standing, quiz=quiz, order=order, descending=descending)


ResultsAsked = Annotated[course_results.Question, Depends(_question)]


@router.get("/courses/{course}/results", responses=_MISSING)
def read_results(
    course: str, who: Trainer, parts: Given, session: Reading, asked: ResultsAsked, page: Page
) -> CourseResults:
    """Learners and graded quizzes, with what counts of each learner's attempts; who needs a trainer comes first."""
    return course_results.page(session, who.organisation_id, course, asked, page, parts.outlines)


@router.get("/courses/{course}/results.csv", response_class=Response, responses={**FILE, **_MISSING})
def save_results(course: str, who: Trainer, parts: Given, session: Reading, asked: ResultsAsked) -> Response:
    """The same table as a file, all of it."""
    return saved("results.csv", course_results.file(session, who.organisation_id, course, asked, parts.outlines))


router.include_router(changes)
router.include_router(carried.router)
router.include_router(class_lists.router)
router.include_router(packing.router)
