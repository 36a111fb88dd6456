"""What is let into the log: a pure decision over what a request holds and what the log already knows.

Invariants: nothing is admitted before what it depends on; nothing twice; nothing that was understood only in part.
What cannot be placed yet is parked, what cannot be trusted is quarantined with its bytes, one item at a time.
Submissions are never discarded: even one that contradicts the chain is kept, for a person to judge.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple

from sync.codec import CodecError, change_hash, columns_once
from sync.codec.leb import Reader
from sync.codec.scalars import text
from sync.errors import SyncError
from sync.events import Batch
from sync.limits import COURSE_CHARACTERS_MAX
from sync.submissions import FIRST, Chain
from sync.wire import DOCUMENTS, TIERS, Frame, FrameKind, FrameVerdict, Tier, Verdict

ACTOR_BYTES = 16


class Reason(StrEnum):
    """Why an item is not simply durable; the codes of docs/protocol.md."""

    MISSING_DEPENDENCIES = "missing_dependencies"
    ACTOR_FORKED = "actor_forked"
    MALFORMED = "malformed"
    UNKNOWN_COURSE = "unknown_course"
    CHAIN_BROKEN = "chain_broken"
    BUSY = "busy"


@dataclass(frozen=True, slots=True)
class Author:
    """Who sent it, once that was proven. Ids are text, as in the tables."""

    organisation: str
    learner: str
    device: str
    profile: int


class Item(NamedTuple):
    """One thing for the log. For changes `actor`, `seq` and `deps` are the change's; for submissions `seq` is the
    place in the chain, and `deps` the hash of the one before. `owner` is the device and profile of an item that was
    parked by another device of the same learner; None: whoever asks."""

    frame: int
    kind: FrameKind
    course: str
    hash: bytes
    body: bytes
    actor: bytes = b""
    seq: int = 0
    deps: tuple[bytes, ...] = ()
    owner: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class SetAside:
    """An item that is not let in, and why."""

    item: Item
    verdict: Verdict
    reason: Reason


@dataclass(frozen=True, slots=True)
class Facts:
    """What the log knows of what was asked about, and of what the learner's `parked` items need; see `Asked`."""

    known: frozenset[bytes]
    sequences: Mapping[tuple[str, int, bytes], int]
    chain_next: int
    courses: frozenset[str]
    parked: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """What must be known of the log to decide about some items."""

    hashes: frozenset[bytes]
    courses: frozenset[str]
    streams: frozenset[tuple[str, int, bytes]]  # of changes: course, kind, actor
    chained: bool  # whether any of them stands in the chain of submissions

    @classmethod
    def about(cls, items: Iterable[Item]) -> "Asked":
        items = tuple(items)
        return cls(
            hashes=frozenset(name for item in items for name in (*_names(item), *item.deps)),
            courses=frozenset(item.course for item in items if item.course),
            streams=frozenset((item.course, int(item.kind), item.actor) for item in items if item.actor),
            chained=any(item.kind is FrameKind.SUBMISSIONS for item in items),
        )

    def __or__(self, other: "Asked") -> "Asked":
        return Asked(
            self.hashes | other.hashes,
            self.courses | other.courses,
            self.streams | other.streams,
            self.chained or other.chained,
        )


@dataclass(frozen=True, slots=True)
class Admitted:
    """The decision. `accepted` in the order in which they enter the log; `placed` were parked until now, and so were
    the `hopeless`, which can never be placed: their place was taken while they waited."""

    accepted: tuple[Item, ...] = ()
    placed: tuple[Item, ...] = ()
    hopeless: tuple[SetAside, ...] = ()
    set_aside: tuple[SetAside, ...] = ()

    @property
    def verdicts(self) -> tuple[FrameVerdict, ...]:
        """One for each frame that is not wholly durable; the gravest where its items differ."""
        gravest: dict[int, SetAside] = {}
        for aside in self.set_aside:
            before = gravest.get(aside.item.frame)
            if before is None or aside.verdict > before.verdict:
                gravest[aside.item.frame] = aside
        return tuple(FrameVerdict(i, aside.verdict, aside.reason) for i, aside in sorted(gravest.items()))


