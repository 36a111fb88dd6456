"""Random histories of several phones that each write one document twice: by our codec, and by the official package.

Phones put and delete, commit, meet in one direction or both, get things twice and too early, and are copied to new
ones; keys are few, so that they collide.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from math import inf, nan

from automerge import core

from sync.codec import (
    Change,
    Deleted,
    Document,
    MissingDependencies,
    Scalar,
    Survivor,
    Timestamp,
    Uint,
    change_hash,
    decode,
    encode,
    from_chunk,
    to_chunk,
    write_scalar,
)

PHONES_MAX = 6
STEPS_MAX = 40
KEYS = ("s/a", "s/b", "p/lecture", "w/é", "n/水/1", "n/ماء/😀", "q/exam/q1", " ", "k" * 256, "水" * 85)
EDGES = (0, 1, 63, 64, 8_191, 8_192, 2**31, 2**32, 2**53 - 1, 2**53, 2**53 + 1, 2**62, 2**63 - 1)
INTEGERS = tuple(value for edge in EDGES for value in (edge, -edge, ~edge))
UNSIGNED = tuple(map(Uint, (*EDGES, 2**63, 2**64 - 1)))
FLOATS = (0.0, -0.0, 1.0, -1.0, 0.5, 1e300, 5e-324, 2.0**53, -(2.0**63), inf, -inf, nan)
TEXTS = (
    "",
    " ",
    "Boil it",
    "ماء",
    "水😀",
    "\ufeff",
    "\ufffd",
    "e\u0301",
    "line\nline",
    "x" * 127,
    "x" * 128,
    "é" * 4_000,
)
RAW = (b"", b"\0", b"\xff\x80\0", bytes(range(256)), b"\0" * 4_096)
# In July and at noon: the package takes naive local times, and no clock is put forward or back then.
TIMES = tuple(Timestamp(round(datetime(year, 7, 5, 12).timestamp() * 1000)) for year in (1902, 1969, 1970, 2026, 9998))
PLAIN: tuple[Scalar, ...] = (None, True, False)
KINDS: tuple[Sequence[Scalar], ...] = (PLAIN, INTEGERS, UNSIGNED, FLOATS, TEXTS, RAW, TIMES)
OFFICIAL_KINDS = {
    bool: core.ScalarType.Boolean,
    int: core.ScalarType.Int,
    float: core.ScalarType.F64,
    str: core.ScalarType.Str,
    bytes: core.ScalarType.Bytes,
    type(None): core.ScalarType.Null,
    Uint: core.ScalarType.Uint,
    Timestamp: core.ScalarType.Timestamp,
}
Written = tuple[int, bytes]  # a value as its type and bytes: NaN is itself, and 1 is not 1.0


def written(value: Scalar) -> Written:
    kind, raw = write_scalar(value)
    return int(kind), raw


@dataclass
class Phone:
    """One actor, twice: `ours` and `theirs` do the same. `last`: the change that it wrote last."""

    ours: Document
    theirs: core.Document
    last: bytes | None = None

    @classmethod
    def new(cls, actor: bytes) -> "Phone":
        return cls(Document(actor), core.Document(actor))

    def commit(self) -> tuple[bytes, bytes] | None:
        """The same change by both encoders; None where there is nothing to write, or nothing to compare."""
        before, shown = self.last, self.survivors
        body = self.ours.commit(0)  # the time that the package gives
        if body is None:
            return None
        self.last = change_hash(body)
        change = decode(body)
        says_nothing_new = any(one.value == op.value for op in change.ops for one in shown.get(op.key, ()))
        theirs = None if says_nothing_new else self._written_by_the_package(change)  # it leaves such puts out
        self.theirs.merge(core.Document.load(b"".join(map(to_chunk, self.ours.bodies))))
        return (_with(before, body), theirs) if theirs else None

    def _written_by_the_package(self, change: Change) -> bytes:
        """On a copy: the package may name one dependency more, and go by another hash for ever after."""
        copy = self.theirs.fork()
        copy.set_actor(change.actor)
        with copy.transaction() as transaction:
            for op in change.ops:
                if isinstance(op.value, Deleted):
                    transaction.delete(core.ROOT, op.key)
                else:
                    transaction.put(core.ROOT, op.key, OFFICIAL_KINDS[type(op.value)], _handed(op.value))
        return from_chunk(bytes(copy.get_changes([])[-1].raw_bytes))

    def pull(self, other: "Phone") -> None:
        """All that the other has; what is known already changes nothing."""
        for body in other.ours.bodies:
            self.ours.apply(body)
        self.theirs.merge(other.theirs)

    @property
    def survivors(self) -> dict[str, tuple[Survivor, ...]]:
        return {key: self.ours.survivors(key) for key in self.ours.keys()}


def _with(before: bytes | None, body: bytes) -> bytes:
    """The change as the package writes it, which names its author's change before this one even where others that it
    names were written on top of that. We leave those 32 bytes out: they say nothing new."""
    change = decode(body)
    deps = {*change.deps, before} if before else change.deps
    return encode(replace(change, deps=tuple(sorted(deps))))


def _handed(value: Scalar) -> object:
    if isinstance(value, Timestamp):
        return datetime.fromtimestamp(value.value / 1000)  # naive, as the package wants it
    return value.value if isinstance(value, Uint) else value


@dataclass
class History:
    """What came of it. `twice`: each change's body by our encoder and by theirs."""

    phones: list[Phone]
    twice: list[tuple[bytes, bytes]] = field(default_factory=list)

    @property
    def bodies(self) -> tuple[bytes, ...]:
        """Every change of every phone, once."""
        return tuple({body: None for phone in self.phones for body in phone.ours.bodies})


