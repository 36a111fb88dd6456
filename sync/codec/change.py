"""One change of the restricted model: puts and deletes of flat keys at a document's root.

A change *body* is the contents of a change chunk, uncompressed, without magic, checksum, type and length. Encoding is
canonical: Automerge makes chunks again from what it read and hashes those, so any other spelling would change the
hash. `decode` takes nothing that `encode` would not write.

Source: Automerge binary format, "Change chunks" and "Operation columns"; docs/decisions/0002-flat-keys.md.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice, pairwise
from typing import Final

from sync.codec.columns import read_booleans, read_deltas, read_runs, write_deltas, write_runs
from sync.codec.errors import Malformed, OutsideModel, OverLimit, Truncated
from sync.codec.leb import Reader, sleb, uleb
from sync.codec.scalars import Scalar, ValueType, read_scalar, text, write_scalar

MAGIC: Final = bytes.fromhex("856f4a83")
CHANGE_CHUNK: Final = 1
HASH_BYTES: Final = 32
COUNTER_MAX: Final = 2**53 - 1  # what a phone's numbers hold exactly

KEY_TEXT, INSERT, ACTION, VALUE_LENGTH, VALUE_RAW = 0x15, 0x34, 0x42, 0x56, 0x57
PRED_COUNT, PRED_ACTOR, PRED_COUNTER = 0x70, 0x71, 0x73
KNOWN_COLUMNS: Final = {
    KEY_TEXT,
    INSERT,
    ACTION,
    VALUE_LENGTH,
    VALUE_RAW,
    PRED_COUNT,
    PRED_ACTOR,
    PRED_COUNTER,
}
PUT, DELETE = 1, 3


@dataclass(frozen=True)
class Limits:
    """What the door lets in. A week of work of one document is some 120 operations and 3 KB."""

    body_bytes: int = 64 * 1024  # twenty such weeks in one change
    operations: int = 4_096
    dependencies: int = 64  # concurrent heads: one for each device of a learner, and many to spare
    actors: int = 64
    predecessors: int = 16_384  # puts that one change replaces, all together
    key_bytes: int = 256
    value_bytes: int = 16_384  # a note of 4,000 characters in any script
    message_bytes: int = 256
    actor_bytes: int = 64  # Tiffin's own actors have 16


DOOR: Final = Limits()


@dataclass(frozen=True, slots=True, order=True)
class OpId:
    """Lamport order: counter first, then the actor's bytes."""

    counter: int
    actor: bytes


