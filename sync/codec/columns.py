"""The columns of a change: run-length, delta and boolean encodings.

Each has one canonical form: two and more equal values are a repetition, single ones gather in one literal run, nulls
are counted. A decoder is told how many values may come, so that a run of 2^60 costs nothing.

Source: Automerge binary format, "Column encodings".
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import TypeVar

from sync.codec.errors import Malformed, OverLimit
from sync.codec.leb import Reader, sleb, uleb

T = TypeVar("T")


def read_runs(reader: Reader, read: Callable[[], T], limit: int) -> list[T | None]:
    """Values of a run-length column until `reader` ends; at most `limit`."""
    values: list[T | None] = []
    while reader.left:
        count = reader.sleb()
        length = abs(count) or reader.uleb()
        if not length:
            raise Malformed(f"an empty run before {reader.at}")
        if len(values) + length > limit:
            raise OverLimit(f"a column with more than {limit} values")
        if count > 0:
            values += [read()] * length
        elif count < 0:
            values += [read() for _ in range(length)]
        else:
            values += [None] * length
    return values


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


def read_deltas(reader: Reader, limit: int) -> list[int | None]:
    total = 0
    values: list[int | None] = []
    for delta in read_runs(reader, reader.sleb, limit):
        total += delta or 0
        values.append(None if delta is None else total)
    return values


def write_deltas(values: Sequence[int]) -> bytes:
    return write_runs(_differences(values), sleb)


def _differences(values: Sequence[int]) -> Iterator[int]:
    before = 0
    for value in values:
        yield value - before
        before = value


def read_booleans(reader: Reader, limit: int) -> list[bool]:
    values: list[bool] = []
    current = False
    while reader.left:
        length = reader.uleb()
        if len(values) + length > limit:
            raise OverLimit(f"a column with more than {limit} values")
        values += [current] * length
        current = not current
    return values
