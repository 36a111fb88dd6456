"""What trainers say of attempts, over real HTTP: what waits for them, what becomes of it, and what phones hear."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlmodel import Session, select

from server.composition import open_database, open_outlines
from server.grading.rulings import Assessment
from server.reports import items, results, reviews
from server.reports.paging import PageAsked
from server.reports.results import Question
from server.settings import Settings
from server.tables import Attempt, Regrading
from sync.client import Replica
from sync.client.transport import exchange, join
from sync.submissions import Submission
from tests.offline_bundles.courses import course_folder, write_yaml
from tests.running import until
from tests.server.clock import now_ms
from tests.server.conftest import TRAINER, Edge

COURSE = "marked"
LONG_AGO = 1_600_000_000  # 2020-09-13, 12:26 UTC
ESSAY = {
    "id": "why",
    "kind": "free_text",
    "prompt": "Why boil?",
    "rubric": [{"id": "germs", "text": "Germs", "points": 2}, {"id": "words", "text": "Own words", "points": 1}],
}
ROADS = {
    "id": "roads",
    "kind": "matching",
    "prompt": "Which?",
    "pairs": [{"id": "hands", "text": "Hands", "match": "Fingers"}, {"id": "nets", "text": "Nets", "match": "Flies"}],
}
BOIL = {
    "id": "boil",
    "kind": "single_choice",
    "prompt": "Which?",
    "choices": [{"id": "a", "text": "One", "correct": True}, {"id": "b", "text": "Two"}],
}
QUIZZES: dict[str, dict[str, Any]] = {
    "essay": {"questions": [BOIL, ESSAY], "attempts": 2},
    "exam": {"questions": [BOIL, {**BOIL, "id": "pour"}], "attempts": 1},
    "closed": {"questions": [BOIL], "closes": "2020-09-13T13:00:00Z"},
    "match": {"questions": [ROADS]},
}


def folder_of(path: Path) -> Path:
    activities = [{"id": name, "kind": "quiz", "title": name, "source": f"quizzes/{name}.yaml"} for name in QUIZZES]
    folder = course_folder(path, id=COURSE, lessons=[{"id": "one", "title": "One", "activities": activities}])
    for name, quiz in QUIZZES.items():
        write_yaml(folder / "quizzes" / f"{name}.yaml", {"kind": "graded", "pass_mark": 50, **quiz})
    return folder


class School:
    """A trainer's session and her learners' phones."""

    def __init__(self, edge: Edge, trainer: httpx.Client) -> None:
        self.edge = edge
        self.trainer = trainer

    def phone(self, name: str) -> tuple[str, Replica]:
        new = self.post("learners", {"name": name, "courses": [COURSE]})
        with self.edge.client() as client:
            replica = join(client, new["invitation"]["code"], f"{name}'s phone")
            exchange(client, replica, now_ms())
        return new["learner"]["id"], replica

    def get(self, path: str, **params: Any) -> Any:
        return self.trainer.get(f"/v1/{path}", params=params).raise_for_status().json()

    def post(self, path: str, body: dict[str, Any]) -> Any:
        reply = self.trainer.post(f"/v1/{path}", json=body).raise_for_status()
        return reply.json() if reply.content else None

    def refused(self, path: str, body: dict[str, Any]) -> tuple[int, str]:
        reply = self.trainer.post(f"/v1/{path}", json=body)
        return reply.status_code, reply.json()["code"]

    def attempts(self, learner: str) -> list[dict[str, Any]]:
        [course] = self.get(f"learners/{learner}")["courses"]
        return list(course["attempts"])

    def reviews(self, learner: str) -> list[dict[str, Any]]:
        return [row["attempt"] for row in self.get("reviews", limit=200)["items"] if row["learner"]["id"] == learner]

    def hand_in(self, phone: Replica, quiz: str, answers: dict[str, Any], number: int = 1, at: int = LONG_AGO) -> None:
        phone.submit(Submission(COURSE, quiz, 1, number, at, at + 300, answers))
        self.edge.exchange(phone)

    def exchange_until_score(self, phone: Replica, score: int) -> None:
        """Until the phone's newest grade has it: what is about everyone is graded behind the requests."""

        def has_it() -> bool:
            self.edge.exchange(phone)
            return bool(phone.grades[-1]["score"] == score)

        until(has_it)

    def result(self, learner: str, quiz: str) -> Any:
        shown = self.get(f"courses/{COURSE}/results", limit=200)
        place = [column["activity"] for column in shown["quizzes"]].index(quiz)
        [cell] = [row["cells"][place] for row in shown["items"] if row["learner"]["id"] == learner]
        return cell


