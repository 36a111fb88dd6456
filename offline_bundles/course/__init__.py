"""The course folder: what a person writes, read and checked. docs/bundle-format.md, "What a person writes"."""

from offline_bundles.course.model import Activity, Course, Lesson, Question, Quiz, Text
from offline_bundles.course.reading import read_course

__all__ = ["Activity", "Course", "Lesson", "Question", "Quiz", "Text", "read_course"]
