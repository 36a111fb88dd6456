"""Which quizzes of an imported course count, and what it costs that one no longer does."""

import pytest

from offline_bundles.importing.grading import Grading, graded_as
from offline_bundles.importing.imported import ImportedCourse, Lesson, Page, Question, Quiz

NUMBER = Question("q", "numeric", "Two and two?", answer="4")
ESSAY = Question("e", "free_text", "Why?", rubric="a reason")
PRACTICE, EXAM = Quiz("p", "Try it", (NUMBER,)), Quiz("x", "Exam", (NUMBER, ESSAY), graded=True, attempts=2)
COURSE = ImportedCourse("test", "c", "Course", "en", (Lesson("l", "L", (Page("i", "Intro", "Hi"), PRACTICE, EXAM)),))


@pytest.mark.parametrize(
    ("grading", "graded"), [(Grading.AS_THERE, ["x"]), (Grading.ALL, ["p", "x"]), (Grading.NONE, [])]
)
def test_which_quizzes_count_can_be_chosen(grading: Grading, graded: list[str]) -> None:
    course = graded_as(COURSE, grading)

    assert [one.id for one in course.activities] == ["i", "p", "x"]
    assert [one.id for one in course.activities if isinstance(one, Quiz) and one.graded] == graded


def test_that_nobody_reads_an_essay_any_more_is_said() -> None:
    assert [(one.where, one.kind) for one in graded_as(COURSE, Grading.NONE).findings] == [("Exam", "quiz")]
    assert graded_as(COURSE, Grading.ALL).findings == ()