@pytest.fixture(scope="module")
def school(edge: Edge) -> Any:
    edge.server.command("pack", str(folder_of(edge.folder / "marked")))
    edge.server.command("publish", COURSE, "1")
    with edge.signed_in(TRAINER) as trainer:
        yield School(edge, trainer)


def test_a_free_text_waits_for_its_marks_and_the_phone_hears_of_both(school: School) -> None:
    learner, phone = school.phone("Amina")
    school.hand_in(phone, "essay", {"boil": "a", "why": "Because germs die."})
    assert [(grade["state"], grade["counts"]) for grade in phone.grades] == [("review", False)]

    [waiting] = school.reviews(learner)
    [essay] = [question for question in waiting["questions"] if question["waits"]]
    assert (waiting["state"], essay["answer"]) == ("waiting", "Because germs die.")
    assert [(one["id"], one["points"]) for one in essay["rubric"]] == [("germs", 2000), ("words", 1000)]

    where = f"learners/{learner}/attempts/{waiting['hash']}/marks"
    marks = {"question": "why", "criteria": {"germs": 2000, "words": 500}, "comment": "Well said."}
    marked = school.post(where, marks)
    school.edge.exchange(phone)

    assert (marked["state"], marked["score"], marked["score_max"], marked["counts"]) == ("graded", 3500, 4000, True)
    assert school.reviews(learner) == []
    last = phone.grades[-1]
    assert (last["state"], last["score"], last["points"]) == ("graded", 3500, [1000, 2500])
    assert last["comments"] == {"why": "Well said."}

    assert school.post(where, {**marks, "criteria": {"germs": 0, "words": 0}})["score"] == 1000
    said = school.get("rulings", learner=learner)["items"]
    assert [row["value"] for row in said] == [{"germs": 0, "words": 0}, {"germs": 2000, "words": 500}], "both are kept"
    assert said[0]["by"]["name"] == "grace"


def test_marks_that_do_not_fit_the_rubric_are_refused(school: School) -> None:
    learner, phone = school.phone("Bilal")
    school.hand_in(phone, "essay", {"why": "Heat."})
    [waiting] = school.reviews(learner)
    where = f"learners/{learner}/attempts/{waiting['hash']}/marks"
    for criteria in ({"germs": 2001, "words": 0}, {"germs": 1}, {"germs": 1, "words": 1, "more": 1}):
        assert school.refused(where, {"question": "why", "criteria": criteria}) == (422, "does_not_fit")
    assert school.refused(where, {"question": "boil", "criteria": {"germs": 1}}) == (404, "not_found")
    assert school.refused(where, {"question": "why", "criteria": {}, "comment": "\0"}) == (422, "invalid")
    assert school.refused(f"learners/{learner}/attempts/00/marks", {"question": "why", "criteria": {}})[0] == 404


