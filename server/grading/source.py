"""Where quizzes come from, and what their answers are worth."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

from conflict.attempts import Policy
from conflict.grades import Item, Terms
from offline_bundles import GradedQuestion, grade_question

MARKS_KEPT_MAX = 1_024  # of one quiz; some 1 KB each
KEPT_CHARACTERS_MAX = 32  # what is longer was written, not chosen, and will hardly come again


compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode  # `dumps` would make one each time


@dataclass(slots=True)
class Mark:
    """What one answer was found worth: as its attempt's row keeps it, and as the rules take it.

    Many attempts share one, so that a class's same few answers are marked and written as JSON once.
    """

    entry: dict[str, Any]
    item: Item = field(compare=False)
    _text: str = field(default="", compare=False, repr=False)

    @classmethod
    def of(cls, entry: dict[str, Any]) -> "Mark":
        return cls(entry, Item(entry["id"], entry["points"], entry["max"], entry.get("waits", False)))

    @property
    def text(self) -> str:
        self._text = self._text or compact(self.entry)
        return self._text


@dataclass(frozen=True)
class Quiz:
    """A quiz of one release: its public object and its key.

    `marks` keeps what the short answers to its questions were found worth, by question and answer.
    """

    content: Mapping[str, Any]
    key: Mapping[str, Any]
    marks: dict[tuple[str, str], Mark] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def terms(self) -> Terms:
        return Terms(self.content.get("attempts"), Policy(self.content.get("policy", Policy.BEST)))

    def grade(self, answers: Mapping[str, Any]) -> tuple[Mark, ...]:
        """Every question in the quiz's order; unanswered ones earn nothing."""
        return tuple([self._mark(question, answers.get(question["id"])) for question in self.content["questions"]])

    def _mark(self, question: Mapping[str, Any], answer: Any) -> Mark:
        if not isinstance(answer, str) or len(answer) > KEPT_CHARACTERS_MAX:
            return self._marked(question, answer)
        name = (question["id"], answer)
        found = self.marks.get(name)
        if found is None:
            if len(self.marks) >= MARKS_KEPT_MAX:
                self.marks.clear()
            found = self.marks[name] = self._marked(question, answer)
        return found

    def _marked(self, question: Mapping[str, Any], answer: Any) -> Mark:
        return Mark.of(_entry(grade_question(question, self.key.get(question["id"], {}), answer)))


def _entry(found: GradedQuestion) -> dict[str, Any]:
    entry = {
        "id": found.id,
        "points": found.points_thousandths,
        "max": found.max_thousandths,
        "correct": found.correct,
        "feedback": found.feedback,
    }
    return entry | {"waits": True} if found.waits else entry


class QuizSource(Protocol):
    def quiz(self, organisation: str, course: str, release: int, activity: str) -> Quiz | None:
        """The quiz that an attempt was made at, or None if this server never had it."""
