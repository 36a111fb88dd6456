"""Damaged history put back from wherever the same bodies still are: a backup, or any other home of the same learners.

What is put back is what the entries' hashes say, so that no source need be trusted, however old it is or whosever. A
segment takes the place of the damaged one in one transaction; killed before its end, all is as it was.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from server.bulk import ask, insert_returning, run_many
from server.errors import SegmentDamaged
from server.log.auditing import Place, damaged, note, read
from server.log.compacting import SEGMENT, SEGMENT_COLUMNS
from server.log.entries import lock_log
from server.log.names import Named, confirmed
from server.log.segments import is_written, pack, readable, tells_of_damage
from server.tables.ids import now_ms

FOUND = """
    SELECT e.hash, e.position, e.body, e.segment_id FROM {asked} JOIN log_entry e
    ON e.organisation_id = asked.column1 AND e.learner_id = asked.column2 AND e.hash = asked.column3
"""
MOVED = """
    UPDATE log_entry SET segment_id = ? WHERE learner_id = ? AND position >= ? AND position <= ? AND segment_id = ?
"""
REMOVED = "DELETE FROM segment WHERE id = ?"


class Source(Protocol):
    """Where bodies may still be."""

    def bodies(self, place: Place, entries: Sequence[Named]) -> dict[int, bytes]:
        """What it has of these entries, by their positions here. Nobody has looked at it yet."""


class _There(NamedTuple):
    """An entry as it stands elsewhere, at a position of its own."""

    hash: bytes
    position: int
    body: bytes
    segment_id: int | None


class Tables:
    """The log of another home, open for reading: that of a backup, of a hub, of a database that was put back beside."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def bodies(self, place: Place, entries: Sequence[Named]) -> dict[int, bytes]:
        here = {bytes(entry.hash): entry.position for entry in entries}
        asked = [(place.organisation, place.learner, name) for name in here]
        there = [_There(*row) for row in ask(self._connection, FOUND, asked)]
        return {here[bytes(row.hash)]: body for row, body in readable(self._connection, there) if body is not None}


class Healed(NamedTuple):
    """What became of a damaged segment: bodies that were put back, and those that are lost still."""

    put_back: int
    lost: int


def heal_all(engine: Engine, source: Source) -> Iterator[Healed]:
    """Every segment that is known to be damaged, each in a transaction of its own."""
    writing = engine.execution_options(writing=True)
    with engine.connect() as connection:
        places = damaged(connection)
    for place in places:
        with writing.begin() as connection:
            lock_log(connection)
            healed = heal(connection, place, source)
        if healed.put_back:
            _discard(writing, place.id)
        yield healed


def heal(connection: Connection, place: Place, source: Source) -> Healed:
    """Puts another segment in the place of a damaged one, with what is left of it and what the source has, in a
    transaction that writes. The old one is nobody's then.

    Raises `SegmentDamaged` when what was written is not what is read back; then nothing has happened.
    """
    here = read(connection, place)
    missing = [entry for entry in here.entries if entry.position not in here.bodies]
    found = confirmed(connection, missing, source.bodies(place, missing))
    if found:
        whole = here.bodies | found
        replaced = _replace(connection, place, {at: whole[at] for at in sorted(whole)})
        note(connection, place, 0)
        note(connection, replaced, here.lost - len(found))
    else:
        note(connection, place, here.lost)
    return Healed(len(found), here.lost - len(found))


def _replace(connection: Connection, place: Place, whole: dict[int, bytes]) -> Place:
    row = (*place[1:], len(whole), sum(map(len, whole.values())), pack(whole), now_ms())
    [(segment,)] = insert_returning(connection, SEGMENT, SEGMENT_COLUMNS, [row], "id")
    if not is_written(connection, segment, whole):
        raise SegmentDamaged(f"What was put back of segment {place.id} is not what is read back. It stays as it was.")
    run_many(connection, MOVED, [(segment, place.learner, place.first, place.last, place.id)])
    return place._replace(id=segment)


def _discard(writing: Engine, segment: int) -> None:
    """Removes what nobody reads any more. Where its pages do not let themselves be freed they stay, and harm nobody."""
    try:
        with writing.begin() as connection:
            run_many(connection, REMOVED, [(segment,)])
    except DBAPIError as error:
        if not tells_of_damage(error):
            raise
