"""What a release contains, as the consoles need it: lessons, activities, and what each quiz asks for.

Read from the release's own manifests (docs/bundle-format.md), which are immutable, and kept for the releases that are
looked at.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

RELEASES_KEPT_MAX = 128  # some 20 KB each; more than an organisation's courses

Text = dict[str, str]
ReadObject = Callable[[str], bytes]


@dataclass(frozen=True, slots=True)
class QuizOutline:
    """Scores are thousandths of a point; `pass_mark` is percent."""

    quiz: Literal["practice", "graded"]
    object: str
    score_max: int
    pass_mark: int
    attempts: int | None
    policy: str


@dataclass(frozen=True, slots=True)
class ActivityOutline:
    id: str
    kind: Literal["page", "video", "quiz", "resource"]
    title: Text
    duration_seconds: float | None = None
    quiz: QuizOutline | None = None


@dataclass(frozen=True, slots=True)
class LessonOutline:
    id: str
    title: Text
    activities: tuple[ActivityOutline, ...]


@dataclass(frozen=True, slots=True)
class Outline:
    course: str
    number: int
    title: Text
    description: Text
    languages: tuple[str, ...]
    lessons: tuple[LessonOutline, ...]

    def activities(self) -> Iterator[ActivityOutline]:
        return (activity for lesson in self.lessons for activity in lesson.activities)

    def graded(self) -> list[ActivityOutline]:
        return [each for each in self.activities() if each.quiz and each.quiz.quiz == "graded"]

    def title_of(self, activity_id: str) -> Text:
        return next((each.title for each in self.activities() if each.id == activity_id), {"en": activity_id})


def nothing_published(course: str) -> Outline:
    return Outline(course, 0, {"en": course}, {}, (), ())


class Outlines:
    """Outlines by the root of their release."""

    def __init__(self, read: ReadObject) -> None:
        self._read = read
        self.of = lru_cache(RELEASES_KEPT_MAX)(self._outline)

    def manifest(self, root: str) -> dict[str, Any]:
        """The release manifest."""
        return self._json(root)

    def quiz(self, digest: str) -> dict[str, Any]:
        """The public quiz object."""
        return dict(self._json(digest))

    def _outline(self, root: str) -> Outline:
        manifest = self._json(root)
        lessons = tuple(self._lesson(self._json(entry["manifest"])) for entry in manifest["lessons"])
        return Outline(
            course=manifest["course"],
            number=manifest["number"],
            title=manifest["title"],
            description=manifest["description"],
            languages=tuple(manifest["languages"]),
            lessons=lessons,
        )

    def _lesson(self, manifest: dict[str, Any]) -> LessonOutline:
        activities = tuple(self._activity(entry) for entry in manifest["activities"])
        return LessonOutline(manifest["id"], manifest["title"], activities)

    def _activity(self, entry: dict[str, Any]) -> ActivityOutline:
        duration = entry.get("duration_ms")
        return ActivityOutline(
            id=entry["id"],
            kind=entry["kind"],
            title=entry["title"],
            duration_seconds=duration / 1000 if duration else None,
            quiz=self._quiz(entry) if entry["kind"] == "quiz" else None,
        )

    def _quiz(self, entry: dict[str, Any]) -> QuizOutline:
        quiz = self.quiz(entry["object"])
        return QuizOutline(
            quiz=quiz["quiz"],
            object=entry["object"],
            score_max=1000 * sum(question["points"] for question in quiz["questions"]),
            pass_mark=quiz.get("pass_mark", 0),
            attempts=quiz.get("attempts"),
            policy=quiz.get("policy", "best"),
        )

    def _json(self, digest: str) -> dict[str, Any]:
        return dict(json.loads(self._read(digest)))
