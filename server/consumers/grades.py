"""Follows submissions: grades each on its pinned release, judges the set, and says so in the log.

The attempt's row, the grade's entry and the cursor are one transaction. What a machine cannot decide is kept for a
person with its reason; no attempt is ever discarded.
"""

from collections.abc import Sequence

from sqlalchemy import Connection

from server.grading.attempts import Marked, Sitting
from server.grading.marking import graded, ungraded
from server.grading.settling import settle
from server.grading.source import Quiz, QuizSource
from server.log.entries import Logged
from sync.errors import SyncError
from sync.submissions import Submission
from sync.wire import FrameKind

__all__ = ["Grades", "Quiz", "QuizSource"]


class Grades:
    name = "grades"
    kinds = frozenset({int(FrameKind.SUBMISSIONS)})

    def __init__(self, quizzes: QuizSource) -> None:
        self._quizzes = quizzes

    def consume(self, connection: Connection, entries: Sequence[Logged]) -> None:
        """A slice at a time: its cost is a few statements, however many attempts came."""
        touched: list[Sitting] = []
        marked = [self._marked(entry, touched) for entry in entries]
        settle(connection, touched, self._quizzes, fresh=marked)

    def _marked(self, entry: Logged, touched: list[Sitting]) -> Marked:
        """The attempt; what it was an attempt at goes to `touched`."""
        try:
            submission = Submission.read(entry.body)
        except SyncError as error:
            return ungraded(entry, Submission("", "", 0, 0, 0, 0, {}), str(error))
        course, activity = submission.course, submission.activity
        quiz = self._quizzes.quiz(entry.organisation_id, course, submission.release, activity)
        if quiz is None:
            return ungraded(entry, submission, "no such quiz in this release")
        touched.append(Sitting(entry.organisation_id, entry.learner_id, course, activity))
        return graded(entry, submission, quiz)
