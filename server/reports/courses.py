"""Courses with their releases, and the table of a course's results."""

from collections import defaultdict

from sqlalchemy import func
from sqlmodel import Session, col, select

from conflict import grades
from conflict.grades import Said, said
from server.courses import releases
from server.courses.outline import ActivityOutline, Outlines
from server.grading.regrading import NOTHING_LEFT, left
from server.grading.rulings import Assessment, ruling_of
from server.reports import progress
from server.shapes.common import Named
from server.shapes.courses import CourseResults, CourseRow, QuizColumn, ResultCell, ResultRow
from server.tables import Attempt, AttemptState, Course, Enrolment, Learner, Release, ReleaseState, Ruling

NOTHING_SAID = Said()


def rows(session: Session, organisation_id: str) -> list[CourseRow]:
    courses = session.exec(select(Course).where(Course.organisation_id == organisation_id).order_by(col(Course.id)))
    packed = session.exec(
        select(Release).where(Release.organisation_id == organisation_id).order_by(col(Release.number).desc())
    )
    by_course: defaultdict[str, list[Release]] = defaultdict(list)
    for release in packed:
        by_course[release.course_id].append(release)
    enrolled = _enrolled(session, organisation_id)
    return [_row(course, by_course[course.id], enrolled.get(course.id, 0)) for course in courses]


def _enrolled(session: Session, organisation_id: str) -> dict[str, int]:
    counted = session.exec(
        select(Enrolment.course_id, func.count())
        .where(Enrolment.organisation_id == organisation_id)
        .group_by(col(Enrolment.course_id))
    )
    return dict(counted.all())


def _row(course: Course, packed: list[Release], learners: int) -> CourseRow:
    published = [release.number for release in packed if release.state is ReleaseState.PUBLISHED]
    return CourseRow(
        id=course.id,
        title=course.title,
        newest=max(published, default=None),
        learners=learners,
        releases=[releases.shape(release) for release in packed],
    )


def results(session: Session, organisation_id: str, course_id: str, outlines: Outlines) -> CourseResults:
    course = releases.course(session, organisation_id, course_id)
    learners = session.exec(
        select(Learner)
        .join(Enrolment, col(Enrolment.learner_id) == col(Learner.id))
        .where(Enrolment.course_id == course_id, Learner.organisation_id == organisation_id)
        .order_by(func.lower(Learner.name), col(Learner.id))
    ).all()
    known = progress.of_learners(session, organisation_id, [learner.id for learner in learners], outlines)
    quizzes = known.outline(course_id).graded()
    words = _words(session, organisation_id, course_id)
    again = left(session.connection(), organisation_id)
    return CourseResults(
        course=course_id,
        title=course.title,
        quizzes=[
            _column(quiz, again.get(Assessment(organisation_id, course_id, quiz.id), NOTHING_LEFT).attempts)
            for quiz in quizzes
        ],
        learners=[
            ResultRow(
                learner=Named(id=learner.id, name=learner.name),
                cells=[
                    _cell(
                        quiz,
                        known.attempts.get((learner.id, course_id), []),
                        words.get((learner.id, quiz.id), NOTHING_SAID),
                    )
                    for quiz in quizzes
                ],
            )
            for learner in learners
        ],
    )


def _column(activity: ActivityOutline, regrading: int) -> QuizColumn:
    quiz = activity.quiz
    return QuizColumn(
        activity=activity.id,
        title=activity.title,
        score_max=quiz.score_max if quiz else 0,
        pass_mark=quiz.pass_mark if quiz else 0,
        regrading=regrading,
    )


def _words(session: Session, organisation_id: str, course_id: str) -> dict[tuple[str, str], Said]:
    """What trainers said of whole assessments, by learner and activity."""
    rows = session.exec(
        select(Ruling).where(
            Ruling.organisation_id == organisation_id, Ruling.course_id == course_id, Ruling.learner_id != ""
        )
    )
    by_place: defaultdict[tuple[str, str], list[grades.Ruling]] = defaultdict(list)
    for row in rows:
        by_place[row.learner_id, row.activity_id].append(ruling_of(row))
    return {place: said(words) for place, words in by_place.items()}


def _cell(activity: ActivityOutline, attempts: list[Attempt], words: Said) -> ResultCell | None:
    tried = [attempt for attempt in attempts if attempt.activity_id == activity.id]
    if activity.quiz is None or not (tried or words.excused or words.score is not None):
        return None
    counts = progress.counting(tried)
    most = counts.score_max if counts else activity.quiz.score_max
    score = counts.score if counts else 0 if words.excused else min(words.score or 0, most)
    return ResultCell(
        attempts=len(tried),
        state=progress.worst_state(tried) if tried else AttemptState.GRADED,
        score=score,
        score_max=most,
        passed=counts.passed if counts else _reaches(score, most, activity.quiz.pass_mark, words),
        excused=words.excused,
        given=words.score is not None,
    )


def _reaches(score: int, most: int, pass_mark: int, words: Said) -> bool:
    return not words.excused and most > 0 and score * 100 >= pass_mark * most
