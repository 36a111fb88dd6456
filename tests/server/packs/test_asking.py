"""The rows of packing: whose they are, in which order, and when they are given up."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import Session

from server.composition import open_database
from server.database import Database
from server.packs import asking
from server.packs.asking import Place
from server.packs.homes import name_of
from server.people import accounts
from server.settings import Settings
from server.tables import Organisation, Pack, PackState, PackStep

HERE = Place("here", Path("/courses/small"))


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with open_database(Settings(home=tmp_path_factory.mktemp("home"))) as database:
        yield database


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """What a test writes is undone after it."""
    with Session(database.engine) as session:
        yield session


@pytest.fixture
def school(session: Session) -> Organisation:
    return accounts.add_organisation(session, "School")


def under_way(session: Session, school: Organisation, *rungs: str) -> Pack:
    """A pack at which a worker is: its first rung is being made."""
    pack = asking.ask(session, school.id, "small", HERE, publish=False)
    pack.state = PackState.WORKING
    session.add(pack)
    for at, rung in enumerate(rungs):
        session.add(PackStep(pack_id=pack.id, position=at, video="f", digest="d", rung=rung, first=at == 0))
    session.flush()
    return pack


def dies_making(session: Session, pack: Pack, position: int) -> None:
    session.get_one(PackStep, (pack.id, position)).state = PackState.WORKING
    session.flush()
    asking.count_deaths(session, "here")


def test_a_rung_over_which_the_worker_ends_six_times_is_left_out_and_the_others_are_made(
    session: Session, school: Organisation
) -> None:
    pack = under_way(session, school, "240p", "360p")

    for _ in range(5):
        dies_making(session, pack, 1)
    assert [step.state for step in asking.steps(session, pack.id)] == [PackState.WAITING] * 2
    dies_making(session, pack, 1)

    waiting, given_up = asking.steps(session, pack.id)
    assert (waiting.state, given_up.state, pack.state) == (PackState.WAITING, PackState.FAILED, PackState.WORKING)
    assert "again and again" in given_up.problem


def test_a_pack_over_which_the_worker_ends_six_times_before_any_rung_ends_as_failed_and_says_why(
    session: Session, school: Organisation
) -> None:
    pack = under_way(session, school)

    for _ in range(5):
        asking.count_deaths(session, "here")
    assert pack.state is PackState.WORKING
    asking.count_deaths(session, "here")

    assert (pack.state, asking.unfinished(session, "here")) == (PackState.FAILED, [])
    assert "ended 6 times" in pack.problem and "packing.log" in pack.problem
    asking.count_deaths(session, "here")
    assert pack.deaths == 6, "what has ended is counted no more"


def test_a_worker_that_is_ended_on_purpose_has_not_died_of_its_work(session: Session, school: Organisation) -> None:
    pack = under_way(session, school, "240p")
    for _ in range(7):
        pack.state = session.get_one(PackStep, (pack.id, 0)).state = PackState.WORKING
        session.flush()
        asking.put_down(session, "here")
        asking.count_deaths(session, "here")

    [step] = asking.steps(session, pack.id)
    assert (pack.state, pack.deaths) == (step.state, step.deaths) == (PackState.WAITING, 0)


def test_a_pack_whose_rungs_wait_while_another_packs_rung_ends_the_worker_is_not_to_blame(
    session: Session, school: Organisation
) -> None:
    waits = under_way(session, school, "240p", "360p")

    for _ in range(6):
        asking.count_deaths(session, "here")

    assert (waits.state, waits.deaths) == (PackState.WORKING, 0)


def test_what_was_planned_already_is_not_what_is_asked_for_anew(session: Session, school: Organisation) -> None:
    planned = under_way(session, school, "240p")
    asking.put_down(session, "here")

    asked = asking.ask(session, school.id, "small", HERE, publish=False)
    assert asked is not planned
    assert asking.ask(session, school.id, "small", HERE, publish=False) is asked


def test_a_pack_that_waits_is_nobodys_fault(session: Session, school: Organisation) -> None:
    pack = asking.ask(session, school.id, "small", HERE, publish=False)

    asking.count_deaths(session, "here")

    assert (pack.deaths, pack.state) == (0, PackState.WAITING)


def test_a_home_takes_up_what_lies_there_and_nothing_else(session: Session, school: Organisation) -> None:
    here = asking.ask(session, school.id, "small", HERE, publish=False)
    there = asking.ask(session, school.id, "small", Place("there", HERE.folder), publish=False)

    assert asking.unfinished(session, "here") == [here]
    assert asking.unfinished(session, "there") == [there]
    assert asking.ahead_of(session, there) == 0, "what waits elsewhere is not before it"


def test_what_was_asked_for_again_is_packed_where_its_folder_lies(session: Session, school: Organisation) -> None:
    asking.note_packed(session, school.id, "small", Place("there", HERE.folder), 1)

    again = asking.ask_again(session, school.id, "small", publish=True)

    assert (again.home, again.folder, again.state) == ("there", "/courses/small", PackState.WAITING)


def test_a_stopped_pack_keeps_what_is_made_and_has_nothing_under_way(session: Session, school: Organisation) -> None:
    pack = under_way(session, school, "240p", "360p", "opus-16k")
    session.get_one(PackStep, (pack.id, 0)).state = PackState.DONE
    session.get_one(PackStep, (pack.id, 1)).state = PackState.WORKING
    session.flush()

    asking.settle(session, pack.id, PackState.STOPPED)
    asking.settle(session, pack.id, PackState.DONE)

    assert pack.state is PackState.STOPPED, "what has ended stays as it ended"
    assert [step.state for step in asking.steps(session, pack.id)] == [
        PackState.DONE,
        PackState.STOPPED,
        PackState.STOPPED,
    ]


def test_of_every_course_the_newest_pack_is_listed(session: Session, school: Organisation) -> None:
    for at, course in enumerate(("a", "b", "a")):
        asking.ask(session, school.id, course, Place("here", Path(f"/{at}")), publish=False).asked_ms = at
    session.flush()

    assert [(pack.course_id, pack.asked_ms) for pack in asking.of_every_course(session, school.id)] == [
        ("a", 2),
        ("b", 1),
    ]


def test_a_home_has_one_name_for_ever(tmp_path: Path) -> None:
    assert name_of(tmp_path) == name_of(tmp_path) != ""
    assert [path.name for path in tmp_path.iterdir()] == ["packing.id"]
