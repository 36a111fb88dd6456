"""Reads a course folder. Either the whole course, or every problem with it at once."""

from collections import Counter
from pathlib import Path

from offline_bundles.course.fields import LANGUAGE, Fields, read_yaml
from offline_bundles.course.model import KINDS, TIERS, Activity, Course, Lesson
from offline_bundles.course.quizzes import read_quiz
from offline_bundles.errors import BrokenCourse, Problem
from offline_bundles.forms import NUMBER_MAX

COURSE_FILE = "course.yaml"
COURSE_MEMBERS = ("id", "title", "description", "languages", "licence", "attribution", "floor", "expires", "lessons")
ACTIVITY_MEMBERS = ("id", "kind", "tier", "title", "source", "captions")


def read_course(folder: Path) -> Course:
    """Raises `BrokenCourse` with all that is wrong."""
    problems: list[Problem] = []
    if not folder.is_dir():
        raise BrokenCourse([Problem(str(folder), "is no folder. Give the folder that holds course.yaml.")])
    values = read_yaml(folder / COURSE_FILE, folder, problems)
    if problems:
        raise BrokenCourse(problems)
    course = _course(Fields(folder, COURSE_FILE, values, problems=problems))
    _check_unique(course, problems)
    if problems:
        raise BrokenCourse(problems)
    return course


def _course(top: Fields) -> Course:
    top.only(*COURSE_MEMBERS)
    languages = tuple(top.strings("languages"))
    for language in languages:
        if not LANGUAGE.fullmatch(language):
            top.complain(f"{language!r} is no language tag such as en or pt-BR", "languages")
    fields = top.speaking(languages)
    return Course(
        id=fields.name(),
        title=fields.text("title"),
        description=fields.text("description", needed=False),
        languages=languages,
        licence=fields.plain("licence"),
        attribution=fields.plain("attribution"),
        lessons=tuple(_lesson(child) for child in fields.children("lessons")),
        floor=fields.whole("floor", 1, NUMBER_MAX),
        expires=fields.day("expires"),
    )


def _lesson(fields: Fields) -> Lesson:
    fields.only("id", "title", "activities")
    return Lesson(fields.name(), fields.text("title"), tuple(_activity(one) for one in fields.children("activities")))


def _activity(fields: Fields) -> Activity:
    fields.only(*ACTIVITY_MEMBERS)
    kind = fields.choice("kind", KINDS)
    sources = fields.files("source")
    if kind != "page" and len(sources) > 1:
        fields.complain(f"a {kind} has one file for all languages", "source")
    if kind != "video" and "captions" in fields.values:
        fields.complain("only a video has captions", "captions")
    return Activity(
        id=fields.name(),
        kind=kind,
        tier=fields.choice("tier", TIERS, "important" if kind == "video" else "essential"),
        title=fields.text("title"),
        sources=sources,
        captions=fields.files("captions", needed=False, spoken=False) if kind == "video" else {},
        quiz=read_quiz(next(iter(sources.values())), fields) if kind == "quiz" and sources else None,
    )


def _check_unique(course: Course, problems: list[Problem]) -> None:
    lessons = Counter(lesson.id for lesson in course.lessons if lesson.id)
    activities = Counter(activity.id for activity in course.activities if activity.id)
    for what, counts in (("lesson", lessons), ("activity", activities)):
        for name, count in counts.items():
            if count > 1:
                problems.append(Problem(COURSE_FILE, f"the {what} id {name} stands {count} times. Give each its own."))
