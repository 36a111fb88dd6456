"""Statements for many rows at once, run by the driver itself.

SQLAlchemy's expressions cost some 0.1 ms a statement and 10 µs a row: more than the database needs for them. Where an
exchange or a consumer comes by for every learner, SQL is written as text with `?`, compiled to nothing, and rows are
tuples. Errors, transactions and connections stay SQLAlchemy's. Both dialects take every statement here; a join with
`asked` (a list of values) is what both find by their indexes, while SQLite scans the table for `(a, b) IN (VALUES …)`.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Dialect, Engine, PoolProxiedConnection, Table
from sqlalchemy.exc import DBAPIError

Value = str | bytes | int | float | None
Encode = Callable[[Any], Any]
PARAMETERS_MAX = 30_000  # of one statement; SQLite takes 32,766, PostgreSQL 65,535


def run(connection: Connection, sql: str, parameters: Sequence[Value] = ()) -> Sequence[Any]:
    """One statement that gives rows, as tuples."""
    with _cursor(connection, sql) as (cursor, text):
        cursor.execute(text, tuple(parameters))
        rows: Sequence[Any] = cursor.fetchall()
    return rows


def tell(connection: Connection, sql: str) -> None:
    """One statement that gives nothing."""
    with _cursor(connection, sql) as (cursor, text):
        cursor.execute(text)


class Peek:
    """One connection kept open for single questions: a transaction around each would cost five times the question."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._kept: PoolProxiedConnection | None = None
        self._turn = Lock()

    def rows(self, sql: str, parameters: Sequence[Value]) -> Sequence[Any]:
        with self._turn:
            try:
                return self._ask(sql, parameters)
            except self._engine.dialect.loaded_dbapi.Error:
                self.close()  # the server may have restarted since the last question
                return self._ask(sql, parameters)

    def _ask(self, sql: str, parameters: Sequence[Value]) -> Sequence[Any]:
        if self._kept is None:
            self._kept = self._engine.raw_connection()
        cursor = self._kept.cursor()
        try:
            cursor.execute(_in_dialect(sql, self._engine.dialect.name), tuple(parameters))
            return cursor.fetchall()
        finally:
            cursor.close()
            self._kept.rollback()  # where the driver began a transaction by itself: it must not see the past for ever

    def close(self) -> None:
        if self._kept is not None:
            self._kept.invalidate()
            self._kept = None


def run_many(connection: Connection, sql: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """One statement for each of the rows; none gives anything back."""
    if rows:
        with _cursor(connection, sql) as (cursor, text):
            cursor.executemany(text, rows)


class _cursor:  # noqa: N801  # read as a function; a generator's context would cost as much as a small statement
    """The driver's own cursor, in the connection's transaction; its errors become SQLAlchemy's."""

    def __init__(self, connection: Connection, sql: str) -> None:
        self._connection = connection
        self._sql = sql

    def __enter__(self) -> tuple[Any, str]:
        self._open = self._connection.connection.cursor()
        return self._open, _in_dialect(self._sql, self._connection.dialect.name)

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._open.close()
        errors = self._connection.dialect.loaded_dbapi.Error
        if isinstance(error, errors):
            raise DBAPIError.instance(self._sql, None, error, errors, dialect=self._connection.dialect) from error


def ask(connection: Connection, sql: str, asked: Sequence[tuple[Value, ...]]) -> Iterator[Any]:
    """`sql` holds `{asked}` where the table of values stands; its columns are `column1`, `column2` and so on."""
    width = len(asked[0]) if asked else 1
    step = PARAMETERS_MAX // width
    for start in range(0, len(asked), step):
        some = list(asked[start : start + step])
        # Rows of nulls, which equal nothing, round the number up: few different texts, all kept prepared.
        some += [(None,) * width] * (_padded(len(some)) - len(some))
        yield from run(connection, _asking(sql, len(some), width), list(chain.from_iterable(some)))


def insert_rows(
    connection: Connection, table: Table, columns: tuple[str, ...], rows: Sequence[tuple[Any, ...]], otherwise: str = ""
) -> None:
    """`otherwise`: what follows the values, such as `ON CONFLICT DO NOTHING`."""
    encoders = _encoders(table, columns, connection.dialect)
    if encoders:
        rows = [_each(row, encoders) for row in rows]
    run_many(connection, _inserting_one(table.name, columns, otherwise), rows)


def insert_returning(
    connection: Connection, table: Table, columns: tuple[str, ...], rows: Sequence[tuple[Any, ...]], returning: str
) -> Sequence[Any]:
    """The same as one statement, with what the database made of each row; in no order."""
    sql = f"{_inserting(table.name, columns)} {_places(len(rows), len(columns))} RETURNING {returning}"
    return run(connection, sql, list(chain.from_iterable(rows))) if rows else []


def decoded(
    connection: Connection, table: Table, columns: tuple[str, ...], rows: Iterable[tuple[Any, ...]]
) -> Iterator[tuple[Any, ...]]:
    """Rows of these columns of a table, as SQLAlchemy would give them: JSON read, enumerations by their members."""
    decoders = _decoders(table, columns, connection.dialect)
    return (_each(row, decoders) for row in rows)


def _padded(count: int) -> int:
    return 1 << (count - 1).bit_length()


@lru_cache(maxsize=512)
def _asking(sql: str, rows: int, columns: int) -> str:
    return sql.replace("{asked}", f"(VALUES {_places(rows, columns)}) AS asked")


@lru_cache(maxsize=256)
def _places(rows: int, columns: int) -> str:
    return ", ".join([f"({', '.join('?' * columns)})"] * rows)


@lru_cache(maxsize=64)
def _inserting(table: str, columns: tuple[str, ...]) -> str:
    names = ", ".join(f'"{name}"' for name in columns)
    return f'INSERT INTO "{table}" ({names}) VALUES'  # names of our own tables


@lru_cache(maxsize=64)
def _inserting_one(table: str, columns: tuple[str, ...], otherwise: str) -> str:
    return f"{_inserting(table, columns)} {_places(1, len(columns))} {otherwise}"


@lru_cache(maxsize=512)
def _in_dialect(sql: str, dialect: str) -> str:
    return sql.replace("?", "%s") if dialect == "postgresql" else sql


@lru_cache(maxsize=64)
def _encoders(table: Table, columns: tuple[str, ...], dialect: Dialect) -> tuple[tuple[int, Encode], ...]:
    """What turns a value into what the driver takes, for the few columns that need it: JSON, enumerations."""
    of = ((place, table.c[name].type) for place, name in enumerate(columns))
    made = ((place, kind.dialect_impl(dialect).bind_processor(dialect)) for place, kind in of if _is_rich(kind))
    return tuple((place, encode) for place, encode in made if encode)


def _is_rich(kind: Any) -> bool:
    return kind.python_type not in (str, bytes, int, bool)


@lru_cache(maxsize=64)
def _decoders(table: Table, columns: tuple[str, ...], dialect: Dialect) -> tuple[tuple[int, Encode], ...]:
    kinds = [table.c[name].type.dialect_impl(dialect) for name in columns]
    made = ((place, kind.result_processor(dialect, None)) for place, kind in enumerate(kinds))
    return tuple((place, decode) for place, decode in made if decode)


def _each(row: tuple[Any, ...], recode: tuple[tuple[int, Encode], ...]) -> tuple[Any, ...]:
    values = list(row)
    for place, code in recode:
        values[place] = code(values[place])
    return tuple(values)
