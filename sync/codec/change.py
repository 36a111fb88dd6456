"""One change of the restricted model: puts and deletes of flat keys at a document's root.

A change *body* is the contents of a change chunk, uncompressed, without magic, checksum, type and length. Encoding is
canonical: Automerge makes chunks again from what it read and hashes those, so any other spelling would change the
hash. Reading is in `decoding`.

Source: Automerge binary format, "Change chunks" and "Operation columns"; docs/decisions/0002-flat-keys.md.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, NamedTuple

from sync.codec.columns import write_deltas, write_runs
from sync.codec.errors import Malformed, OutsideModel
from sync.codec.leb import Reader, sleb, uleb
from sync.codec.scalars import Scalar, ValueType, write_scalar

MAGIC: Final = bytes.fromhex("856f4a83")
CHANGE_CHUNK: Final = 1
HASH_BYTES: Final = 32
COUNTER_MAX: Final = 2**32 - 1  # the official package refuses a document with a higher one in it
TIME_MAX: Final = 2**53 - 1  # what a phone's numbers hold exactly

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


class OpId(NamedTuple):
    """Lamport order: counter first, then the actor's bytes."""

    counter: int
    actor: bytes


class Deleted:
    """Stands where a key's value was removed."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "DELETED"


DELETED: Final = Deleted()


class Op(NamedTuple):
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
