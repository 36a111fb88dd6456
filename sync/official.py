"""The one door to the official Automerge package: an independent reading of the same changes, for audits and exports.

The package (1.0.0rc1) signals some faults by a PanicException, which is a BaseException, and drops changes with missing
dependencies in silence: so only complete sets are taken, and nothing but `OfficialRefusal` comes out. It holds the
interpreter's lock while it reads: run long readings in a process of their own.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from automerge import core

from sync.codec import DELETED, Change, Op, OpId, Survivor, change_hash, encode, from_chunk, to_chunk
from sync.codec.leb import Reader
from sync.codec.scalars import Scalar, Timestamp, Uint

ACTOR_BYTES = 16


class OfficialRefusal(RuntimeError):
    """The official package does not take these changes."""


def survivors_of(bodies: Iterable[bytes]) -> dict[str, tuple[Survivor, ...]]:
    """What stands at each key, in Lamport order: for audits, beside what the consumers hold.

    The package's Python side shows only the winner of a key. So the winners are deleted, each by a change that names
    it alone, until nothing more comes to light: as many readings as the widest conflict has values.
    """
    held = list(bodies)
    peeler = _unused_actor(held)
    found: dict[str, list[Survivor]] = {}
    sequence = 0
    while winners := _winners(document := _loaded(held)):
        for key, survivor in winners.items():
            found.setdefault(key, []).insert(0, survivor)
        sequence += 1
        ops = tuple(Op(key, DELETED, (survivor.op,)) for key, survivor in winners.items())
        start = 1 + max(change.max_op for change in document.get_changes([]))
        held.append(encode(Change(peeler, sequence, start, 0, tuple(sorted(document.get_heads())), ops)))
    return {key: tuple(survivors) for key, survivors in found.items()}


def winners_of(bodies: Iterable[bytes]) -> dict[str, Scalar]:
    """What the official package shows at each key: of concurrent puts the one with the highest Lamport id."""
    return {key: survivor.value for key, survivor in _winners(_loaded(list(bodies))).items()}


def heads_of(bodies: Iterable[bytes]) -> tuple[bytes, ...]:
    return tuple(sorted(_loaded(list(bodies)).get_heads()))


def document_of(bodies: Iterable[bytes]) -> bytes:
    """The whole document in the official file format."""
    return bytes(_loaded(list(bodies)).save())


def bodies_in(document: bytes) -> tuple[bytes, ...]:
    """The changes of a document in the official file format, each after what it depends on.

    For files that an administrator chose: a small file may hold a great document, so nothing from a phone comes here.
    """
    with _refusing():
        loaded = core.Document.load(document)
    return tuple(from_chunk(bytes(change.raw_bytes)) for change in loaded.get_changes([]))


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except (KeyboardInterrupt, SystemExit, OfficialRefusal):
        raise
    except BaseException as error:  # a PanicException is no Exception
        raise OfficialRefusal(str(error)) from error


def _loaded(bodies: Sequence[bytes]) -> core.Document:
    if not bodies:
        return core.Document()
    with _refusing():
        document = core.Document.load(b"".join(to_chunk(body) for body in bodies))
        if lost := {change_hash(body) for body in bodies} - {change.hash for change in document.get_changes([])}:
            raise OfficialRefusal(f"{len(lost)} changes build on others that are not among these")
        return document


def _unused_actor(bodies: Sequence[bytes]) -> bytes:
    with _refusing():
        authors = {bytes(change.actor_id) for change in _loaded(bodies).get_changes([])}
    return next(actor for number in range(len(authors) + 1) if (actor := number.to_bytes(ACTOR_BYTES)) not in authors)


def _winners(document: core.Document) -> dict[str, Survivor]:
    with _refusing():
        return {key: _survivor(document.get(core.ROOT, key)) for key in document.keys(core.ROOT)}


def _survivor(shown: Any) -> Survivor:
    (kind, value), op = shown
    return Survivor(_op_id(bytes(op)), _scalar(kind, value))


def _op_id(raw: bytes) -> OpId:
    """An operation's id as the package writes it: a tag, the actor's length and bytes, its place, the counter."""
    reader = Reader(raw, at=1)
    actor = reader.take(reader.uleb())
    reader.uleb()
    return OpId(reader.uleb(), actor)


def _scalar(kind: core.ScalarType, value: Any) -> Scalar:
    if kind == core.ScalarType.Bytes:
        return bytes(value)
    if kind == core.ScalarType.Uint:
        return Uint(value)
    if isinstance(value, datetime):  # in the machine's own time zone, and not saying so
        return Timestamp(round(value.timestamp() * 1000))
    scalar: Scalar = value
    return scalar