def test_a_voided_question_regrades_everyone_and_can_be_taken_back(school: School) -> None:
    (one, right), (other, wrong) = school.phone("Celia"), school.phone("Dalia")
    school.hand_in(right, "exam", {"boil": "a", "pour": "a"})
    school.hand_in(wrong, "exam", {"boil": "b", "pour": "b"})
    where = f"courses/{COURSE}/assessments/exam"

    voiding = {"question": "pour", "reason": "The picture was missing."}
    assert school.post(f"{where}/voided", voiding) == {"attempts": 2}
    school.exchange_until_score(wrong, 1000)
    school.edge.exchange(right)

    assert [right.grades[-1]["score"], wrong.grades[-1]["score"]] == [2000, 1000]
    assert (wrong.grades[-1]["passed"], wrong.grades[-1]["points"]) == (True, [0, 1000])
    boil, pour = school.get(f"{where}/items")["items"]
    assert (pour["voided"], pour["points"], boil["voided"]) == (True, 2000, False)
    assert (boil["right"], boil["attempts"]) == (1, 2)
    chosen = [(one["text"]["en"], one["count"], one["correct"]) for one in boil["chosen"]]
    assert chosen == [("One", 1, True), ("Two", 1, False)]

    assert school.post(f"{where}/voided", {**voiding, "voided": False}) == {"attempts": 2}
    school.exchange_until_score(wrong, 0)  # a grade may come back to what it was
    assert not wrong.grades[-1]["passed"]
    assert school.attempts(one)[0]["score"] == 2000
    assert school.attempts(other)[0]["score"] == 0
    first, last = sorted((one, other))
    assert said_while_graded_again(school, after=first) == (1, [0, 1, 0, 0], {first: False, last: True})
    assert said_while_graded_again(school, after=last) == (0, [0, 0, 0, 0], {first: False, last: False})
    assert school.refused(f"{where}/voided", {**voiding, "question": "none"}) == (404, "not_found")
    assert school.refused(f"courses/{COURSE}/assessments/none/voided", voiding) == (404, "not_found")


def said_while_graded_again(school: School, after: str) -> tuple[int, list[int], dict[str, bool]]:
    """What the quiz's page, the results' columns and the attempts say of what is left while learners up to `after` are
    done. It is undone before the server sees it."""
    settings = Settings(home=school.edge.server.home)
    with open_database(settings) as database, Session(database.engine.execution_options(writing=True)) as session:
        attempts = session.exec(select(Attempt).where(Attempt.activity_id == "exam")).all()
        at, outlines = Assessment(attempts[0].organisation_id, COURSE, "exam"), open_outlines(settings)
        session.merge(  # the row of what was graded again before may still be there, with nobody left
            Regrading(organisation_id=at.organisation, course_id=COURSE, activity_id="exam", after_learner=after)
        )
        session.flush()
        columns = results.page(session, at.organisation, COURSE, Question(), PageAsked(0, 1), outlines).quizzes
        shown = {row.learner_id: reviews.attempt(session, row, outlines).regrading for row in attempts}
        return items.of_assessment(session, at, outlines).regrading, [each.regrading for each in columns], shown


def test_late_work_is_kept_and_counts_when_a_trainer_says_so(school: School) -> None:
    learner, phone = school.phone("Esra")
    school.hand_in(phone, "closed", {"boil": "a"}, at=LONG_AGO + 86_400)
    [held] = school.reviews(learner)
    assert (held["state"], held["reason"], held["score"], held["counts"]) == ("review", "late", 1000, False)

    where = f"learners/{learner}/attempts/{held['hash']}/decision"
    assert school.refused(where, {"counts": True, "reason": " "}) == (422, "invalid")
    assert school.post(where, {"counts": True, "reason": "No network for a week."})["counts"]
    school.edge.exchange(phone)
    assert (phone.grades[-1]["state"], phone.grades[-1]["counts"]) == ("graded", True)
    assert school.post(where, {"counts": False, "reason": "It was copied."})["state"] == "refused"
    assert school.result(learner, "closed")["standing"] == "not_counted"


def test_an_attempt_at_what_this_server_never_had_can_only_be_refused(school: School) -> None:
    learner, phone = school.phone("Fadia")
    phone.submit(Submission(COURSE, "exam", 9, 1, LONG_AGO, LONG_AGO + 300, {"boil": "a"}))
    school.edge.exchange(phone)
    [unknown] = school.reviews(learner)
    assert [question["answer"] for question in unknown["questions"]] == ["a"], "what she answered can be read"
    where = f"learners/{learner}/attempts/{unknown['hash']}/decision"
    assert school.refused(where, {"counts": True, "reason": "It looks right."}) == (422, "does_not_fit")
    assert school.post(where, {"counts": False, "reason": "From another school."})["state"] == "refused"
    assert school.reviews(learner) == []


