"""A course's results: who needs a trainer comes first, and no figure disagrees with the rows behind it."""

import csv
import io
import json
from typing import Any

import pytest
from sqlmodel import Session

from conflict.grades import Word
from server.courses.outline import Outlines
from server.reports import results
from server.reports.paging import PageAsked
from server.reports.results import Question
from server.shapes.courses import QuizStanding, ResultOrder
from server.tables import Attempt, AttemptState, Enrolment, Learner, Release, ReleaseState, Ruling
from tests.server.school import COURSE, NOW_S, School

ALL = PageAsked(0, 100)
QUIZZES = ("exam", "poster")
TITLE = {"en": "Water"}
OBJECTS = {
    "quiz": {"quiz": "graded", "pass_mark": 0, "questions": [{"points": 1}, {"points": 1}]},
    "lesson": {
        "id": "one",
        "title": TITLE,
        "activities": [{"id": name, "kind": "quiz", "title": TITLE, "object": "quiz"} for name in QUIZZES],
    },
    "release": {
        "course": COURSE,
        "number": 1,
        "title": TITLE,
        "description": {},
        "languages": ["en"],
        "lessons": [{"manifest": "lesson"}],
    },
}
OUTLINES = Outlines(lambda name: json.dumps(OBJECTS[name]).encode())
PASSED: dict[str, Any] = {"state": AttemptState.GRADED, "counts": True, "passed": True, "score": 2000}
FAILED: dict[str, Any] = {**PASSED, "passed": False, "score": 500}
LATE, EXCESS = {"state": AttemptState.REVIEW}, {"state": AttemptState.EXCESS, "passed": True, "score": 2000}
# Who is named after how she stands at the exam, in the order in which a trainer wants to see them.
HANDED_IN: dict[str, tuple[list[dict[str, Any]], list[dict[str, Any]]]] = {
    "waiting twice": ([PASSED, LATE], [{"state": AttemptState.WAITING}]),
    "waiting": ([LATE], [PASSED]),
    "not passed": ([FAILED], []),
    "not counted": ([EXCESS], [PASSED]),
    "not tried": ([], []),
    "passed": ([PASSED, EXCESS], [PASSED]),
    "excused": ([FAILED | {"counts": False}], [PASSED]),
}


@pytest.fixture
def organisation(here: School) -> str:
    with here.database.writing() as session:
        session.add(published(here.organisation.id))
        for name, attempts in HANDED_IN.items():
            session.add(Learner(id=name, organisation_id=here.organisation.id, name=f"Élodie {name}"))
            session.flush()
            session.add(Enrolment(learner_id=name, course_id=COURSE, organisation_id=here.organisation.id))
            for quiz, tried in zip(QUIZZES, attempts, strict=True):
                session.add_all(handed_in(here.organisation.id, name, quiz, n, one) for n, one in enumerate(tried, 1))
        session.add(said(here.organisation.id, "excused", Word.EXCUSED, True))
        return here.organisation.id


def published(organisation: str) -> Release:
    about: dict[str, Any] = {"root_bytes": 1, "signature": "", "key": "", "bytes_by_tier": {}, "report": {}}
    named: dict[str, Any] = {"root": "release", "title": TITLE, "state": ReleaseState.PUBLISHED}
    return Release(organisation_id=organisation, course_id=COURSE, number=1, **about, **named)


def handed_in(organisation: str, learner: str, quiz: str, number: int, found: dict[str, Any]) -> Attempt:
    by: dict[str, Any] = {"learner_id": learner, "organisation_id": organisation, "device_id": "", "profile": 1}
    what: dict[str, Any] = {"course_id": COURSE, "activity_id": quiz, "release": 1, "number": number, "chain": number}
    when = {"started_s": NOW_S, "ended_s": NOW_S, "received_ms": 0}
    return Attempt(hash=f"{quiz} {number}".encode(), answers={}, score_max=2000, **by, **what, **when, **found)


def said(organisation: str, learner: str, word: Word, value: Any) -> Ruling:
    about: dict[str, Any] = {"organisation_id": organisation, "course_id": COURSE, "activity_id": "exam"}
    return Ruling(id=f"{word} {learner}", learner_id=learner, word=word, value=value, account_id="", at_ms=1, **about)


def names(session: Session, organisation: str, asked: Question, at: PageAsked = ALL) -> list[str]:
    return [row.learner.id for row in results.page(session, organisation, COURSE, asked, at, OUTLINES).items]


def test_who_needs_a_trainer_comes_first_and_pages_follow_that_order(here: School, organisation: str) -> None:
    with here.database.reading() as session:
        by_need = names(session, organisation, Question())
        pages = [names(session, organisation, Question(), PageAsked(start, 3)) for start in (0, 3, 6)]
        by_name = names(session, organisation, Question(order=ResultOrder.NAME))
        turned = names(session, organisation, Question(order=ResultOrder.NAME, descending=True))
    assert by_need == list(HANDED_IN)
    assert [name for page in pages for name in page] == by_need
    assert by_name == sorted(HANDED_IN) == turned[::-1]


def test_the_figures_are_of_everyone_and_each_leads_to_its_rows(here: School, organisation: str) -> None:
    with here.database.reading() as session:
        shown = results.page(session, organisation, COURSE, Question(search="ÉLODIE W"), PageAsked(0, 1), OUTLINES)
        behind = {
            (column.activity, one.standing): names(
                session, organisation, Question(standing=one.standing, quiz=column.activity)
            )
            for column in shown.quizzes
            for one in column.standings
        }
        anywhere = names(session, organisation, Question(standing=QuizStanding.NOT_TRIED))
    assert (shown.learners, shown.total, len(shown.items)) == (len(HANDED_IN), 2, 1)
    figures = {(column.activity, one.standing): one.count for column in shown.quizzes for one in column.standings}
    assert figures == {place: len(rows) for place, rows in behind.items()}
    assert [behind["exam", QuizStanding(name)] for name in ("not_counted", "excused")] == [["not counted"], ["excused"]]
    assert anywhere == ["not passed", "not tried"]


def test_the_results_are_saved_whole_and_no_name_is_a_formula_there(here: School, organisation: str) -> None:
    with here.database.writing() as session:
        session.get_one(Learner, "passed").name = "=1+1"
    with here.database.reading() as session:
        text = results.file(session, organisation, COURSE, Question(), OUTLINES)
    rows = {row["learner_id"]: row for row in csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))}
    assert list(rows) == list(HANDED_IN)
    assert rows["passed"]["learner"] == "'=1+1"
    exam = {name: tuple(row[f"exam{column}"] for column in results.COLUMNS) for name, row in rows.items()}
    assert exam["passed"] == ("2.0", "2.0", "passed", "2")
    assert exam["excused"] == ("", "2.0", "excused", "1")
    assert exam["not counted"] == ("", "2.0", "not_counted", "1"), "what does not count passes nobody"
