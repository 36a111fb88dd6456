"""What trainers say of attempts, and what waits for them to say it."""

from typing import Annotated, Any

from pydantic import Field, StringConstraints

from conflict.grades import Word
from server.shapes.common import Milliseconds, Named, Paged, Shape, Text
from server.shapes.learners import AttemptRow

COMMENT_CHARACTERS_MAX = 2_000  # a page of feedback
CRITERIA_MAX = 20  # of one rubric; the packer's own bound
POINTS_MAX = 1_000_000  # thousandths: more than any quiz has
EXTRA_ATTEMPTS_MAX = 100
SURVIVORS_MAX = 10_000  # more values than ever met at one key

# NUL is a character to JSON and none to PostgreSQL.
Words = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=COMMENT_CHARACTERS_MAX, pattern=r"^[^\x00]*$")
]
Reason = Annotated[Words, Field(min_length=1, examples=["The picture was missing."])]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,47}$", examples=["q1"])]
Points = Annotated[int, Field(ge=0, le=POINTS_MAX, description="Thousandths of a point.", examples=[1500])]


class Marks(Shape):
    """Points for one free text, criterion by criterion; the comment is the learner's to read."""

    question: Name
    criteria: dict[Name, Points] = Field(max_length=CRITERIA_MAX, examples=[{"germs": 2000, "words": 500}])
    comment: Words = ""


class Decision(Shape):
    """Whether an attempt that is held, late, or over the limit counts after all."""

    counts: bool
    reason: Reason


class GivenScore(Shape):
    """A score that outranks the machine's; null takes it back."""

    score: Points | None
    reason: Reason


class Excuse(Shape):
    excused: bool = True
    reason: Reason


class ExtraAttempts(Shape):
    """How many attempts more than the quiz allows, in all; 0 takes them back."""

    attempts: int = Field(ge=0, le=EXTRA_ATTEMPTS_MAX, examples=[1])
    reason: Reason


class Voiding(Shape):
    """Takes a question out of the reckoning: everyone has its full points."""

    question: Name
    voided: bool = Field(default=True, description="False takes it back.")
    release: int | None = Field(default=None, ge=1, description="Only as it was asked in this release; null: in all.")
    reason: Reason


class Overruling(Shape):
    """Which of the values that met shall stand."""

    survivor: int = Field(ge=0, le=SURVIVORS_MAX, description="Its place in the record, from 0.", examples=[1])
    reason: Reason


class Regraded(Shape):
    attempts: int = Field(description="How many attempts are graded again, behind this.", examples=[31])


class ReviewRow(Shape):
    """One attempt that waits for a person."""

    learner: Named
    course: str = Field(examples=["water-and-health"])
    attempt: AttemptRow


class ReviewPage(Paged):
    items: list[ReviewRow]


class RulingRow(Shape):
    """One word of one trainer, as it was said. `value` depends on the word.

    `rejudged` is the server's own: a late arrival changed what an attempt is; nobody said it.
    """

    id: str
    word: Word
    value: Any = Field(examples=[{"germs": 2000}])
    learner: Named | None = Field(description="Null: about everyone's attempts.")
    course: str
    activity: str = Field(examples=["exam"])
    subject: str = Field(description="The hash of an attempt, or the id of a conflict's record.")
    question: str = Field(examples=["q6"])
    release: int | None
    comment: str
    by: Named | None = Field(description="Null: the server itself.")
    at_ms: Milliseconds


class RulingPage(Paged):
    items: list[RulingRow]


class ChosenChoice(Shape):
    """How often one choice of a question was chosen."""

    id: str = Field(examples=["b"])
    text: Text
    count: int = Field(examples=[11])
    correct: bool | None = Field(description="Null where the answer key does not say.")


class ItemResult(Shape):
    """How one question of one release went, over the attempts that were graded."""

    release: int = Field(examples=[1])
    question: str = Field(examples=["q1"])
    kind: str = Field(examples=["single_choice"])
    prompt: Text
    attempts: int = Field(examples=[31])
    answered: int = Field(examples=[30])
    right: int = Field(description="How many have its full points.", examples=[19])
    waiting: int = Field(description="How many wait for a person.", examples=[0])
    points: int = Field(description="Of all attempts together, thousandths.", examples=[19_000])
    points_max: int = Field(examples=[31_000])
    voided: bool
    chosen: list[ChosenChoice] = Field(description="Its choices, in the quiz's order.")


class AssessmentItems(Shape):
    course: str
    activity: str
    title: Text
    regrading: int = Field(description="So many attempts are still to be graded again: their points may be old.")
    items: list[ItemResult] = Field(description="By release, newest first, then in the quiz's order.")
