"""Where quizzes come from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from offline_bundles import GradedQuestion, grade_question

MARKS_KEPT_MAX = 1_024  # of one quiz; some 300 bytes each
KEPT_CHARACTERS_MAX = 32  # what is longer was written, not chosen, and will hardly come again


@dataclass(frozen=True, slots=True)
class Quiz:
    """A quiz of one release: its public object and its key.

    `marks` keeps what the short answers to its questions were found worth, by question and answer: a class gives the
    same few answers to a choice over and over.
    """

    content: Mapping[str, Any]
    key: Mapping[str, Any]
    marks: dict[tuple[str, str], GradedQuestion] = field(default_factory=dict, compare=False, repr=False)

    def grade(self, answers: Mapping[str, Any]) -> list[GradedQuestion]:
        """Every question in the quiz's order; unanswered ones earn nothing."""
        return [self._mark(question, answers.get(question["id"])) for question in self.content["questions"]]

    def _mark(self, question: Mapping[str, Any], answer: Any) -> GradedQuestion:
        if not isinstance(answer, str) or len(answer) > KEPT_CHARACTERS_MAX:
            return grade_question(question, self.key.get(question["id"], {}), answer)
        name = (question["id"], answer)
        found = self.marks.get(name)
        if found is None:
            found = grade_question(question, self.key.get(question["id"], {}), answer)
            if len(self.marks) >= MARKS_KEPT_MAX:
                self.marks.clear()
            self.marks[name] = found
        return found


class QuizSource(Protocol):
    def quiz(self, organisation: str, course: str, release: int, activity: str) -> Quiz | None:
        """The quiz that an attempt was made at, or None if this server never had it."""
