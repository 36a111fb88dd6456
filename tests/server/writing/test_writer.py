"""The one writer: grouped commits, failures that harm nobody else, and a full queue that says when to come again."""

from collections.abc import Iterator
from concurrent.futures import wait
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import Connection, text

from server.database import Database
from server.writing.press import Press
from server.writing.waiting import GROUP_MAX, ROOM
from server.writing.writer import BETWEEN_MAX, CROWD_PER_SECOND, Crowd, Writer
from sync.errors import Busy
from sync.wire import Tier


def nothing(_: Connection) -> None:
    """Nothing to do between a commit and its answers."""


def nothing_behind(_: Connection, press: Press) -> bool:
    return False


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(f"sqlite:///{tmp_path / 'tiffin.db'}")
    with opened.engine.execution_options(writing=True).begin() as connection:
        connection.execute(text("create table word (word text primary key)"))
    yield opened
    opened.close()


@pytest.fixture
def writer(database: Database) -> Iterator[Writer]:
    started = Writer(database.engine, between=nothing, behind=nothing_behind)
    started.start()
    yield started
    started.stop()


def insert(word: str, connection: Connection) -> str:
    connection.execute(text("insert into word values (:word)"), {"word": word})
    return word


def words(database: Database) -> set[str]:
    with database.engine.connect() as connection:
        return set(connection.execute(text("select word from word")).scalars())


def hold(writer: Writer) -> Event:
    """Keeps the writer busy until the event is set."""
    release, taken = Event(), Event()

    def wait_here(_: Connection) -> None:
        taken.set()
        release.wait()

    writer.submit(wait_here)
    taken.wait()
    return release


def test_what_a_future_holds_is_durable(writer: Writer, database: Database) -> None:
    assert writer.submit(lambda connection: insert("salt", connection)).result() == "salt"
    assert words(database) == {"salt"}


def test_what_gathers_while_one_waits_is_written_in_one_commit(writer: Writer, database: Database) -> None:
    release = hold(writer)
    seen: list[set[str]] = []
    futures = [
        writer.submit(lambda connection, i=i: insert(str(i), connection), lambda _: seen.append(words(database)))  # type: ignore[misc]
        for i in range(GROUP_MAX)
    ]
    release.set()
    wait(futures)
    assert {len(some) for some in seen} == {GROUP_MAX}, "the first answer already saw the whole group"


def test_one_that_fails_harms_nobody_else_in_its_group(writer: Writer, database: Database) -> None:
    release = hold(writer)
    good = [writer.submit(lambda connection, i=i: insert(f"good {i}", connection)) for i in range(5)]  # type: ignore[misc]
    bad = writer.submit(lambda connection: connection.execute(text("insert into nowhere values (1)")))
    more = writer.submit(lambda connection: insert("after", connection))
    release.set()
    with pytest.raises(Exception, match="nowhere"):
        bad.result()
    assert [future.result() for future in (*good, more)] == [*(f"good {i}" for i in range(5)), "after"]
    assert len(words(database)) == 6


def test_a_full_queue_says_when_to_come_again(writer: Writer) -> None:
    release = hold(writer)
    for _ in range(ROOM[Tier.IMMEDIATE]):
        writer.submit(nothing)
    with pytest.raises(Busy) as refused:
        writer.submit(nothing)
    assert refused.value.wait_seconds > 0
    release.set()


def test_stopping_finishes_what_was_taken_on_and_refuses_the_rest(database: Database) -> None:
    writer = Writer(database.engine, between=nothing, behind=nothing_behind)
    writer.start()
    release = hold(writer)
    futures = [writer.submit(lambda connection, i=i: insert(str(i), connection)) for i in range(200)]  # type: ignore[misc]
    release.set()
    writer.stop()
    assert all(future.done() for future in futures)
    assert len(words(database)) == 200
    with pytest.raises(Busy):
        writer.submit(nothing)


def test_the_work_behind_the_log_is_told_when_attempts_press(database: Database) -> None:
    seen: list[bool] = []
    pressed, calm = Event(), Event()

    def noting(_: Connection, press: Press) -> bool:
        seen.append(press.is_near)
        (pressed if press.is_near else calm).set()
        return True

    writer = Writer(database.engine, between=nothing, behind=noting)
    writer.start()
    while not pressed.is_set():  # near is for a second, and some other program may have the processor so long
        writer.submit(nothing).result()
    calm.clear()
    calm.wait()  # nobody hands anything in any more
    writer.stop()


def test_work_behind_the_log_that_fails_is_tried_again(database: Database) -> None:
    tries: list[int] = []
    done = Event()

    def failing_once(_: Connection, press: Press) -> bool:
        tries.append(1)
        if len(tries) == 1:
            raise RuntimeError("the first time")
        done.set()
        return False

    writer = Writer(database.engine, between=nothing, behind=failing_once)
    writer.start()
    done.wait()
    writer.stop()


def test_few_at_a_time_are_a_crowd_once_too_many_come_within_a_second() -> None:
    crowd = Crowd()
    assert not any(crowd.came(1, place / CROWD_PER_SECOND) for place in range(3 * CROWD_PER_SECOND))
    assert any(crowd.came(1, 3 + place / CROWD_PER_SECOND / 2) for place in range(2 * CROWD_PER_SECOND))
    assert not crowd.came(1, 6.0)


def test_many_at_once_are_a_crowd_at_once() -> None:
    assert Crowd().came(BETWEEN_MAX + 1, 0.0)
