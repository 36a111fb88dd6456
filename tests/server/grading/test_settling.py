"""Whole sittings judged anew: by the terms of the newest release that was sat, and told again as such."""

import json
from dataclasses import replace
from typing import Any

from server.grading.attempts import Sitting
from server.grading.settling import settle
from server.grading.source import Quiz
from server.tables import Attempt, LogEntry
from sync.wire import FrameKind
from tests.server.school import COURSE, NOW_S, OneQuiz, School, attempt


class StricterSince(OneQuiz):
    """From its second release on, the exam may be sat once."""

    def quiz(self, organisation: str, course: str, release: int, activity: str) -> Quiz | None:
        attempts = 2 if release == 1 else 1
        return Quiz(self.content | {"attempts": attempts}, self.key)


def grades_told(here: School) -> list[dict[str, Any]]:
    return [json.loads(row.body) for row in here.rows(LogEntry) if row.kind == FrameKind.GRADE]


def test_the_newest_release_that_was_sat_sets_the_terms_and_what_changed_is_told_again(here: School) -> None:
    amina = here.learner()
    phone = here.device(amina)
    for number in (1, 2):
        phone.submit(replace(attempt(number, started=NOW_S + 600 * number), release=number))
        here.exchange(phone)
    here.settle()
    assert [(told["state"], "at" in told) for told in grades_told(here)] == [("graded", False)] * 2

    sitting = Sitting(here.organisation.id, amina.id, COURSE, "exam")
    with here.database.writing() as session:
        assert settle(session.connection(), [sitting], StricterSince()) == 1

    assert {row.number: row.state.value for row in here.rows(Attempt)} == {1: "graded", 2: "excess"}
    *_, again = grades_told(here)
    assert (again["number"], again["state"], "at" in again) == (2, "excess", True)
