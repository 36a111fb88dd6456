"""What works behind the log takes turns in shared slices."""

from sqlalchemy import Connection, text

from server.consumers.pace import SLICE_SECONDS
from server.consumers.turns import PIECES_MAX, PRESSED, Turns
from server.writing.press import Moment
from tests.server.school import School


class Noting:
    """Has so many things to do, and notes each in the database."""

    def __init__(self, name: str, things: int) -> None:
        self._name = name
        self._left = things

    def step(self, connection: Connection, seconds: float) -> bool:
        if not self._left:
            return False
        self._left -= 1
        here = {"name": f"{self._name} {self._left}"}
        connection.execute(text("INSERT INTO consumer_cursor (name, position) VALUES (:name, 0)"), here)
        return True


class Failing:
    def step(self, connection: Connection, seconds: float) -> bool:
        raise OSError("The disk is full.")


def noted(here: School) -> set[str]:
    with here.database.engine.connect() as connection:
        names = connection.execute(text("SELECT name FROM consumer_cursor")).scalars()
        return {name for name in names if name.startswith(("one", "other"))}


def slice_of(here: School, turns: Turns) -> bool:
    with here.database.writing() as session:
        return turns.step(session.connection())


def test_all_that_is_little_is_done_in_one_slice(here: School) -> None:
    assert not slice_of(here, Turns([Noting("one", 2), Noting("other", 1)]))
    assert noted(here) == {"one 0", "one 1", "other 0"}


def test_one_whose_work_fails_holds_nobody_else_up(here: School) -> None:
    turns = Turns([Noting("one", 3), Failing(), Noting("other", 3)])
    failed = 0
    for _ in range(12):
        try:
            slice_of(here, turns)
        except OSError:
            failed += 1
    assert failed > 1
    assert {"one 0", "other 0"} <= noted(here)


class Coming:
    """Attempts are near, and one comes as soon as a slice has begun."""

    is_near = True

    def __init__(self) -> None:
        self._asked = 0

    @property
    def is_here(self) -> bool:
        self._asked += 1
        return self._asked > 1


def test_once_an_attempt_has_come_a_slice_ends_and_still_gets_on(here: School) -> None:
    turns = Turns([Noting("idle", 0), Noting("one", 3), Noting("other", 1)])
    for done in range(1, 5):
        with here.database.writing() as session:
            assert turns.step(session.connection(), Coming())
        assert len(noted(here)) == done
    assert not slice_of(here, turns)


def test_while_attempts_are_near_a_slice_is_cut_into_pieces(here: School) -> None:
    given: list[float] = []

    class Asking:
        def step(self, connection: Connection, seconds: float) -> bool:
            given.append(seconds)
            return len(given) < 3

    with here.database.writing() as session:
        Turns([Asking()]).step(session.connection(), Moment(is_near=True))
    assert given == [SLICE_SECONDS / PRESSED / PIECES_MAX] * 3


def test_where_a_crowd_waits_anyway_a_slice_is_done_whole(here: School) -> None:
    turns = Turns([Noting("one", 3), Noting("other", 1)])
    with here.database.writing() as session:
        turns.step(session.connection(), Moment(is_near=True, is_here=True))
    assert len(noted(here)) > 1
