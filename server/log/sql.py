"""The log of `sync.log` in SQL, within one transaction of the one writer.

A group of requests costs about a dozen statements, however many they are. What is rare (items that wait, items set
aside) is looked at by itself, and only where there is any.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection

from server.bulk import ask, insert_returning, insert_rows
from server.log import parked, reading
from server.log.entries import LOG, insert_once
from server.tables import Parcel, Parked, Quarantined
from server.tables.core import table_of
from server.tables.ids import now_ms
from sync.admission import Asked, Author, Facts, Item, SetAside
from sync.log import Deed, Page, Wanted
from sync.wire import FrameKind, Verdict

PARCEL, PARKED, QUARANTINED = (table_of(model) for model in (Parcel, Parked, Quarantined))
PARCEL_COLUMNS = ("organisation_id", "device_id", "profile", "header", "items", "signature", "received_ms")
LOG_COLUMNS = (
    "organisation_id",
    "learner_id",
    "course_id",
    "device_id",
    "profile",
    "kind",
    "hash",
    "actor",
    "seq",
    "body",
    "parcel_id",
    "received_ms",
)
KNOWN = """
    SELECT e.learner_id, e.hash FROM {asked} JOIN log_entry e
    ON e.organisation_id = asked.column1 AND e.learner_id = asked.column2 AND e.hash = asked.column3
"""
SEQUENCES = """
    SELECT column1, column2, column3, column4, (
        SELECT max(e.seq) FROM log_entry e
        WHERE e.learner_id = column1 AND e.course_id = column2 AND e.kind = column3 AND e.actor = column4
    ) AS last FROM {asked}
"""
CHAINS = """
    SELECT column1, (
        SELECT e.seq FROM log_entry e
        WHERE e.learner_id = column1 AND e.course_id = column2 AND e.kind = column3 AND e.actor = column4
        AND e.device_id = column5 AND e.profile = column6 ORDER BY e.seq DESC LIMIT 1
    ) AS last FROM {asked}
"""
COURSES = """
    SELECT c.organisation_id, c.id FROM {asked} JOIN course c
    ON c.organisation_id = asked.column1 AND c.id = asked.column2
