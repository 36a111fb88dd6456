"""Whether bytes are those of an entry: its hash says so, each sort's in its own way (`sync.admission`).

An attempt's hash goes over that of the attempt before it, which no row names: it is one of the learner's own.
"""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import NamedTuple

from sqlalchemy import Connection

from server.bulk import run
from sync.codec import change_hash
from sync.submissions import FIRST, next_hash
from sync.wire import DOCUMENTS, FrameKind

ELSEWHERE_MAX = 16  # attempts looked for on others than the one before: a phone of ours makes none, a forged one may
BEFORE = """
    SELECT seq, hash FROM log_entry
    WHERE learner_id = ? AND course_id = '' AND kind = ? AND actor = ? AND seq >= ? AND seq <= ?
"""
ALL_OF_HERS = "SELECT hash FROM log_entry WHERE learner_id = ?"


class Named(NamedTuple):
    """What an entry's hash depends on, beside its body."""

    position: int
    learner_id: str
    course_id: str
    device_id: str
    profile: int
    kind: int
    seq: int
    hash: bytes


NAMED = Named._fields  # columns of `server.tables.LogEntry`


def confirmed(connection: Connection, entries: Sequence[Named], bodies: Mapping[int, bytes]) -> dict[int, bytes]:
    """Those of the bodies, by position, that are what the entries' hashes say. The entries are of one learner."""
    there = [entry for entry in entries if entry.position in bodies]
    chained = [entry for entry in there if entry.kind == FrameKind.SUBMISSIONS]
    follows = _Follows(connection, chained) if chained else None
    found: dict[int, bytes] = {}
    for entry in there:
        body = bodies[entry.position]
        if bytes(entry.hash) in _names(entry, body) or (follows and follows.holds(entry, body)):
            found[entry.position] = body
    return found


def _names(entry: Named, body: bytes) -> Iterator[bytes]:
    """What an entry of such a body may go by."""
    if entry.kind in DOCUMENTS:
        name = change_hash(body)
        yield name
        yield sha256(f"{entry.course_id}/{entry.kind:d}/".encode() + name).digest()
    elif entry.kind == FrameKind.EVENTS:
        yield sha256(f"{entry.device_id}/{entry.profile}/".encode() + body).digest()
    elif entry.kind != FrameKind.SUBMISSIONS:
        yield sha256(body).digest()


class _Follows:
    """What the attempts of one learner may follow on."""

    def __init__(self, connection: Connection, chained: Sequence[Named]) -> None:
        self._connection = connection
        self._learner = chained[0].learner_id
        places = [entry.seq for entry in chained]
        asked = (self._learner, int(FrameKind.SUBMISSIONS), b"", min(places) - 1, max(places))
        self._at: dict[int, list[bytes]] = {}
        for seq, name in run(connection, BEFORE, asked):
            self._at.setdefault(seq, []).append(bytes(name))
        self._looked_elsewhere = 0

    def holds(self, entry: Named, body: bytes) -> bool:
        if entry.kind != FrameKind.SUBMISSIONS:
            return False
        before = (FIRST, *self._at.get(entry.seq - 1, ()))
        return any(next_hash(one, body) == entry.hash for one in before) or self._holds_elsewhere(entry, body)

    def _holds_elsewhere(self, entry: Named, body: bytes) -> bool:
        """Whoever signs what another program wrote may name anything of hers as the one before."""
        self._looked_elsewhere += 1
        if self._looked_elsewhere > ELSEWHERE_MAX:
            return False
        hers = run(self._connection, ALL_OF_HERS, (self._learner,))
        return any(next_hash(bytes(one), body) == entry.hash for (one,) in hers)
