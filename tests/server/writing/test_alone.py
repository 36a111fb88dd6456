"""The writer's connection: kept while all goes well, and never trusted after something failed."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, event, text

from server.database import Database
from server.writing.alone import Alone, apart


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture
def alone(database: Database) -> Iterator[Alone]:
    opened = Alone(database.engine)
    with opened.writing() as connection:
        connection.execute(text("create table word (word varchar primary key)"))
    yield opened
    opened.close()


def write(connection: Connection, word: str) -> None:
    connection.execute(text("insert into word values (:word)"), {"word": word})


def words(connection: Connection) -> list[str]:
    return list(connection.execute(text("select word from word order by word")).scalars())


def test_one_connection_serves_transaction_after_transaction(alone: Alone, database: Database) -> None:
    opened: list[object] = []
    event.listen(database.engine, "checkout", lambda *_: opened.append(1))
    for word in ("salt", "water"):
        with alone.writing() as connection:
            write(connection, word)
        with alone.reading() as connection:
            assert word in words(connection)
    assert not opened, "it was there already"


def test_what_failed_is_undone_and_the_next_is_written(alone: Alone) -> None:
    with pytest.raises(ZeroDivisionError), alone.writing() as connection:
        write(connection, "salt")
        raise ZeroDivisionError
    with alone.writing() as connection:
        write(connection, "water")
    with alone.reading() as connection:
        assert words(connection) == ["water"]


def test_a_question_sees_what_others_wrote_since_the_last_one(alone: Alone, database: Database) -> None:
    with alone.reading() as connection:
        assert words(connection) == []
    with database.engine.execution_options(writing=True).begin() as other:
        write(other, "salt")
    with alone.reading() as connection:
        assert words(connection) == ["salt"]


def test_work_that_stands_apart_fails_alone(alone: Alone) -> None:
    with alone.writing() as connection:
        write(connection, "salt")
        with pytest.raises(ZeroDivisionError), apart(connection):
            write(connection, "half")
            raise ZeroDivisionError
        with apart(connection):
            write(connection, "water")
    with alone.reading() as connection:
        assert words(connection) == ["salt", "water"]


@pytest.mark.servers
def test_a_database_that_was_started_again_costs_no_transaction(postgres_url: str) -> None:
    database = Database(postgres_url.replace("postgresql://", "postgresql+psycopg://"))
    alone = Alone(database.engine)
    with alone.writing() as connection:
        session = connection.execute(text("select pg_backend_pid()")).scalar_one()
    with database.engine.begin() as other:
        other.execute(text("select pg_terminate_backend(:session, 60000)"), {"session": session})
    with alone.writing() as connection:
        assert connection.execute(text("select pg_backend_pid()")).scalar_one() != session
    alone.close()
    database.close()
