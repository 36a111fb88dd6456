"""Courses, their releases and their results."""

from enum import StrEnum
from typing import Any

from pydantic import Field

from server.shapes.common import Named, Paged, ReleaseRow, Shape, Text


class PackedReleaseRow(ReleaseRow):
    report: dict[str, Any] = Field(description="What packing made, dropped and degraded, item by item.")


class CourseRow(Shape):
    id: str = Field(examples=["water-and-health"])
    title: Text
    newest: int | None = Field(description="The number of the newest published release.", examples=[2])
    learners: int = Field(examples=[31], description="How many are enrolled.")
    releases: list[PackedReleaseRow] = Field(description="Newest first.")


class QuizStanding(StrEnum):
    """How a learner stands at a graded quiz; who needs a trainer first comes first.

    `waiting`: of some attempt nobody knows yet what it is worth. `not_counted`: she tried, and nothing of it counts.
    """

    WAITING = "waiting"
    NOT_PASSED = "not_passed"
    NOT_COUNTED = "not_counted"
    NOT_TRIED = "not_tried"
    PASSED = "passed"
    EXCUSED = "excused"


class ResultOrder(StrEnum):
    NEED = "need"
    NAME = "name"


class StandingCount(Shape):
    standing: QuizStanding
    count: int = Field(examples=[12])


class QuizColumn(Shape):
    activity: str = Field(examples=["exam"])
    title: Text
    score_max: int = Field(description="Thousandths of a point.", examples=[5000])
    pass_mark: int = Field(description="Percent.", examples=[60])
    standings: list[StandingCount] = Field(description="Of all who are enrolled, not only on this page.")
    regrading: int = Field(description="So many attempts are still to be graded again: their points may be old.")


class ResultCell(Shape):
    """How one learner stands at one quiz. Scores are thousandths of a point."""

    standing: QuizStanding
    attempts: int = Field(examples=[2])
    score: int | None = Field(examples=[4000], description="What counts; null where nothing does.")
    score_max: int = Field(examples=[5000])
    given: bool = Field(default=False, description="The score is a trainer's.")


class ResultRow(Shape):
    learner: Named
    cells: list[ResultCell] = Field(description="One for each quiz, in order.")


class CourseResults(Paged):
    course: str
    title: Text
    learners: int = Field(examples=[31], description="How many are enrolled.")
    quizzes: list[QuizColumn]
    items: list[ResultRow]
