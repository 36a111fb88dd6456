"""What trainers said over what the machine found. Rows are added and never changed: they are the audit, and grades are
made from them again (`conflict.grades`). And what of their words is still to be done."""

from typing import Any

from sqlalchemy import JSON, Column, Index
from sqlmodel import Field, SQLModel


class Ruling(SQLModel, table=True):
    """One word of one trainer, and what it is about. `learner_id` is empty where it is about everyone's attempts.

    `word` and `value`: see `conflict.grades.Word`. `subject`: a submission's hash in hexadecimal, or the id of a
    conflict's record. `release`: None for every release.
    """

    __table_args__ = (
        Index("ruling_of_assessment", "organisation_id", "course_id", "activity_id", "learner_id"),
        Index("ruling_in_order", "organisation_id", "at_ms"),
        Index("ruling_of_subject", "subject"),
    )

    id: str = Field(primary_key=True)
    organisation_id: str
    course_id: str
    activity_id: str = ""
    learner_id: str = ""
    word: str
    subject: str = ""
    question: str = ""
    release: int | None = None
    value: Any = Field(default=None, sa_column=Column(JSON))
    comment: str = ""
    account_id: str
    at_ms: int


class Regrading(SQLModel, table=True):
    """An assessment whose attempts are to be graded again; those of learners up to `after_learner` have been."""

    organisation_id: str = Field(primary_key=True)
    course_id: str = Field(primary_key=True)
    activity_id: str = Field(primary_key=True)
    after_learner: str = ""
