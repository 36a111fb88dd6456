"""The quizzes of simulated courses: one that a machine grades, and one that is answered with a photograph."""

from typing import Any, ClassVar

from server.grading.source import Quiz
from tests.server.school import COURSE, OneQuiz

EXAM, POSTER = "exam", "poster"


class Quizzes(OneQuiz):
    """Two graded ones; both allow two attempts, of which the best counts, and want half of the points."""

    poster: ClassVar[dict[str, Any]] = {
        **OneQuiz.content,
        "questions": [*OneQuiz.content["questions"], {"id": "q3", "kind": "picture", "points": 1}],
    }

    def quiz(self, organisation: str, course: str, release: int, activity: str) -> Quiz | None:
        if (course, activity, release) == (COURSE, POSTER, 1):
            return Quiz(self.poster, self.key)
        return super().quiz(organisation, course, release, activity)
