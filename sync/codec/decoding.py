"""Reading a change's body: every bound is asked before anything of that size is made, and nothing is taken that
`encode` would not have written.

Each column is read in one go and tells whether it was spelt canonically, so that nothing need be written again to
compare; a test holds the two against each other. A week of two documents is read in about 0.15 ms.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, islice, pairwise
from typing import TypeVar

from sync.codec.change import (
    ACTION,
    COUNTER_MAX,
    DELETE,
    DELETED,
    DOOR,
    HASH_BYTES,
    INSERT,
    KEY_TEXT,
    KNOWN_COLUMNS,
    PRED_ACTOR,
    PRED_COUNT,
    PRED_COUNTER,
    PUT,
    TIME_MAX,
    VALUE_LENGTH,
    VALUE_RAW,
    Change,
    Deleted,
    Limits,
    Op,
    OpId,
)
from sync.codec.columns import Column, read_booleans, read_deltas, read_runs
from sync.codec.errors import Malformed, OutsideModel, OverLimit, Truncated
from sync.codec.leb import Reader
from sync.codec.scalars import NULL_META, READ, Scalar, text

T = TypeVar("T")
Preds = tuple[OpId, ...]


@dataclass(frozen=True, slots=True)
class Columns:
    """A change that was read, as columns of as many places: what admits and follows changes needs no more.

    `written`: each value's type and bytes as they came, so that who stores them need not write them again.
    """

    actor: bytes
    seq: int
    start_op: int
    time: int
    deps: tuple[bytes, ...]
    message: str
    keys: Sequence[str]
    values: Sequence[Scalar | Deleted]
    preds: Sequence[Preds]
    written: Sequence[tuple[int, bytes]]

    @property
    def change(self) -> Change:
        ops = tuple(map(Op, self.keys, self.values, self.preds))
        return Change(self.actor, self.seq, self.start_op, self.time, self.deps, ops, self.message)


def decode(body: bytes, limits: Limits = DOOR) -> Change:
    """Raises `Truncated`, `Malformed`, `OutsideModel` or `OverLimit`; nothing else, whatever the bytes."""
    return columns_of(body, limits).change


def columns_of(body: bytes, limits: Limits = DOOR) -> Columns:
    """The same as `decode`, and the same errors."""
    if len(body) > limits.body_bytes:
        raise OverLimit(f"a change of {len(body)} bytes; the limit is {limits.body_bytes}")
    reader = Reader(body)
    deps = tuple(reader.take(HASH_BYTES) for _ in range(_count(reader, limits.dependencies, "dependencies")))
    actor = _bytes(reader, limits.actor_bytes, "an actor")
    seq, start_op, time = reader.uleb(), reader.uleb(), reader.sleb()
    message = text(_bytes(reader, limits.message_bytes, "a message"), "a message")
    others = [_bytes(reader, limits.actor_bytes, "an actor") for _ in range(_count(reader, limits.actors, "actors"))]
    reading = _Reading(reader, [actor, *others], limits)
    columns = Columns(
        actor, seq, start_op, time, deps, message, reading.keys, reading.values, reading.preds, reading.written
    )
    _check(columns)
    if not reading.canonical:
        raise Malformed("not the canonical encoding of this change")
    _check_texts(columns)
    return columns


def _check(columns: Columns) -> None:
    if not (1 <= columns.seq <= COUNTER_MAX and 1 <= columns.start_op <= COUNTER_MAX - len(columns.keys)):
        raise Malformed("sequence and counters start at 1 and stay below 2^32")
    if abs(columns.time) > TIME_MAX:
        raise Malformed("a time that a phone's numbers do not hold")
    if any(low >= high for low, high in pairwise(columns.deps)):
        raise Malformed("dependencies are not in ascending order")
    # Asked first, since most changes of a first week replace nothing.
    ops = enumerate(columns.preds, columns.start_op) if any(columns.preds) else ()
    if any(preds and preds[-1].counter >= counter for counter, preds in ops):
        raise Malformed("an operation replaces one that does not come before it")


def _check_texts(columns: Columns) -> None:
    texts = [value for value in columns.values if isinstance(value, str)]
    if "\0" in columns.message or "\0" in "".join(columns.keys) or "\0" in "".join(texts):
        raise OutsideModel("a text with NUL in it, which no table of PostgreSQL can keep")


def _count(reader: Reader, limit: int, what: str) -> int:
    count = reader.uleb()
    if count > limit:
        raise OverLimit(f"{count} {what}; the limit is {limit}")
    return count


def _bytes(reader: Reader, limit: int, what: str) -> bytes:
    return reader.take(_count(reader, limit, f"bytes in {what}"))


def _readers(reader: Reader) -> dict[int, Reader]:
    """A reader for each column; they must fill the rest of the body exactly."""
    specs = [(reader.uleb(), reader.uleb()) for _ in range(_count(reader, len(KNOWN_COLUMNS), "columns"))]
    columns: dict[int, Reader] = {}
    at = reader.at
    for spec, length in specs:
        if spec not in KNOWN_COLUMNS:
            raise OutsideModel(f"a column of kind {spec:#x}")
        if spec in columns:
            raise Malformed(f"the column {spec:#x} stands twice")
        columns[spec] = Reader(reader.source, at, at + length)
        at += length
    if at > reader.end:
        raise Truncated("the columns are longer than the change")
    if at < reader.end:
        raise Malformed("bytes behind the columns")
    return columns


class _Reading:
    """The columns of one change while they are read; `canonical` once all were spelt as `encode` spells them."""

    def __init__(self, reader: Reader, actors: list[bytes], limits: Limits) -> None:
        self._limits = limits
        self._actors = actors
        self._readers = _readers(reader)
        self.canonical = self._stand_in_order()
        self.written: list[tuple[int, bytes]] = []
        self.keys, self.values, self.preds = self._read()

    def _stand_in_order(self) -> bool:
        """Columns ascend and none is empty; the actors beside the author ascend."""
        specs, others = list(self._readers), self._actors[1:]
        filled = all(column.left for column in self._readers.values())
        return filled and specs == sorted(specs) and others == sorted(set(others) - {self._actors[0]})

    def _of(self, spec: int) -> Reader:
        return self._readers.get(spec) or Reader(b"")

    def _read(self) -> tuple[list[str], Sequence[Scalar | Deleted], list[Preds]]:
        actions = self._whole(self._runs(ACTION, self._limits.operations), "an action")
        count = len(actions)
        if set(actions) - {PUT, DELETE}:
            raise OutsideModel("an action other than put and delete")
        keys = self._keys(count)
        metas = self._whole(self._runs(VALUE_LENGTH, count), "a value's length")
        values = self._values(metas)
        preds = self._preds(count)
        inserts = self._noted(read_booleans(self._of(INSERT), count))
        if any(inserts):
            raise OutsideModel("an insertion into a list")
        if not len(keys) == len(values) == len(preds) == count:
            raise Malformed("columns of different lengths")
        self.canonical &= len(inserts) == count
        return keys, self._deleted(actions, metas, values) if DELETE in actions else values, preds

    def _deleted(self, actions: list[int], metas: list[int], values: list[Scalar]) -> list[Scalar | Deleted]:
        """What was deleted has no value: a null is written in its place."""
        deleted = [action == DELETE for action in actions]
        self.canonical &= all(meta == NULL_META for meta, gone in zip(metas, deleted, strict=True) if gone)
        return [DELETED if gone else value for value, gone in zip(values, deleted, strict=True)]

    def _noted(self, column: Column[T]) -> list[T | None]:
        self.canonical &= column.canonical
        return column.values

    def _whole(self, column: Column[T], what: str) -> list[T]:
        if column.has_nulls:
            raise Malformed(f"{what} is missing")
        return self._noted(column)  # type: ignore[return-value]  # no None is left, as was just asked

    def _runs(self, spec: int, limit: int) -> Column[int]:
        reader = self._of(spec)
        return read_runs(reader, reader.ulebs, limit)

    def _keys(self, count: int) -> list[str]:
        reader, limit = self._of(KEY_TEXT), self._limits.key_bytes

        column = read_runs(reader, lambda length: _texts(reader, length, limit), count)
        if column.has_nulls:
            raise OutsideModel("an operation without a key of its own")
        return self._noted(column)  # type: ignore[return-value]  # no None is left, as was just asked

    def _values(self, metas: list[int]) -> list[Scalar]:
        """The column has the values' bytes, one behind another; `metas` say how long each is, and its type."""
        raw, limit = self._of(VALUE_RAW), self._limits.value_bytes
        lengths, types = [meta >> 4 for meta in metas], [meta & 0xF for meta in metas]
        if (longest := max(lengths, default=0)) > limit:
            raise OverLimit(f"a value of {longest} bytes; the limit is {limit}")
        if (total := sum(lengths)) > raw.left:
            raise Truncated(f"values of {total} bytes wanted at {raw.at}, {raw.left} left")
        if total < raw.left:
            raise Malformed("value bytes that belong to no operation")
        source = raw.source
        pieces = [source[start:end] for start, end in pairwise(accumulate(lengths, initial=raw.at))]
        self.written = list(zip(types, pieces, strict=True))
        return [READ[of_type](piece) for of_type, piece in self.written]

    def _preds(self, count: int) -> list[Preds]:
        """For each operation those that it replaces; all actors beside the author must be named by one of them."""
        counts = self._whole(self._runs(PRED_COUNT, count), "a predecessor count")
        total = sum(counts)
        if total > self._limits.predecessors:
            raise OverLimit(f"{total} predecessors; the limit is {self._limits.predecessors}")
        places = self._whole(self._runs(PRED_ACTOR, total), "a predecessor's actor")
        counters = self._whole(read_deltas(self._of(PRED_COUNTER), total), "a predecessor's counter")
        if not len(places) == len(counters) == total:
            raise Malformed("predecessors of different lengths")
        if any(place >= len(self._actors) for place in places):
            raise Malformed("a predecessor by an actor that is not named")
        if any(not 0 < counter <= COUNTER_MAX for counter in counters):
            raise Malformed("a predecessor's counter is out of range")
        self.canonical &= len({0, *places}) == len(self._actors)
        if not total:
            return [()] * len(counts)
        flat = iter([OpId(counter, self._actors[place]) for counter, place in zip(counters, places, strict=True)])
        return [_ascending(tuple(islice(flat, size))) if size else () for size in counts]


def _texts(reader: Reader, count: int, limit: int) -> list[str]:
    """Keys, each behind its length; the reader is passed by, since calls would cost more than the reading."""
    texts, source, at, end = [], reader.source, reader.at, reader.end
    try:
        for _ in range(count):
            if at < end and (size := source[at]) < 0x80:
                at += 1
            else:
                reader.at = at
                size, at = reader.uleb(), reader.at
            if size > limit:
                raise OverLimit(f"{size} bytes in a key; the limit is {limit}")
            if at + size > end:
                raise Truncated(f"a key of {size} bytes wanted at {at}, {end - at} left")
            texts.append(source[at : at + size].decode())
            at += size
    except UnicodeDecodeError as error:
        raise Malformed("a key is not UTF-8") from error
    reader.at = at
    return texts


def _ascending(preds: Preds) -> Preds:
    if any(low >= high for low, high in pairwise(preds)):
        raise Malformed("predecessors are not in ascending order")
    return preds
