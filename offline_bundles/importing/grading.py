"""Which quizzes of an imported course count. By default those that counted where the course comes from."""

from dataclasses import replace
from enum import StrEnum

from offline_bundles.importing.imported import Activity, Finding, ImportedCourse, Outcome, Quiz


class Grading(StrEnum):
    AS_THERE = "as-there"
    ALL = "all"
    NONE = "none"


def graded_as(course: ImportedCourse, grading: Grading) -> ImportedCourse:
    """The course with other quizzes graded; what that costs is among its findings."""
    if grading is Grading.AS_THERE:
        return course
    is_graded = grading is Grading.ALL
    findings = () if is_graded else tuple(_unread(course))
    lessons = tuple(
        replace(lesson, activities=tuple(_graded(activity, is_graded) for activity in lesson.activities))
        for lesson in course.lessons
    )
    return replace(course, lessons=lessons, findings=(*course.findings, *findings))


def _graded(activity: Activity, is_graded: bool) -> Activity:
    return replace(activity, graded=is_graded) if isinstance(activity, Quiz) else activity


def _unread(course: ImportedCourse) -> list[Finding]:
    """Practice is judged on the phone alone, which cannot read."""
    why = "as practice, as you asked with --graded none, nobody reads the answers that are written in it."
    return [
        Finding(Outcome.DEGRADED, quiz.title or quiz.id, "quiz", why)
        for quiz in course.activities
        if isinstance(quiz, Quiz) and quiz.graded and any(one.kind == "free_text" for one in quiz.questions)
    ]
