"""Learners as a trainer sees them: a list, and one learner's whole page."""

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field

from server.shapes.common import (
    COURSES_MAX,
    Milliseconds,
    Named,
    Paged,
    PersonName,
    Shape,
    Text,
    Waiting,
)
from server.tables import AttemptState, PictureState

CourseId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,47}$", examples=["water-and-health"])]
Language = Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=16, examples=["ar"])]


class LearnerOrder(StrEnum):
    NAME = "name"
    LAST_EXCHANGE = "last_exchange"
    WAITING = "waiting"
    CONFLICTS = "conflicts"


class CourseProgress(Shape):
    course: str = Field(examples=["water-and-health"])
    title: Text
    completed: int = Field(examples=[4])
    total: int = Field(examples=[9], description="Activities of the newest published release.")
    score: int = Field(examples=[4000], description="Thousandths of a point, over the graded quizzes that were tried.")
    score_max: int = Field(examples=[5000])


class LearnerRow(Named):
    language: str = Field(examples=["ar"])
    courses: list[CourseProgress]
    last_exchange_ms: Milliseconds | None
    waiting: Waiting
    conflicts: int = Field(examples=[0])
    devices: int = Field(examples=[1])


class LearnerPage(Paged):
    items: list[LearnerRow]


class NewLearner(Shape):
    name: PersonName
    language: Language | Literal[""] = Field(default="", description="Of the app; if it is empty, that of each phone.")
    courses: list[CourseId] = Field(default_factory=list, max_length=COURSES_MAX)


class Invitation(Shape):
    """A join code. Shown once: the server keeps only its keyed digest."""

    code: str = Field(examples=["K7QM-2XHP"])
    join_url: str = Field(examples=["https://learn.example.org/#/join/K7QM-2XHP"])
    qr_svg: str = Field(description="The address as a QR code, an SVG document.", examples=["<svg …/>"])
    expires_ms: Milliseconds


class InvitedLearner(Shape):
    learner: LearnerRow
    invitation: Invitation


class EnrolmentChange(Shape):
    course: CourseId
    on: bool = Field(default=True, description="False ends the enrolment; the learner's work stays.")


class Note(Shape):
    """One note. Several texts: two phones wrote it at once, and the learner has not joined them yet."""

    id: str
    texts: list[str]


class ActivityRow(Shape):
    id: str = Field(examples=["lecture"])
    kind: Literal["page", "video", "quiz", "resource"]
    quiz: Literal["practice", "graded"] | None = None
    title: Text
    state: Literal["not_started", "in_progress", "completed"]
    duration_seconds: float | None = Field(default=None, examples=[128.0])
    position_seconds: float | None = Field(default=None, examples=[70.0])
    watched_seconds: float = Field(default=0, examples=[70.0])
    notes: list[Note] = Field(default_factory=list)
    bookmarks: list[float] = Field(default_factory=list, description="Seconds into the video.", examples=[[12.0]])


class LessonRow(Shape):
    id: str = Field(examples=["clean-water"])
    title: Text
    activities: list[ActivityRow]


class AnsweredChoice(Shape):
    id: str
    text: Text
    chosen: bool
    correct: bool | None = Field(description="Null at a hub: answer keys stay at the main server.")


class Placed(Shape):
    """One item as the learner put it in order, or matched it."""

    text: Text
    match: Text | None = Field(default=None, description="Of a matching question; null: none was chosen.")
    right: bool | None = Field(description="It follows what it should follow, or has its match. Null at a hub.")


class Criterion(Shape):
    """What a person looks for in a free text, and its points in thousandths."""

    id: str = Field(examples=["germs"])
    text: Text
    points: int = Field(examples=[2000])


class AnsweredQuestion(Shape):
    """One question as the learner answered it; points in thousandths."""

    id: str = Field(examples=["q1"])
    kind: str = Field(examples=["single_choice"])
    prompt: Text
    answer: Any = Field(description="As sealed on the phone; null: not answered.", examples=["a"])
    choices: list[AnsweredChoice] = Field(default_factory=list)
    expected: str = Field(
        default="", description="The right answer of a numeric or short text question.", examples=["37.5"]
    )
    placed: list[Placed] = Field(default_factory=list, description="Of an ordering or a matching question.")
    picture: PictureState | None = Field(
        default=None,
        description="Of a picture question: whether what `answer` names is here (`/v1/learners/…/pictures/…`); "
        "null: it has no answer.",
    )
    rubric: list[Criterion] = Field(default_factory=list, description="Of a free text.")
    points: int = Field(examples=[1000])
    points_max: int = Field(examples=[1000], description="0: what it is worth is not known here yet.")
    waits: bool = Field(default=False, description="A person has yet to give its points.")
    voided: bool = Field(default=False, description="A trainer voided it: everyone has its full points.")
    comment: str = Field(default="", description="What a trainer wrote to the learner.")


class AttemptRow(Shape):
    """One sealed attempt. `waiting`: a person has yet to give points. `excess`: over the limit, kept and not counted.
    `review`: a person decides. `refused`: she decided that it does not count."""

    hash: str = Field(description="Of the sealed record, hexadecimal.")
    activity: str = Field(examples=["exam"])
    title: Text
    release: int
    number: int = Field(examples=[1])
    state: AttemptState
    reason: str = Field(default="", examples=["time_unproven"])
    score: int = Field(examples=[4000])
    score_max: int = Field(examples=[5000])
    passed: bool
    counts: bool
    regrading: bool = Field(description="It is still to be graded again after a trainer's word: its points may be old.")
    started_ms: Milliseconds
    ended_ms: Milliseconds
    received_ms: Milliseconds
    device: str
    questions: list[AnsweredQuestion]


class Overruled(Shape):
    """A trainer's word over a rule's: which of the values stands, and why."""

    survivor: int = Field(description="Its place among the survivors, from 0.", examples=[1])
    reason: str
    by: Named
    at_ms: Milliseconds


class ConflictRow(Shape):
    """Two versions that met, and how a rule settled them."""

    id: str
    learner: Named
    course: str
    document: Literal["milestones", "progress"]
    key: str = Field(examples=["p/lecture"])
    field: str = Field(examples=["position"])
    activity: str = Field(examples=["lecture"])
    rule: str = Field(examples=["latest"])
    rule_version: int
    survivors: list[dict[str, Any]] = Field(description="Each value that stood, with its author and her device.")
    outcome: Any = Field(description="What the rule made of it.")
    settled_ms: Milliseconds
    overruled: Overruled | None = Field(default=None, description="What a trainer made of it instead, last.")


class LearnerCourse(CourseProgress):
    release: int | None = Field(description="The newest published release; null: none yet.")
    lessons: list[LessonRow]
    attempts: list[AttemptRow]
    conflicts: list[ConflictRow]


class LearnerDevice(Shape):
    id: str
    label: str = Field(examples=["Amina's phone"])
    profile: int
    joined_ms: Milliseconds
    revoked_ms: Milliseconds | None
    last_exchange_ms: Milliseconds | None
    waiting: Waiting


class LearnerDetail(Named):
    language: str
    created_ms: Milliseconds
    courses: list[LearnerCourse]
    devices: list[LearnerDevice]
