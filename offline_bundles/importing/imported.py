"""A course as it came out of another system's package: the one model that every importer fills (version 1).

Texts are in one language, the course's own, unless a package holds it in several: then `translations` and `titles`
have the same thing by language tag, choice for choice and in the same order. Texts are plain; only a page's `body` is
HTML or Markdown, as it was written there: whoever writes it down cleans it. Places (`source`, `base`, captions) are
names inside the package, with slashes, already normalised. What could not come along stands in `findings`, one for
each item; nothing disappears without one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

MODEL_VERSION = 1


class Outcome(StrEnum):
    DEGRADED = "degraded"  # it came along, with less than it had
    DROPPED = "dropped"  # it did not come along
    BROKEN = "broken"  # the package names what it does not hold
    APART = "apart"  # it is code: its file lies beside the course, no activity of it, and is never run


@dataclass(frozen=True, slots=True)
class Finding:
    """`where`: the item as a trainer would look for it; `kind`: the source's own word for it; `why`: one sentence.

    `sources`: of what is kept apart, its files in the package. `about`: the part of `why` that is this item's alone,
    such as an address; what says the same of other things can be told together.
    """

    outcome: Outcome
    where: str
    kind: str
    why: str
    sources: tuple[str, ...] = ()
    about: str = ""

    @property
    def alike(self) -> str:
        """What it says, whatever it is about."""
        return self.why.replace(self.about, "…", 1) if self.about else self.why


@dataclass(frozen=True, slots=True)
class Choice:
    text: str
    correct: bool = False
    feedback: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """What belongs together in a matching question. An empty `item` makes `match` a distractor."""

    item: str
    match: str


@dataclass(frozen=True, slots=True)
class Question:
    """One question in the kinds that Tiffin grades. Which members count follows from `kind`:

    single_choice, multiple_choice: `choices`; numeric: `answer`, `tolerance`, `unit` (decimals as text);
    short_text: `accept`; ordering: `items` in their right order; matching: `pairs`; free_text: `rubric`, read by a
    person. `picture`: a place in the package, with its description.
    """

    id: str
    kind: str
    prompt: str
    points: int = 1
    feedback: str = ""
    choices: tuple[Choice, ...] = ()
    answer: str = ""
    tolerance: str = "0"
    unit: str = ""
    accept: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    pairs: tuple[Pair, ...] = ()
    rubric: str = ""
    picture: str = ""
    picture_alt: str = ""
    translations: Mapping[str, "Question"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """`base`: the folder in the package against which links in `body` stand. `form`: "html" or "markdown".

    A link leads to another activity when it names that one's `source`, or is written `activity:` and that one's `id`.
    """

    id: str
    title: str
    body: str
    base: str = ""
    form: str = "html"
    source: str = ""
    translations: Mapping[str, "Page"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Video:
    """`captions`: places by language."""

    id: str
    title: str
    source: str
    captions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Quiz:
    """`attempts`: how many count, None for no limit. `base`: as for a page."""

    id: str
    title: str
    questions: tuple[Question, ...]
    graded: bool = False
    pass_mark: int = 60
    attempts: int | None = None
    policy: str = "best"
    base: str = ""
    titles: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Resource:
    id: str
    title: str
    source: str


Activity = Page | Video | Quiz | Resource


@dataclass(frozen=True, slots=True)
class Lesson:
    id: str
    title: str
    activities: tuple[Activity, ...]
    titles: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ImportedCourse:
    """`form`: what was read, in a person's words ("Open edX OLX")."""

    form: str
    id: str
    title: str
    language: str
    lessons: tuple[Lesson, ...]
    description: str = ""
    licence: str = ""
    attribution: str = ""
    findings: tuple[Finding, ...] = ()
    titles: Mapping[str, str] = field(default_factory=dict)

    @property
    def activities(self) -> Iterator[Activity]:
        return (activity for lesson in self.lessons for activity in lesson.activities)

    @property
    def questions(self) -> Iterator[Question]:
        return (question for each in self.activities if isinstance(each, Quiz) for question in each.questions)