class Deleted:
    """Stands where a key's value was removed."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "DELETED"


DELETED: Final = Deleted()


@dataclass(frozen=True, slots=True)
class Op:
    """One key put or deleted. `pred`: the operations that this one replaces, ascending."""

    key: str
    value: Scalar | Deleted
    pred: tuple[OpId, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """`seq` counts this actor's changes of this document from 1; op i has the counter `start_op + i`; `time` is in
    seconds since 1970; `deps` are hashes, ascending."""

    actor: bytes
    seq: int
    start_op: int
    time: int
    deps: tuple[bytes, ...]
    ops: tuple[Op, ...]
    message: str = ""

    def op_id(self, index: int) -> OpId:
        return OpId(self.start_op + index, self.actor)


def change_hash(body: bytes) -> bytes:
    """SHA-256 over the chunk's type, length and contents: the change's name."""
    return sha256(bytes((CHANGE_CHUNK,)) + uleb(len(body)) + body).digest()


def to_chunk(body: bytes) -> bytes:
    """The official chunk: magic, checksum, type, length, contents."""
    return MAGIC + change_hash(body)[:4] + bytes((CHANGE_CHUNK,)) + uleb(len(body)) + body


def from_chunk(chunk: bytes) -> bytes:
    """The body of one official, uncompressed change chunk."""
    reader = Reader(chunk)
    if reader.take(4) != MAGIC:
        raise Malformed("this is no Automerge chunk")
    checksum = reader.take(4)
    if reader.take(1)[0] != CHANGE_CHUNK:
        raise OutsideModel("only plain change chunks are taken")
    body = reader.take(reader.uleb())
    if reader.left:
        raise Malformed("bytes behind the chunk")
    if change_hash(body)[:4] != checksum:
        raise Malformed("the checksum does not match")
    return body


def encode(change: Change) -> bytes:
    actors = _actor_table(change)
    columns = [(spec, raw) for spec, raw in _columns(change.ops, actors) if raw]
    message = change.message.encode()
    head = [
        uleb(len(change.deps)),
        *change.deps,
        _sized(change.actor),
        uleb(change.seq),
        uleb(change.start_op),
        sleb(change.time),
        _sized(message),
        uleb(len(actors) - 1),
        *(_sized(actor) for actor in actors[1:]),
        uleb(len(columns)),
        *(uleb(spec) + uleb(len(raw)) for spec, raw in columns),
    ]
    return b"".join(head) + b"".join(raw for _, raw in columns)


def _sized(raw: bytes) -> bytes:
    return uleb(len(raw)) + raw


def _actor_table(change: Change) -> list[bytes]:
    """The author first, everyone else it names in order."""
    others = {pred.actor for op in change.ops for pred in op.pred} - {change.actor}
    return [change.actor, *sorted(others)]


def _columns(ops: tuple[Op, ...], actors: list[bytes]) -> Iterator[tuple[int, bytes]]:
    index = {actor: place for place, actor in enumerate(actors)}
    written = [(ValueType.NULL, b"") if isinstance(op.value, Deleted) else write_scalar(op.value) for op in ops]
    preds = [pred for op in ops for pred in op.pred]
    yield KEY_TEXT, write_runs((op.key for op in ops), lambda key: _sized(key.encode()))
    yield INSERT, uleb(len(ops)) if ops else b""
    yield ACTION, write_runs((DELETE if isinstance(op.value, Deleted) else PUT for op in ops), uleb)
    yield VALUE_LENGTH, write_runs((len(raw) << 4 | kind for kind, raw in written), uleb)
    yield VALUE_RAW, b"".join(raw for _, raw in written)
    yield PRED_COUNT, write_runs((len(op.pred) for op in ops), uleb)
    yield PRED_ACTOR, write_runs((index[pred.actor] for pred in preds), uleb)
    yield PRED_COUNTER, write_deltas([pred.counter for pred in preds])


def decode(body: bytes, limits: Limits = DOOR) -> Change:
    """Reads a body; every limit is asked before anything of that size is made.

    Raises `Truncated`, `Malformed`, `OutsideModel` or `OverLimit`; nothing else, whatever the bytes.
    """
    if len(body) > limits.body_bytes:
        raise OverLimit(f"a change of {len(body)} bytes; the limit is {limits.body_bytes}")
    reader = Reader(body)
    deps = tuple(reader.take(HASH_BYTES) for _ in range(_count(reader, limits.dependencies, "dependencies")))
    actor = _bytes(reader, limits.actor_bytes, "an actor")
    seq, start_op, time = reader.uleb(), reader.uleb(), reader.sleb()
    message = text(_bytes(reader, limits.message_bytes, "a message"), "a message")
    others = [_bytes(reader, limits.actor_bytes, "an actor") for _ in range(_count(reader, limits.actors, "actors"))]
    ops = _read_ops(_read_columns(reader), [actor, *others], limits)
    change = Change(actor, seq, start_op, time, deps, ops, message)
    _check(change, body)
    return change


def _check(change: Change, body: bytes) -> None:
    if not (1 <= change.seq <= COUNTER_MAX and 1 <= change.start_op <= COUNTER_MAX - len(change.ops)):
        raise Malformed("sequence and counters start at 1 and stay below 2^53")
    if abs(change.time) > COUNTER_MAX:
        raise Malformed("a time that a phone's numbers do not hold")
    if any(low >= high for low, high in pairwise(change.deps)):
        raise Malformed("dependencies are not in ascending order")
    if any(pred.counter >= change.start_op + index for index, op in enumerate(change.ops) for pred in op.pred):
        raise Malformed("an operation replaces one that does not come before it")
    if encode(change) != body:
        raise Malformed("not the canonical encoding of this change")
    if any("\0" in op.key or (isinstance(op.value, str) and "\0" in op.value) for op in change.ops):
        raise OutsideModel("a text with NUL in it, which no table of PostgreSQL can keep")


def _count(reader: Reader, limit: int, what: str) -> int:
    count = reader.uleb()
    if count > limit:
        raise OverLimit(f"{count} {what}; the limit is {limit}")
    return count


def _bytes(reader: Reader, limit: int, what: str) -> bytes:
    return reader.take(_count(reader, limit, f"bytes in {what}"))


def _read_columns(reader: Reader) -> dict[int, Reader]:
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


def _read_ops(columns: dict[int, Reader], actors: list[bytes], limits: Limits) -> tuple[Op, ...]:
    nothing = Reader(b"")
    column = {spec: columns.get(spec, nothing) for spec in KNOWN_COLUMNS}
    actions = _whole(read_runs(column[ACTION], column[ACTION].uleb, limits.operations), "an action")
    count = len(actions)
    if set(actions) - {PUT, DELETE}:
        raise OutsideModel("an action other than put and delete")
    keys = _read_keys(column[KEY_TEXT], count, limits)
    values = _read_values(column[VALUE_LENGTH], column[VALUE_RAW], count, limits)
    preds = _read_preds(column, count, actors, limits)
    if any(read_booleans(column[INSERT], count)):
        raise OutsideModel("an insertion into a list")
    if not len(keys) == len(values) == len(preds) == count:
        raise Malformed("columns of different lengths")
    return tuple(
        Op(key, DELETED if action == DELETE else value, pred)
        for action, key, value, pred in zip(actions, keys, values, preds, strict=True)
    )


def _whole(values: list[int | None], what: str) -> list[int]:
    if None in values:
        raise Malformed(f"{what} is missing")
    return values  # type: ignore[return-value]  # no None is left, as was just asked


def _read_keys(reader: Reader, count: int, limits: Limits) -> list[str]:
    keys = read_runs(reader, lambda: text(_bytes(reader, limits.key_bytes, "a key"), "a key"), count)
    if None in keys:
        raise OutsideModel("an operation without a key of its own")
    return keys  # type: ignore[return-value]  # no None is left, as was just asked


def _read_values(lengths: Reader, raw: Reader, count: int, limits: Limits) -> list[Scalar]:
    values: list[Scalar] = []
    for meta in _whole(read_runs(lengths, lengths.uleb, count), "a value's length"):
        length = meta >> 4
        if length > limits.value_bytes:
            raise OverLimit(f"a value of {length} bytes; the limit is {limits.value_bytes}")
        values.append(read_scalar(meta & 0xF, raw.take(length)))
    if raw.left:
        raise Malformed("value bytes that belong to no operation")
    return values


def _read_preds(column: dict[int, Reader], count: int, actors: list[bytes], limits: Limits) -> list[tuple[OpId, ...]]:
    counts = _whole(read_runs(column[PRED_COUNT], column[PRED_COUNT].uleb, count), "a predecessor count")
    total = sum(counts)
    if total > limits.predecessors:
        raise OverLimit(f"{total} predecessors; the limit is {limits.predecessors}")
    places = _whole(read_runs(column[PRED_ACTOR], column[PRED_ACTOR].uleb, total), "a predecessor's actor")
    counters = _whole(read_deltas(column[PRED_COUNTER], total), "a predecessor's counter")
    if not len(places) == len(counters) == total:
        raise Malformed("predecessors of different lengths")
    if any(place >= len(actors) for place in places):
        raise Malformed("a predecessor by an actor that is not named")
    if any(not 0 < counter <= COUNTER_MAX for counter in counters):
        raise Malformed("a predecessor's counter is out of range")
    flat = iter([OpId(counter, actors[place]) for counter, place in zip(counters, places, strict=True)])
    return [_ascending(tuple(islice(flat, size))) if size else () for size in counts]


def _ascending(preds: tuple[OpId, ...]) -> tuple[OpId, ...]:
    if any(low >= high for low, high in pairwise(preds)):
        raise Malformed("predecessors are not in ascending order")
    return preds
