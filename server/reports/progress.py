"""How far learners are: activities completed, and the score that counts, for a page of learners at once.

Folded from the survivors by the same rules as on the phone, so that a trainer sees what the learner sees.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from conflict import rules
from server.consumers.documents import survivor_of
from server.courses import releases
from server.courses.outline import Outline, Outlines, nothing_published
from server.shapes.learners import CourseProgress
from server.tables import Attempt, Course, Enrolment, Release, Survivor
from sync.wire import FrameKind

CourseOf = tuple[str, str]  # learner, course


def folded(rows: Iterable[Survivor]) -> dict[str, rules.Folded]:
    """What each key reads as. The rows are of one document."""
    by_key: defaultdict[str, list[rules.Survivor]] = defaultdict(list)
    for row in rows:
        by_key[row.key].append(survivor_of(row))
    return {key: rules.fold(key, survivors) for key, survivors in by_key.items()}


def counting(attempts: Iterable[Attempt]) -> Attempt | None:
    """The attempt whose score counts, of one learner at one quiz, as the grading settled it."""
    return next((attempt for attempt in attempts if attempt.counts), None)


@dataclass(frozen=True)
class Progress:
    """Everything needed to say how far some learners of one organisation are."""

    courses: dict[str, Course]
    newest: dict[str, Release]
    enrolled: dict[str, list[str]]
    completed: dict[CourseOf, set[str]]
    attempts: dict[CourseOf, list[Attempt]]
    outlines: Outlines

    def of(self, learner_id: str) -> list[CourseProgress]:
        return [self.in_course(learner_id, course_id) for course_id in self.enrolled.get(learner_id, ())]

    def in_course(self, learner_id: str, course_id: str) -> CourseProgress:
        outline = self.outline(course_id)
        known = {activity.id for activity in outline.activities()}
        score, score_max = self._score((learner_id, course_id), outline)
        course = self.courses.get(course_id)
        return CourseProgress(
            course=course_id,
            title=course.title if course else {"en": course_id},
            completed=len(self.completed.get((learner_id, course_id), set()) & known),
            total=len(known),
            score=score,
            score_max=score_max,
        )

    def outline(self, course_id: str) -> Outline:
        release = self.newest.get(course_id)
        return self.outlines.of(release.root) if release else nothing_published(course_id)

    def _score(self, where: CourseOf, outline: Outline) -> tuple[int, int]:
        score = score_max = 0
        for activity in outline.graded():
            tried = (each for each in self.attempts.get(where, ()) if each.activity_id == activity.id)
            if best := counting(tried):
                score, score_max = score + best.score, score_max + best.score_max
        return score, score_max


def of_learners(session: Session, organisation_id: str, learner_ids: Sequence[str], outlines: Outlines) -> Progress:
    courses = session.exec(select(Course).where(Course.organisation_id == organisation_id))
    return Progress(
        courses={course.id: course for course in courses},
        newest=releases.newest_published(session, organisation_id),
        enrolled=_enrolled(session, learner_ids),
        completed=_completed(session, learner_ids),
        attempts=_attempts(session, learner_ids),
        outlines=outlines,
    )


def _enrolled(session: Session, learner_ids: Sequence[str]) -> dict[str, list[str]]:
    rows = session.exec(
        select(Enrolment).where(col(Enrolment.learner_id).in_(learner_ids)).order_by(col(Enrolment.course_id))
    )
    enrolled: defaultdict[str, list[str]] = defaultdict(list)
    for row in rows:
        enrolled[row.learner_id].append(row.course_id)
    return enrolled


def _completed(session: Session, learner_ids: Sequence[str]) -> dict[CourseOf, set[str]]:
    rows = session.exec(
        select(Survivor).where(
            col(Survivor.learner_id).in_(learner_ids),
            Survivor.kind == FrameKind.MILESTONES,
            col(Survivor.key).startswith("s/"),
        )
    )
    by_document: defaultdict[CourseOf, list[Survivor]] = defaultdict(list)
    for row in rows:
        by_document[row.learner_id, row.course_id].append(row)
    return {where: _done(folded(document)) for where, document in by_document.items()}


def _done(document: dict[str, rules.Folded]) -> set[str]:
    done = rules.LessonState.COMPLETED
    return {key.removeprefix("s/") for key, fold in document.items() if fold.value == done}


def _attempts(session: Session, learner_ids: Sequence[str]) -> dict[CourseOf, list[Attempt]]:
    rows = session.exec(select(Attempt).where(col(Attempt.learner_id).in_(learner_ids)).order_by(col(Attempt.number)))
    attempts: defaultdict[CourseOf, list[Attempt]] = defaultdict(list)
    for row in rows:
        attempts[row.learner_id, row.course_id].append(row)
    return attempts
