"""Where quizzes come from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Quiz:
    """A quiz of one release: its public object and its key."""

    content: Mapping[str, Any]
    key: Mapping[str, Any]


class QuizSource(Protocol):
    def quiz(self, organisation: str, course: str, release: int, activity: str) -> Quiz | None:
        """The quiz that an attempt was made at, or None if this server never had it."""