def history(rng: random.Random) -> History:
    made = History([Phone.new(some_actor(rng, place)) for place in range(rng.randrange(2, 4))])
    for _ in range(rng.randrange(STEPS_MAX)):
        _step(rng, made)
    for phone in made.phones:
        _commit(made, phone)
    return made


def _step(rng: random.Random, made: History) -> None:
    phone, other = rng.sample(made.phones, 2)
    match rng.randrange(10):
        case 0 if len(made.phones) < PHONES_MAX:
            made.phones.append(copied(phone, some_actor(rng, len(made.phones))))
        case 0 | 1 | 2:
            phone.pull(other)
        case 3 | 4:
            _commit(made, phone)
        case 5:
            phone.ours.delete(some_key(rng))
        case _:
            phone.ours.put(some_key(rng), some_value(rng))


def some_actor(rng: random.Random, place: int) -> bytes:
    """At random, and nobody else's: what shrinks a history draws zeros only."""
    return rng.randbytes(15) + bytes([place + 1])


def some_key(rng: random.Random) -> str:
    return rng.choice(rng.choice((KEYS, KEYS[:2])))


def some_value(rng: random.Random) -> Scalar:
    return rng.choice(rng.choice(KINDS))


def _commit(made: History, phone: Phone) -> None:
    if both := phone.commit():
        made.twice.append(both)


def copied(phone: Phone, actor: bytes) -> Phone:
    """Another phone that begins with all that this one has."""
    new = Phone.new(actor)
    new.pull(phone)
    return new


def in_any_order(bodies: Sequence[bytes], rng: random.Random) -> Document:
    """A replica to which all came in some order, some of it twice; what came too early comes again."""
    whole = Document(bytes(16))
    waiting = [*bodies, *rng.sample(bodies, len(bodies) // 3)]
    while waiting:
        rng.shuffle(waiting)
        waiting = [body for body in waiting if not _taken(whole, body)]
    return whole


def _taken(document: Document, body: bytes) -> bool:
    try:
        document.apply(body)
    except MissingDependencies:
        return False
    return True