def test_another_attempt_is_granted_and_one_that_was_over_the_limit_counts(school: School) -> None:
    learner, phone = school.phone("Farah")
    school.hand_in(phone, "exam", {"boil": "b"})
    school.hand_in(phone, "exam", {"boil": "a", "pour": "a"}, number=2, at=LONG_AGO + 900)
    assert [attempt["state"] for attempt in school.attempts(learner)] == ["graded", "excess"]
    school.post(
        f"learners/{learner}/courses/{COURSE}/assessments/exam/extra-attempts", {"attempts": 1, "reason": "Power cut."}
    )
    assert [(one["state"], one["counts"]) for one in school.attempts(learner)] == [("graded", False), ("graded", True)]
    assert school.result(learner, "exam")["score"] == 2000


def test_a_trainers_score_outranks_the_machines_and_an_excuse_takes_it_out(school: School) -> None:
    learner, phone = school.phone("Gita")
    school.hand_in(phone, "exam", {"boil": "b", "pour": "b"})
    at = f"learners/{learner}/courses/{COURSE}/assessments/exam"
    school.post(f"{at}/score", {"score": 1500, "reason": "Shown in practice."})
    school.edge.exchange(phone)

    cell = school.result(learner, "exam")
    assert (cell["score"], cell["standing"], cell["given"]) == (1500, "passed", True)
    assert [grade["score"] for grade in phone.grades if "submission" in grade][-1] == 1500

    school.post(f"{at}/excuse", {"reason": "She was ill."})
    cell = school.result(learner, "exam")
    assert (cell["standing"], cell["score"]) == ("excused", None)
    school.post(f"{at}/excuse", {"excused": False, "reason": "She came after all."})
    school.post(f"{at}/score", {"score": None, "reason": "A mistake."})
    assert school.result(learner, "exam")["score"] == 0


def test_a_score_can_be_given_where_nothing_was_handed_in(school: School) -> None:
    learner, phone = school.phone("Hawa")
    assert school.result(learner, "match")["standing"] == "not_tried"
    at = f"learners/{learner}/courses/{COURSE}/assessments/match"
    school.post(f"{at}/score", {"score": 700, "reason": "Done on paper."})
    school.edge.exchange(phone)
    cell = school.result(learner, "match")
    assert (cell["score"], cell["standing"], cell["attempts"]) == (700, "passed", 0)
    assert (phone.grades[-1]["state"], phone.grades[-1]["score"]) == ("standing", 700)


def test_a_trainer_reads_what_was_matched_with_what(school: School) -> None:
    learner, phone = school.phone("Imani")
    school.hand_in(phone, "match", {"roads": ["hands=none", "nets=none"]})
    [attempt] = school.attempts(learner)
    [question] = attempt["questions"]
    assert [(one["text"]["en"], one["match"], one["right"]) for one in question["placed"]] == [
        ("Hands", None, False),
        ("Nets", None, False),
    ]


def test_another_organisation_can_say_nothing_here(school: School) -> None:
    learner, phone = school.phone("Jamila")
    school.hand_in(phone, "exam", {"boil": "a"})
    [attempt] = school.attempts(learner)
    school.edge.server.command("account", "add", "stranger", "--password", "other words", "--organisation", "Far away")
    with school.edge.signed_in(("stranger", "other words")) as client:
        stranger = School(school.edge, client)
        reason = {"reason": "Because."}
        assert stranger.get("reviews")["total"] == stranger.get("rulings")["total"] == 0
        for path, body in (
            (f"learners/{learner}/attempts/{attempt['hash']}/decision", {"counts": False, **reason}),
            (f"learners/{learner}/courses/{COURSE}/assessments/exam/score", {"score": 0, **reason}),
            (f"courses/{COURSE}/assessments/exam/voided", {"question": "boil", **reason}),
        ):
            assert stranger.refused(path, body) == (404, "not_found")
