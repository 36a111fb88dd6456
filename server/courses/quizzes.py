"""Quizzes with their answer keys, for grading: the public half is an object, the key stays in the tables."""

import json

from server.consumers.grades import Quiz
from server.courses.outline import ReadObject
from server.database import Database
from server.tables import QuizKey

QUIZZES_KEPT_MAX = 2_000  # some 5 KB each


class Quizzes:
    """What `server.consumers.grades` asks; see `QuizSource` there."""

    def __init__(self, database: Database, read: ReadObject) -> None:
        self._database = database
        self._read = read
        self._found: dict[tuple[str, str, int, str], Quiz] = {}

    def quiz(self, organisation: str, course: str, release: int, activity: str) -> Quiz | None:
        """A release never changes, so what was found stays good; what was not found may yet be packed."""
        place = (organisation, course, release, activity)
        found = self._found.get(place)
        if found is None and (found := self._look_up(*place)):
            if len(self._found) >= QUIZZES_KEPT_MAX:
                self._found.clear()
            self._found[place] = found
        return found

    def _look_up(self, organisation: str, course: str, release: int, activity: str) -> Quiz | None:
        with self._database.reading() as session:
            kept = session.get(QuizKey, (organisation, course, release, activity))
        return Quiz(json.loads(self._read(kept.quiz_object)), kept.key) if kept else None
