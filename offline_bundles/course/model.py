"""A course as its folder describes it, checked: every file that is named is there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Text = Mapping[str, str]  # by language
KINDS = ("page", "video", "quiz", "resource")
TIERS = ("essential", "important", "supplementary")


@dataclass(frozen=True, slots=True)
class Question:
    """One question: `public` is what a phone shows, `key` what answers are judged by. `picture` is a file or None."""

    id: str
    points: int
    public: Mapping[str, Any]
    key: Mapping[str, Any]
    picture: Path | None = None


@dataclass(frozen=True, slots=True)
class Quiz:
    """`attempts`: how many count; None for no limit. `opens` and `closes`: unix seconds, None for always."""

    quiz: str
    pass_mark: int
    attempts: int | None
    policy: str
    questions: tuple[Question, ...]
    opens: int | None = None
    closes: int | None = None


@dataclass(frozen=True, slots=True)
class Activity:
    """`sources` by language; a video, a quiz and a resource have one, under the course's first language."""

    id: str
    kind: str
    tier: str
    title: Text
    sources: Mapping[str, Path]
    captions: Mapping[str, Path] = field(default_factory=dict)
    quiz: Quiz | None = None

    @property
    def source(self) -> Path:
        return next(iter(self.sources.values()))


@dataclass(frozen=True, slots=True)
class Lesson:
    id: str
    title: Text
    activities: tuple[Activity, ...]


@dataclass(frozen=True, slots=True)
class Course:
    """`floor`: releases below it are withdrawn. `expires`: the last day on which it may be taken, as 2027-06-30."""

    id: str
    title: Text
    description: Text
    languages: tuple[str, ...]
    licence: str
    attribution: str
    lessons: tuple[Lesson, ...]
    floor: int | None = None
    expires: str = ""

    @property
    def activities(self) -> tuple[Activity, ...]:
        return tuple(activity for lesson in self.lessons for activity in lesson.activities)
