"""The columns of a change: run-length, delta and boolean encodings.

Each has one canonical form: two and more equal values are a repetition, single ones gather in one literal run, nulls
are counted. A decoder is told how many values may come, so that a run of 2^60 costs nothing.

Source: Automerge binary format, "Column encodings".
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from operator import eq
from typing import Any, Generic, TypeVar

from sync.codec.errors import Malformed, OverLimit
from sync.codec.leb import Reader, sleb, uleb

T = TypeVar("T")


@dataclass(slots=True)
class Column(Generic[T]):
    """The values of a column, whether any is null, and whether they were spelt in the one way of `write_…`."""

    values: list[T | None]
    has_nulls: bool = False
    canonical: bool = True


def read_runs(reader: Reader, read_some: Callable[[int], list[T]], limit: int) -> Column[T]:
    """A run-length column until `reader` ends; at most `limit` values. `read_some` reads so many of them.

    A run's count says what it is: below 0 so many values, each for itself; above 0 one, so many times; 0 nulls.
    """
    column: Column[T] = Column([])
    values, before = column.values, 0
    while reader.at < reader.end:
        count = reader.sleb()
        length = abs(count) or reader.uleb()
        if not length:
            raise Malformed(f"an empty run before {reader.at}")
        if len(values) + length > limit:
            raise OverLimit(f"a column with more than {limit} values")
        some = read_some(length if count < 0 else 1) if count else [None]
        if not _is_shortest(count, some, before, values):
            column.canonical = False
        column.has_nulls |= not count
        values += some if count < 0 else some * length
        before = count
    return column


def _is_shortest(count: int, some: Sequence[Any], before: int, values: Sequence[Any]) -> bool:
    """Whether a run could not have been part of the one before it, and is of the right sort."""
    if values and values[-1] == some[0]:
        return False
    if count < 0:
        return before >= 0 and True not in map(eq, some, islice(some, 1, None))
    return count != 1


def write_runs(values: Iterable[T | None], write: Callable[[T], bytes]) -> bytes:
    out = bytearray()
    literal: list[bytes] = []

    def flush() -> None:
        if literal:
            out.extend(sleb(-len(literal)) + b"".join(literal))
            literal.clear()

    for value, run in groupby(values):
        length = sum(1 for _ in run)
        if value is None:
            flush()
            out.extend(b"\x00" + uleb(length))
        elif length == 1:
            literal.append(write(value))
        else:
            flush()
            out.extend(sleb(length) + write(value))
    flush()
    return bytes(out)


def read_deltas(reader: Reader, limit: int) -> Column[int]:
    column = read_runs(reader, reader.slebs, limit)
    total = 0
    for place, delta in enumerate(column.values):
        if delta is not None:
            column.values[place] = total = total + delta
    return column


def write_deltas(values: Sequence[int]) -> bytes:
    return write_runs(_differences(values), sleb)


def _differences(values: Sequence[int]) -> Iterator[int]:
    before = 0
    for value in values:
        yield value - before
        before = value


def read_booleans(reader: Reader, limit: int) -> Column[bool]:
    """Runs of false and true in turn; only the first may be empty."""
    column: Column[bool] = Column([])
    current = False
    while reader.at < reader.end:
        length = reader.uleb()
        if len(column.values) + length > limit:
            raise OverLimit(f"a column with more than {limit} values")
        column.canonical &= bool(length) or not current
        column.values += [current] * length
        current = not current
    return column
