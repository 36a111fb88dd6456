"""A course's results: how each learner stands at each graded quiz.

Everybody is folded for each page, since the figures, the order by need and the file are about everybody; from a few
columns of each attempt, and only the rows that are shown become shapes. So no figure disagrees with the rows behind it.
1,300 learners: some 30 ms.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import ColumnElement, Row, func, select, true
from sqlmodel import Session, col

from conflict import grades
from conflict.grades import NOTHING_SAID, Said, said
from server.courses import releases
from server.courses.outline import ActivityOutline, Outlines, QuizOutline, nothing_published
from server.grading.regrading import NOTHING_LEFT, left
from server.grading.rulings import Assessment, ruling_of
from server.reports.paging import PageAsked, holds
from server.reports.reviews import WAITING
from server.reports.spreadsheets import written
from server.shapes.common import Named
from server.shapes.courses import (
    CourseResults,
    QuizColumn,
    QuizStanding,
    ResultCell,
    ResultOrder,
    ResultRow,
    StandingCount,
)
from server.tables import Attempt, AttemptState, Course, Enrolment, Learner, Ruling

NEED = {standing: place for place, standing in enumerate(QuizStanding)}
COLUMNS = ("", "_of", "_standing", "_attempts")  # of each quiz, in the file
Place = tuple[str, str]  # learner, activity


@dataclass(frozen=True, slots=True)
class Question:
    """`standing`: only who stands so, at `quiz`, or at any where that is empty. `descending` turns the order round."""

    search: str = ""
    standing: QuizStanding | None = None
    quiz: str = ""
    order: ResultOrder = ResultOrder.NEED
    descending: bool = False


class Tried(NamedTuple):
    """What of an attempt matters here. Its answers, which are most of it, do not."""

    learner_id: str
    activity_id: str
    state: AttemptState
    counts: bool
    passed: bool
    score: int
    score_max: int


class Cell(NamedTuple):
    """One learner at one quiz. Scores are thousandths of a point; None where nothing counts."""

    standing: QuizStanding
    attempts: int
    score: int | None
    score_max: int
    given: bool


class Line(NamedTuple):
    """One learner; `is_found`: her name has what was searched for."""

    learner: Named
    is_found: bool
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Everyone:
    """All who are enrolled, by name."""

    course: Course
    quizzes: Sequence[ActivityOutline]
    lines: Sequence[Line]

    def asked_for(self, asked: Question) -> list[Line]:
        found = [line for line in self.lines if line.is_found]
        if asked.standing is not None:
            places = [place for place, quiz in enumerate(self.quizzes) if asked.quiz in ("", quiz.id)]
            found = [line for line in found if asked.standing in [line.cells[place].standing for place in places]]
        if asked.order is ResultOrder.NEED:
            return sorted(found, key=_need, reverse=asked.descending)
        return found[::-1] if asked.descending else found


def page(
    session: Session, organisation_id: str, course_id: str, asked: Question, at: PageAsked, outlines: Outlines
) -> CourseResults:
    """Raises `NotFound`."""
    everyone = _everyone(session, organisation_id, course_id, asked.search, outlines)
    again = left(session.connection(), organisation_id)
    found = everyone.asked_for(asked)
    return CourseResults(
        course=course_id,
        title=everyone.course.title,
        learners=len(everyone.lines),
        quizzes=[
            _column(
                quiz,
                Counter(line.cells[place].standing for line in everyone.lines),
                again.get(Assessment(organisation_id, course_id, quiz.id), NOTHING_LEFT).attempts,
            )
            for place, quiz in enumerate(everyone.quizzes)
        ],
        items=[_row(line) for line in found[at.offset : at.offset + at.limit]],
        total=len(found),
        offset=at.offset,
        limit=at.limit,
    )


def file(session: Session, organisation_id: str, course_id: str, asked: Question, outlines: Outlines) -> str:
    """All that is asked for, as a spreadsheet opens it. Raises `NotFound`."""
    everyone = _everyone(session, organisation_id, course_id, asked.search, outlines)
    titles = [f"{quiz.id}{column}" for quiz in everyone.quizzes for column in COLUMNS]
    return written(["learner", "learner_id", *titles], map(_written, everyone.asked_for(asked)))


def _everyone(session: Session, organisation_id: str, course_id: str, search: str, outlines: Outlines) -> Everyone:
    course = releases.course(session, organisation_id, course_id)
    newest = releases.newest_published(session, organisation_id).get(course_id)
    graded = (outlines.of(newest.root) if newest else nothing_published(course_id)).graded()
    tried, words = _tried(session, organisation_id, course_id), _words(session, organisation_id, course_id)
    quizzes = [(activity.id, activity.quiz) for activity in graded if activity.quiz]
    lines = [
        Line(
            Named(id=learner, name=name),
            bool(is_found),
            tuple(
                _cell(quiz, tried.get((learner, activity), ()), words.get((learner, activity), NOTHING_SAID))
                for activity, quiz in quizzes
            ),
        )
        for learner, name, is_found in _enrolled(session, organisation_id, course_id, search)
    ]
    return Everyone(course, graded, lines)


def _enrolled(session: Session, organisation_id: str, course_id: str, search: str) -> Sequence[Row[str, str, bool]]:
    is_found: ColumnElement[bool] = holds(col(Learner.name), search) if search else true()
    found = (
        select(col(Learner.id), col(Learner.name), is_found)
        .join(Enrolment, col(Enrolment.learner_id) == col(Learner.id))
        .where(col(Enrolment.course_id) == course_id, col(Learner.organisation_id) == organisation_id)
        .order_by(func.lower(Learner.name), col(Learner.id))
    )
    return session.execute(found).all()


def _tried(session: Session, organisation_id: str, course_id: str) -> dict[Place, list[Tried]]:
    rows = session.execute(
        select(*(getattr(Attempt, name) for name in Tried._fields)).where(
            col(Attempt.organisation_id) == organisation_id, col(Attempt.course_id) == course_id
        )
    )
    tried: defaultdict[Place, list[Tried]] = defaultdict(list)
    for row in map(Tried._make, rows):
        tried[row.learner_id, row.activity_id].append(row)
    return tried


def _words(session: Session, organisation_id: str, course_id: str) -> dict[Place, Said]:
    """What trainers said of whole assessments."""
    rows = session.execute(
        select(Ruling).where(
            col(Ruling.organisation_id) == organisation_id,
            col(Ruling.course_id) == course_id,
            col(Ruling.learner_id) != "",
        )
    ).scalars()
    by_place: defaultdict[Place, list[grades.Ruling]] = defaultdict(list)
    for row in rows:
        by_place[row.learner_id, row.activity_id].append(ruling_of(row))
    return {place: said(words) for place, words in by_place.items()}


def _cell(quiz: QuizOutline, tried: Sequence[Tried], words: Said) -> Cell:
    counts = next((one for one in tried if one.counts), None)
    given = words.score is not None
    if counts:
        score, most, is_passed = counts.score, counts.score_max, counts.passed
        return Cell(_standing(tried, words, is_passed), len(tried), score, most, given)
    if words.score is None or words.excused:
        return Cell(_standing(tried, words, None), len(tried), None, quiz.score_max, given)
    score, most = min(words.score, quiz.score_max), quiz.score_max
    is_passed = most > 0 and score * 100 >= quiz.pass_mark * most
    return Cell(_standing(tried, words, is_passed), len(tried), score, most, given)


def _standing(tried: Sequence[Tried], words: Said, is_passed: bool | None) -> QuizStanding:
    """`is_passed`: with what counts; None where nothing does."""
    if words.excused:
        return QuizStanding.EXCUSED
    if any(one.state in WAITING for one in tried):
        return QuizStanding.WAITING
    if is_passed is None:
        return QuizStanding.NOT_COUNTED if tried else QuizStanding.NOT_TRIED
    return QuizStanding.PASSED if is_passed else QuizStanding.NOT_PASSED


def _need(line: Line) -> list[int]:
    """Who stands worst anywhere comes first; of these who stands worst elsewhere too."""
    return sorted(NEED[cell.standing] for cell in line.cells)


def _column(activity: ActivityOutline, standings: Counter[QuizStanding], regrading: int) -> QuizColumn:
    quiz = activity.quiz
    return QuizColumn(
        activity=activity.id,
        title=activity.title,
        score_max=quiz.score_max if quiz else 0,
        pass_mark=quiz.pass_mark if quiz else 0,
        standings=[StandingCount(standing=standing, count=standings[standing]) for standing in QuizStanding],
        regrading=regrading,
    )


def _row(line: Line) -> ResultRow:
    return ResultRow(learner=line.learner, cells=[ResultCell(**cell._asdict()) for cell in line.cells])


def _written(line: Line) -> list[str | float]:
    cells: list[str | float] = [line.learner.name, line.learner.id]
    for cell in line.cells:
        score = "" if cell.score is None else cell.score / 1000
        cells += (score, cell.score_max / 1000, cell.standing.value, cell.attempts)
    return cells
