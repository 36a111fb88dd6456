"""One bad thing among many must not hold up the rest: what cannot be done together is done one by one."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DataError, SQLAlchemyError

T = TypeVar("T")
NOT_ITS_FAULT = (SQLAlchemyError, sqlite3.OperationalError, OSError)  # a database, a file of analytics, a disk


def do_all_or_each(
    connection: Connection,
    things: Sequence[T],
    do: Callable[[Sequence[T]], None],
    set_aside: Callable[[T, Exception], None],
) -> None:
    """`set_aside` is given what cannot be done even alone. Raises what is the fault of a database or a disk: try again
    later."""
    try:
        with _undone_on_error(connection):
            do(things)
    except Exception as error:
        if isinstance(error, NOT_ITS_FAULT) and not isinstance(error, DataError):
            raise
        if len(things) == 1:
            set_aside(things[0], error)
            return
        for thing in things:
            do_all_or_each(connection, [thing], do, set_aside)


@contextmanager
def _undone_on_error(connection: Connection) -> Iterator[None]:
    """A savepoint in plain words: SQLAlchemy's own takes as long as a small slice."""
    connection.exec_driver_sql("SAVEPOINT slice")
    try:
        yield
    except Exception:
        connection.exec_driver_sql("ROLLBACK TO SAVEPOINT slice")
        raise
    finally:
        connection.exec_driver_sql("RELEASE SAVEPOINT slice")
