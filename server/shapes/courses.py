"""Courses, their releases and their results."""

from typing import Any

from pydantic import Field

from server.shapes.common import Named, ReleaseRow, Shape, Text
from server.tables import AttemptState


class PackedReleaseRow(ReleaseRow):
    report: dict[str, Any] = Field(description="What packing made, dropped and degraded, item by item.")


class CourseRow(Shape):
    id: str = Field(examples=["water-and-health"])
    title: Text
    newest: int | None = Field(description="The number of the newest published release.", examples=[2])
    learners: int = Field(examples=[31], description="How many are enrolled.")
    releases: list[PackedReleaseRow] = Field(description="Newest first.")


class QuizColumn(Shape):
    activity: str = Field(examples=["exam"])
    title: Text
    score_max: int = Field(description="Thousandths of a point.", examples=[5000])
    pass_mark: int = Field(description="Percent.", examples=[60])
    regrading: int = Field(description="So many attempts are still to be graded again: their points may be old.")


class ResultCell(Shape):
    """What counts of one learner's attempts at one quiz. Scores are thousandths of a point."""

    attempts: int = Field(examples=[2])
    state: AttemptState
    excused: bool = Field(default=False, description="A trainer excused her: nothing of it counts.")
    given: bool = Field(default=False, description="The score is a trainer's.")
    score: int = Field(examples=[4000])
    score_max: int = Field(examples=[5000])
    passed: bool


class ResultRow(Shape):
    learner: Named
    cells: list[ResultCell | None] = Field(description="One for each quiz, in order; null: not attempted.")


class CourseResults(Shape):
    course: str
    title: Text
    quizzes: list[QuizColumn]
    learners: list[ResultRow]
