"""Quizzes with their answer keys, for grading: the public half is an object, the key stays in the tables."""

import json

from server.consumers.grades import Quiz
from server.courses.outline import ReadObject
from server.database import Database
from server.tables import QuizKey


class Quizzes:
    """What `server.consumers.grades` asks; see `QuizSource` there."""

    def __init__(self, database: Database, read: ReadObject) -> None:
        self._database = database
        self._read = read

    def quiz(self, organisation: str, course: str, release: int, activity: str) -> Quiz | None:
        with self._database.reading() as session:
            kept = session.get(QuizKey, (organisation, course, release, activity))
        return Quiz(json.loads(self._read(kept.quiz_object)), kept.key) if kept else None