def items_in(author: Author, frames: Sequence[Frame]) -> tuple[list[Item], list[SetAside]]:
    """The items that an author's frames hold, and the frames that cannot be read."""
    items: list[Item] = []
    broken: list[SetAside] = []
    for index, frame in enumerate(frames):
        if frame.kind not in TIERS:
            continue
        try:
            items += _items(author, index, frame)
        except (CodecError, SyncError):
            digest = sha256(frame.content).digest()
            item = Item(index, frame.kind, "", digest, frame.content)
            broken.append(SetAside(item, Verdict.QUARANTINED, Reason.MALFORMED))
    return items, broken


def _items(author: Author, index: int, frame: Frame) -> Iterator[Item]:
    if frame.kind in DOCUMENTS:
        yield _change(index, frame)
    elif frame.kind is FrameKind.SUBMISSIONS:
        yield from _submissions(index, frame.chain)
    else:
        yield _events(author, index, frame)


def _events(author: Author, index: int, frame: Frame) -> Item:
    """Two phones may have written the same rows: the author is part of what makes a batch itself."""
    batch = Batch.read(frame.content)
    source = f"{author.device}/{author.profile}/".encode()
    return Item(
        index, frame.kind, batch.course, sha256(source + frame.content).digest(), frame.content, seq=batch.first
    )


def _change(index: int, frame: Frame) -> Item:
    course, body = read_change(frame.content)
    change = columns_once(body)
    name = change_hash(body)
    return Item(index, frame.kind, course, name, body, change.actor, change.seq, change.deps)


def read_change(content: bytes) -> tuple[str, bytes]:
    """A document frame's course and change body."""
    reader = Reader(content)
    size = reader.uleb()
    course = reader.take(size)
    if not 0 < size <= 4 * COURSE_CHARACTERS_MAX:
        raise CodecError(f"a course's name of {size} bytes")
    name = text(course, "a course's name")
    if "\0" in name:
        raise CodecError("a course's name holds NUL")
    return name, content[reader.at :]


def _submissions(index: int, chain: Chain) -> Iterator[Item]:
    before = chain.previous
    for place, (record, name) in enumerate(zip(chain.records, chain.hashes, strict=True), chain.start):
        yield Item(index, FrameKind.SUBMISSIONS, "", name, record, seq=place, deps=(before,))
        before = name


def admit(author: Author, items: Sequence[Item], facts: Facts, *, shed: frozenset[Tier] = frozenset()) -> Admitted:
    """Decides about each item in order. `shed`: tiers that are not taken now, because the server is busy."""
    door = _Door(author, facts)
    accepted: list[Item] = []
    aside: list[SetAside] = []
    for item in items:
        if door.holds(item):
            door.note_held(item)
            continue
        item = door.named(item)
        if TIERS[item.kind] in shed:
            aside.append(SetAside(item, Verdict.LATER, Reason.BUSY))
        elif judged := door.judge(item):
            aside.append(SetAside(item, *judged))
        else:
            door.let_in(item)
            accepted.append(item)
    placed = _place(door, facts.parked)
    released, still = _release(door, aside)
    return Admitted(tuple(accepted + released), tuple(placed), tuple(_hopeless(door)), tuple(still))


def _names(item: Item) -> tuple[bytes, ...]:
    """What an item may go by in the log; see `_Door.named`."""
    return (item.hash, _name_of_its_own(item)) if item.kind in DOCUMENTS else (item.hash,)


def _name_of_its_own(item: Item) -> bytes:
    return sha256(f"{item.course}/{item.kind:d}/".encode() + item.hash).digest()