"""
PARKED_FOR = "SELECT DISTINCT p.learner_id FROM {asked} JOIN parked p ON p.learner_id = asked.column1"


class SqlLog:
    """One transaction's view of the log; see `sync.log.Log`."""

    def __init__(
        self, connection: Connection, epoch: bytes, on_damage: Callable[[int], None] = lambda segment: None
    ) -> None:
        self._connection = connection
        self._epoch = epoch
        self._on_damage = on_damage
        self._parked: dict[str, frozenset[bytes]] = {}  # by learner: hashes of what `facts` found waiting

    @property
    def epoch(self) -> bytes:
        return self._epoch

    def facts(self, asked: Sequence[tuple[Author, Asked]]) -> list[Facts]:
        waiting = self._waiting([author for author, _ in asked])
        # Whether they can be placed now depends on what the log holds of theirs.
        wide = [
            (author, one | Asked.about(waiting[author.learner]) if author.learner in waiting else one)
            for author, one in asked
        ]
        known, sequences = self._known(wide), self._sequences(wide)
        chains, courses = self._chains(wide), self._courses(wide)
        return [
            Facts(
                known=frozenset(known[author.learner]),
                sequences=sequences[author.learner],
                chain_next=chains.get(author.learner, 0),
                courses=frozenset(courses[author.organisation]),
                parked=waiting.get(author.learner, ()),
            )
            for author, _ in wide
        ]

    def _waiting(self, authors: Sequence[Author]) -> dict[str, tuple[Item, ...]]:
        found = {learner for (learner,) in ask(self._connection, PARKED_FOR, [(one.learner,) for one in authors])}
        waiting = {one.learner: parked.waiting(self._connection, one) for one in authors if one.learner in found}
        self._parked = {learner: frozenset(item.hash for item in items) for learner, items in waiting.items()}
        return waiting

    def _known(self, wide: Sequence[tuple[Author, Asked]]) -> dict[str, set[bytes]]:
        known: dict[str, set[bytes]] = defaultdict(set)
        names = [(author.organisation, author.learner, name) for author, asked in wide for name in asked.hashes]
        for learner, name in ask(self._connection, KNOWN, names):
            known[learner].add(name)
        return known

    def _sequences(self, wide: Sequence[tuple[Author, Asked]]) -> dict[str, dict[tuple[str, int, bytes], int]]:
        sequences: dict[str, dict[tuple[str, int, bytes], int]] = defaultdict(dict)
        streams = [(author.learner, *stream) for author, asked in wide for stream in asked.streams]
        for learner, course, kind, actor, last in ask(self._connection, SEQUENCES, streams):
            if last is not None:
                sequences[learner][course, kind, actor] = last
        return sequences

    def _chains(self, wide: Sequence[tuple[Author, Asked]]) -> dict[str, int]:
        """By learner, of whom only one device is in the group: the next place in its chain."""
        kind = int(FrameKind.SUBMISSIONS)
        chains = [(one.learner, "", kind, b"", one.device, one.profile) for one, asked in wide if asked.chained]
        found = ask(self._connection, CHAINS, chains)
        return {learner: last + 1 for learner, last in found if last is not None}

    def _courses(self, wide: Sequence[tuple[Author, Asked]]) -> dict[str, set[str]]:
        courses: dict[str, set[str]] = defaultdict(set)
        names = {(author.organisation, course) for author, asked in wide for course in asked.courses}
        for organisation, course in ask(self._connection, COURSES, sorted(names)):
            courses[organisation].add(course)
        return courses

    def append(self, deeds: Sequence[Deed]) -> None:
        leaving = [deed for deed in deeds if deed.admitted.accepted or deed.admitted.set_aside]
        parcels = self._append_parcels(leaving)
        now = now_ms()
        rows = [row for deed in leaving for row in _entries(deed, parcels[deed.author.learner], now)]
        insert_rows(self._connection, LOG, LOG_COLUMNS, rows)
        for deed in deeds:
            if deed.admitted.set_aside:
                self._set_aside(deed.author, parcels[deed.author.learner], deed.admitted.set_aside)
            if deed.author.learner in self._parked:
                self._settle_parked(deed)

    def _append_parcels(self, deeds: Sequence[Deed]) -> dict[str, int]:
        """The parcel's id by learner: none comes twice in a group."""
        now = now_ms()
        rows = [(one.author.organisation, one.author.device, one.author.profile, *_signed(one), now) for one in deeds]
        made = insert_returning(self._connection, PARCEL, PARCEL_COLUMNS, rows, "id, device_id, profile")
        ids = {(device, profile): parcel for parcel, device, profile in made}
        return {one.author.learner: ids[one.author.device, one.author.profile] for one in deeds}

    def _settle_parked(self, deed: Deed) -> None:
        parked.move_to_log(self._connection, deed.author, deed.admitted.placed)
        parked.give_up(self._connection, deed.author, deed.admitted.hopeless)
        came_again = self._parked[deed.author.learner].intersection(item.hash for item in deed.admitted.accepted)
        if came_again:
            parked.forget(self._connection, deed.author, came_again)

    def _set_aside(self, author: Author, parcel: int, set_aside: Iterable[SetAside]) -> None:
        waiting = [
            aside_row(author, aside.item, parcel) | {"actor": aside.item.actor}
            for aside in set_aside
            if aside.verdict is Verdict.PARKED
        ]
        quarantined = [
            aside_row(author, aside.item, parcel) | {"reason": aside.reason}
            for aside in set_aside
            if aside.verdict is Verdict.QUARANTINED
        ]
        insert_once(self._connection, PARKED, waiting)
        insert_once(self._connection, QUARANTINED, quarantined)

    def after(self, wanted: Sequence[Wanted]) -> list[Page]:
        return reading.pages(self._connection, wanted, self._on_damage)


def _signed(deed: Deed) -> tuple[bytes, bytes, bytes]:
    return deed.evidence.header, deed.evidence.items, deed.evidence.signature


def _entries(deed: Deed, parcel: int, now: int) -> Iterator[tuple[Any, ...]]:
    """Rows of LOG_COLUMNS."""
    by = deed.author
    for item in deed.admitted.accepted:
        place = (by.organisation, by.learner, item.course, by.device, by.profile, int(item.kind))
        yield (*place, item.hash, item.actor, item.seq, item.body, parcel, now)


def aside_row(author: Author, item: Item, parcel: int | None) -> dict[str, Any]:
    """What is parked or in quarantine has these in common."""
    return {
        "organisation_id": author.organisation,
        "learner_id": author.learner,
        "course_id": item.course,
        "device_id": author.device,
        "profile": author.profile,
        "kind": int(item.kind),
        "hash": item.hash,
        "seq": item.seq,
        "previous": parked.previous_of(item),
        "body": item.body,
        "parcel_id": parcel,
        "since_ms": now_ms(),
    }
