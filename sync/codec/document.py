"""A replica of one document: the changes it holds, and what of their puts survives.

Merging is a set union: a put survives until a change that had seen it replaces it. Invariants: a change is applied
after all it depends on, and once; `survivors` depends on the set of changes alone, not on their order.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sync.codec.change import DELETED, DOOR, Change, Deleted, Limits, Op, OpId, change_hash, encode
from sync.codec.decoding import decode
from sync.codec.errors import CodecError
from sync.codec.scalars import Scalar


class MissingDependencies(CodecError):
    """A change whose dependencies this replica does not hold; `hashes` names them."""

    def __init__(self, hashes: tuple[bytes, ...]) -> None:
        super().__init__(f"{len(hashes)} changes that this one builds on are not here")
        self.hashes = hashes


@dataclass(frozen=True, slots=True)
class Survivor:
    op: OpId
    value: Scalar


class Document:
    """One document as one replica knows it; `actor` is who writes here."""

    def __init__(self, actor: bytes, bodies: Iterable[bytes] = (), *, limits: Limits = DOOR) -> None:
        self.actor = actor
        self._limits = limits
        self._bodies: dict[bytes, bytes] = {}
        self._heads: set[bytes] = set()
        self._survivors: dict[str, dict[OpId, Scalar]] = {}
        self._sequences: dict[bytes, int] = {}
        self._op_max = 0
        self._pending: dict[str, Scalar | Deleted] = {}
        for body in bodies:
            self.apply(body)

    @property
    def heads(self) -> tuple[bytes, ...]:
        return tuple(sorted(self._heads))

    @property
    def bodies(self) -> tuple[bytes, ...]:
        """Every change held, each after what it depends on."""
        return tuple(self._bodies.values())

    @property
    def hashes(self) -> frozenset[bytes]:
        """The names of all changes held."""
        return frozenset(self._bodies)

    def missing(self, body: bytes) -> tuple[bytes, ...]:
        return tuple(dep for dep in decode(body, self._limits).deps if dep not in self._bodies)

    def apply(self, body: bytes) -> bytes:
        """Takes one change in; a known one changes nothing. Gives its hash."""
        name = change_hash(body)
        if name not in self._bodies:
            change = decode(body, self._limits)
            if missing := tuple(dep for dep in change.deps if dep not in self._bodies):
                raise MissingDependencies(missing)
            self._take(name, body, change)
        return name

    def _take(self, name: bytes, body: bytes, change: Change) -> None:
        self._bodies[name] = body
        self._heads = (self._heads - set(change.deps)) | {name}
        self._sequences[change.actor] = max(change.seq, self._sequences.get(change.actor, 0))
        self._op_max = max(self._op_max, change.start_op + len(change.ops) - 1)
        for index, op in enumerate(change.ops):
            self._replace(op, change.op_id(index))

    def _replace(self, op: Op, op_id: OpId) -> None:
        survivors = self._survivors.setdefault(op.key, {})
        for pred in op.pred:
            survivors.pop(pred, None)
        if not isinstance(op.value, Deleted):
            survivors[op_id] = op.value
        if not survivors:
            del self._survivors[op.key]

    def survivors(self, key: str) -> tuple[Survivor, ...]:
        """What stands at a key, in Lamport order; more than one were written without knowing of each other."""
        return tuple(Survivor(op, value) for op, value in sorted(self._survivors.get(key, {}).items(), key=_by_op))

    def keys(self, prefix: str = "") -> Iterator[str]:
        return (key for key in sorted(self._survivors) if key.startswith(prefix))

    def current(self, key: str) -> tuple[Survivor, ...]:
        """What a reader here sees at a key: her own unwritten put, else what survives."""
        if key not in self._pending:
            return self.survivors(key)
        value = self._pending[key]
        if isinstance(value, Deleted):
            return ()
        return (Survivor(OpId(self._op_max + 1, self.actor), value),)

    @property
    def is_written(self) -> bool:
        """Nothing waits for the next commit."""
        return not self._pending

    def put(self, key: str, value: Scalar) -> None:
        """Writes at the next commit; the last put of a key before it is the one that counts."""
        self._pending[key] = value

    def delete(self, key: str) -> None:
        self._pending[key] = DELETED

    def pend(self, op: Op) -> None:
        """Writes at the next commit what another change had written; see `put` and `delete`."""
        self._pending[op.key] = op.value

    def commit(self, time: int) -> bytes | None:
        """One change of all that was put since the last; nothing to write gives none. `time`: seconds since 1970."""
        ops = tuple(self._op(key, value) for key, value in self._pending.items() if self._matters(key, value))
        self._pending.clear()
        if not ops:
            return None
        sequence = self._sequences.get(self.actor, 0) + 1
        change = Change(self.actor, sequence, self._op_max + 1, time, self.heads, ops)
        body = encode(change)
        self._take(change_hash(body), body, change)
        return body

    def _matters(self, key: str, value: Scalar | Deleted) -> bool:
        return not isinstance(value, Deleted) or key in self._survivors

    def _op(self, key: str, value: Scalar | Deleted) -> Op:
        return Op(key, value, tuple(sorted(self._survivors.get(key, {}))))

    def since(self, known: Iterable[bytes]) -> tuple[bytes, ...]:
        """The changes that a replica with the heads `known` lacks; heads not known here are passed over."""
        behind: set[bytes] = set()
        waiting = [name for name in known if name in self._bodies]
        while waiting:
            name = waiting.pop()
            if name not in behind:
                behind.add(name)
                waiting += decode(self._bodies[name], self._limits).deps
        return tuple(body for name, body in self._bodies.items() if name not in behind)


def _by_op(item: tuple[OpId, Scalar]) -> OpId:
    return item[0]
