"""What the upstream takes of what a hub added, and what it will not have: on tables alone."""

from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlmodel import select

from server.database import Database
from server.hubs.answering import registry
from server.hubs.answering.adding import Adding
from server.hubs.answering.enrolling import revoke
from server.keys import KeyRing
from server.people import learners
from server.people.inviting import Inviting, new_code, slow_digest
from server.shapes.learners import NewLearner
from server.tables import Course, Enrolment, Hub, HubAdded, JoinCode, Learner, Organisation
from server.tables.ids import new_id, now_ms

COURSE = "water-and-health"
DAY_SECONDS = 86_400
HUBS = ("Grace's laptop", "Ruth's laptop")
T = TypeVar("T", Learner, Enrolment, HubAdded, JoinCode)


class Upstream:
    """An organisation of its own, which two hubs have joined."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database, self.keys = database, KeyRing(folder / "keys")
        self.inviting = Inviting(self.keys.join_secret(), "https://tiffin.example.org")
        self.organisation = Organisation(name="A school")
        self.hubs = [Hub(organisation_id=self.organisation.id, name=name, code="", code_expires_ms=0) for name in HUBS]
        with database.writing() as session:
            session.add(self.organisation)
            session.flush()
            session.add(Course(organisation_id=self.organisation.id, id=COURSE, title={"en": "Water and health"}))
            session.add_all(self.hubs)

    def learner(self, name: str) -> Learner:
        """One who was added here."""
        with self.database.writing() as session:
            return learners.add(session, self.organisation.id, NewLearner(name=name))

    def rows(self, model: type[T]) -> list[T]:
        with self.database.reading() as session:
            return list(session.exec(select(model).where(model.organisation_id == self.organisation.id)).all())

    def take(self, *additions: Any, hub: int = 0) -> list[str]:
        """What is said of each."""
        with self.database.writing() as session:
            adding = Adding(session, self.hubs[hub], self.inviting, _no_outlines(), self.keys)
            return [one.code for one in adding.take(additions)]

    def opened(self, code: str) -> str:
        """Whose it is; empty when it opens nothing."""
        with self.database.reading() as session:
            kept = self.inviting.find(session, code)
            return kept.learner_id if kept and kept.expires_ms > now_ms() else ""


def _no_outlines() -> Any:
    return None  # nothing is published, so nobody is told of a release


@pytest.fixture
def upstream(database: Database, tmp_path: Path) -> Upstream:
    return Upstream(database, tmp_path)


def learner(name: str = "Amina", **changed: Any) -> dict[str, Any]:
    return {"kind": "learner", "name": new_id(), "learner": new_id(), "full_name": name, "language": "", **changed}


def enrolment(of: dict[str, Any], course: str = COURSE) -> dict[str, Any]:
    return {"kind": "enrolment", "name": new_id(), "learner": of["learner"], "course": course}


def code_of(of: dict[str, Any], code: str, upstream: Upstream, seconds_left: int = DAY_SECONDS) -> dict[str, Any]:
    digest = slow_digest(code, upstream.organisation.id)
    common = {"kind": "code", "name": new_id(), "learner": of["learner"]}
    return common | {"digest": digest, "seconds_left": seconds_left}


def test_who_was_enrolled_at_a_hub_is_here_once_however_often_it_is_said(upstream: Upstream) -> None:
    amina, code = learner(), new_code()
    said = [amina, enrolment(amina), code_of(amina, code, upstream)]

    first, again = upstream.take(*said), upstream.take(*said)

    assert first == again == ["", "", ""]
    assert [len(upstream.rows(model)) for model in (Learner, Enrolment, HubAdded)] == [1, 1, 3]
    assert upstream.opened(code) == amina["learner"]


def test_what_an_administrator_ended_a_repeat_does_not_begin_again(upstream: Upstream) -> None:
    amina = learner()
    said = [amina, enrolment(amina)]
    upstream.take(*said)
    with upstream.database.writing() as session:
        session.delete(session.get_one(Enrolment, (amina["learner"], COURSE)))

    upstream.take(*said)

    assert len(upstream.rows(Enrolment)) == 0


def test_a_name_that_is_here_makes_another_learner_and_is_shown(upstream: Upstream) -> None:
    there = upstream.learner("Amina Yusuf")

    assert upstream.take(learner(" amina  YUSUF "), learner("Halima")) == ["", ""]

    assert [row.namesake_id for row in upstream.rows(HubAdded)] == [there.id, ""]
    assert len(upstream.rows(Learner)) == 3


def test_what_does_not_fit_is_refused_alone(upstream: Upstream) -> None:
    amina, nobody, child = learner(), learner(), upstream.learner("Ruth")
    hers = {"learner": child.id}
    said = {
        "does_not_fit": [learner("x" * 121), learner(" \t "), learner("a\0b"), learner(age=7), None, {"kind": "grade"}],
        "unknown_learner": [enrolment(nobody), code_of(nobody, new_code(), upstream)],
        "unknown_course": [enrolment(amina, "no-such-course")],
        "already_there": [learner(learner=child.id), learner(learner=amina["learner"])],
        "not_its_learner": [code_of(hers, new_code(), upstream)],
    }

    answered = upstream.take(amina, *(one for some in said.values() for one in some), enrolment(amina))

    assert answered == ["", *(code for code, some in said.items() for _ in some), ""]
    assert len(upstream.rows(HubAdded)) == 2


def test_no_hub_gives_away_a_code_that_is_anothers(upstream: Upstream) -> None:
    amina, mallory, ruth = learner(), learner("Mallory"), upstream.learner("Ruth")
    codes = [new_code(), new_code()]
    with upstream.database.writing() as session:
        codes.append(upstream.inviting.invite(session, ruth).code)
    upstream.take(amina, *(code_of(amina, code, upstream) for code in codes[:2]))

    said = upstream.take(mallory, *(code_of(mallory, code, upstream) for code in codes), hub=1)

    assert said == ["", "already_there", "already_there", "already_there"]
    assert [upstream.opened(code) for code in codes] == [amina["learner"], amina["learner"], ruth.id]


def test_a_code_is_good_for_a_month_at_most_and_ends_with_its_hub(upstream: Upstream) -> None:
    amina, codes = learner(), [new_code(), new_code()]
    upstream.take(amina, code_of(amina, codes[0], upstream, 2**32), code_of(amina, codes[1], upstream, 0))
    assert max(row.expires_ms for row in upstream.rows(JoinCode)) <= now_ms() + 30 * 86_400_000
    assert [upstream.opened(code) for code in codes] == [amina["learner"], ""]

    with upstream.database.writing() as session:
        revoke(session, upstream.organisation.id, upstream.hubs[0].id)

    assert upstream.opened(codes[0]) == ""


def test_every_code_is_one_that_hubs_know_and_none_lies_open_in_the_tables(upstream: Upstream) -> None:
    ruth = upstream.learner("Ruth")
    with upstream.database.writing() as session:
        code = upstream.inviting.invite(session, ruth).code

    with upstream.database.reading() as session:
        [told] = registry.codes(session, upstream.organisation.id, upstream.keys)

    [kept], digest = upstream.rows(JoinCode), slow_digest(code, upstream.organisation.id)
    assert (told["digest"], told["learner"]) == (digest, ruth.id)
    assert digest not in (kept.digest, kept.carried)
