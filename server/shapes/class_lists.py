"""A class list: as it was read, before anybody is made; and the sheet of codes afterwards."""

from enum import StrEnum
from typing import Literal

from pydantic import Field

from server.shapes.common import COURSES_MAX, Named, PersonName, Shape
from server.shapes.learners import CourseId, Invitation, Language

LEARNERS_MAX = 200  # of one list: three large classes. Their codes take six seconds of one processor
SAME_NAME_MAX = 5  # namesakes that are shown: enough to know her among them, or to look her up


class OddReason(StrEnum):
    """Why a line is odd."""

    NO_NAME = "no_name"
    NAME_TOO_LONG = "name_too_long"
    CHARACTERS = "characters"
    LANGUAGE = "language"
    COURSE = "course"
    QUOTES = "quotes"
    COLUMNS = "columns"
    TOO_MANY = "too_many"


class Namesake(Named):
    """Somebody who is here already under the same name."""

    courses: list[CourseId]
    may_invite: bool = Field(description="A code for her can be made here. A hub makes them for whom it enrolled.")


class ListedLearner(Shape):
    line: int = Field(examples=[3])
    name: str = Field(examples=["Amina Yusuf"])
    language: str = Field(description="Empty: that of her phone.", examples=["ar"])
    courses: list[CourseId] = Field(description="What her own line names.")
    namesakes: list[Namesake] = Field(default_factory=list, description="Who is here already under this name.")
    twice: int | None = Field(default=None, description="The line of this list that has the same name.")


class OddLine(Shape):
    """A line that nobody is made from."""

    line: int = Field(examples=[4])
    text: str = Field(description="How it begins.", examples=["Neema, algebra"])
    reason: OddReason
    about: str = Field(description="What of the line is odd, where that is one value.", examples=["algebra"])


class ClassPreview(Shape):
    listed: list[ListedLearner]
    odd: list[OddLine]
    unread: list[str] = Field(description="Columns of the first line that mean nothing here.", examples=[["Age"]])


class ClassMember(Shape):
    """One to be made; or, with `same_as`, one who is here already, to be enrolled and given a new code."""

    name: PersonName
    language: Language | Literal[""] = ""
    courses: list[CourseId] = Field(default_factory=list, max_length=COURSES_MAX)
    same_as: str = Field(default="", max_length=32, description="The id of whom she is. Nobody is made.")
    another: bool = Field(default=False, description="She is another person than whoever has her name already.")


class NewClass(Shape):
    members: list[ClassMember] = Field(min_length=1, max_length=LEARNERS_MAX)
    courses: list[CourseId] = Field(default_factory=list, max_length=COURSES_MAX, description="For all of them.")


class CodeCard(Shape):
    """What one learner is handed."""

    learner: Named
    is_new: bool
    invitation: Invitation


class CodeSheet(Shape):
    """Shown once: the server keeps no codes."""

    cards: list[CodeCard]
    left_out: list[str] = Field(description="Names that are here by now, and of which nobody was made.")