@dataclass
class _Door:
    """The state of one decision: what is known grows with what is let in."""

    author: Author
    facts: Facts
    known: set[bytes] = field(init=False)
    sequences: dict[tuple[str, int, bytes], int] = field(init=False)
    chain_next: int = field(init=False)
    forked: set[bytes] = field(default_factory=set)
    documents: dict[bytes, tuple[str, FrameKind]] = field(init=False)  # of each change in this request, or parked

    def __post_init__(self) -> None:
        self.known = set(self.facts.known)
        self.sequences = dict(self.facts.sequences)
        self.chain_next = self.facts.chain_next
        self.documents = {one.hash: (one.course, one.kind) for one in self.facts.parked if one.kind in DOCUMENTS}

    def holds(self, item: Item) -> bool:
        """Whether it is in the log. A change is what its bytes say in its own document: see `named`."""
        if item.kind not in DOCUMENTS:
            return item.hash in self.known
        is_old = item.seq <= self.sequences.get((item.course, item.kind, item.actor), 0)
        return is_old and not self.known.isdisjoint(_names(item))

    def note_held(self, item: Item) -> None:
        """A record that is in the log under its hash has all before it there too, by whichever profile they came: a
        learner who joined again, at a hub, goes on with the chain that she has."""
        if item.kind is FrameKind.SUBMISSIONS:
            self.chain_next = max(self.chain_next, item.seq + 1)

    def named(self, item: Item) -> Item:
        """The item under a name that is its own. A learner who does the same in two courses at once writes the same
        bytes twice, by the same actor: the second goes by a name that says which document it belongs to."""
        if item.kind not in DOCUMENTS:
            return item
        first = self.documents.setdefault(item.hash, (item.course, item.kind))
        if item.hash in self.known or first != (item.course, item.kind):
            return item._replace(hash=_name_of_its_own(item))
        return item

    def judge(self, item: Item) -> tuple[Verdict, Reason] | None:
        """Why an item that is not known yet stays outside; None lets it in."""
        if item.kind in DOCUMENTS:
            return self._judge_change(item)
        if item.kind is FrameKind.SUBMISSIONS:
            return self._judge_submission(item)
        return None if item.course in self.facts.courses else (Verdict.QUARANTINED, Reason.UNKNOWN_COURSE)

    def _judge_change(self, item: Item) -> tuple[Verdict, Reason] | None:
        """Whoever of the learner's devices brings it: where its writer was lost, another may be all that holds it. Two
        that write under one actor are found by the place in its sequence that both take."""
        if item.course not in self.facts.courses:
            return Verdict.QUARANTINED, Reason.UNKNOWN_COURSE
        if len(item.actor) != ACTOR_BYTES:
            return Verdict.QUARANTINED, Reason.MALFORMED
        last = self.sequences.get((item.course, item.kind, item.actor), 0)
        if item.seq <= last or not self.forked.isdisjoint(item.deps):
            self.forked.add(item.hash)  # what was written on top of it can never be placed either
            return Verdict.QUARANTINED, Reason.ACTOR_FORKED
        if item.seq > last + 1 or not self.known.issuperset(item.deps):
            return Verdict.PARKED, Reason.MISSING_DEPENDENCIES
        return None

    def _judge_submission(self, item: Item) -> tuple[Verdict, Reason] | None:
        """A gap waits for what fills it; a second attempt at a known place is taken, and both go to a person."""
        if item.owner or item.seq > self.chain_next:  # another device's chain is not known here, and only it can go on
            return Verdict.PARKED, Reason.MISSING_DEPENDENCIES
        if item.deps != (FIRST,) and not self.known.issuperset(item.deps):
            return Verdict.QUARANTINED, Reason.CHAIN_BROKEN
        return None

    def let_in(self, item: Item) -> None:
        self.known.add(item.hash)
        if item.kind in DOCUMENTS:
            self.sequences[item.course, item.kind, item.actor] = item.seq
        elif item.kind is FrameKind.SUBMISSIONS:
            self.chain_next = max(self.chain_next, item.seq + 1)


def _place(door: _Door, parked: Sequence[Item]) -> list[Item]:
    """Parked items whose dependencies have come, by whatever road, each after what it needs."""
    placed: list[Item] = []
    waiting = [item for item in parked if item.hash not in door.known]
    while ready := [item for item in waiting if door.judge(item) is None]:
        for item in ready:
            if door.judge(item) is None:  # one of those before may have taken its place
                door.let_in(item)
                placed.append(item)
        waiting = [item for item in waiting if item.hash not in door.known]
    return placed


def _hopeless(door: _Door) -> Iterator[SetAside]:
    """Parked items that wait for nothing any more: what they need is here, and they do not fit on it."""
    for item in door.facts.parked:
        judged = None if item.hash in door.known else door.judge(item)
        if judged and judged[0] is not Verdict.PARKED:
            yield SetAside(item, Verdict.QUARANTINED, judged[1])


def _release(door: _Door, aside: Sequence[SetAside]) -> tuple[list[Item], list[SetAside]]:
    """Items of this request that were parked only because what they need stood behind them."""
    released = _place(door, [one.item for one in aside if one.verdict is Verdict.PARKED])
    return released, [one for one in aside if one.item.hash not in {item.hash for item in released}]
