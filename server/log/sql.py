"""The log of `sync.log` in SQL, within one transaction of the one writer."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, func, insert, select

from server.log import parked
from server.log.entries import LOG, entries_for, insert_once
from server.tables import Actor, Course, Parcel, Parked, Quarantined
from server.tables.core import table_of
from server.tables.ids import now_ms
from sync.admission import Admitted, Asked, Author, Facts, Item, SetAside
from sync.log import Entry, Evidence, Page
from sync.wire import FrameKind, Verdict

ACTOR, COURSE, PARCEL, PARKED, QUARANTINED = (table_of(model) for model in (Actor, Course, Parcel, Parked, Quarantined))
PAGE_ENTRIES_MAX = 1_000


class SqlLog:
    """One transaction's view of the log; see `sync.log.Log`."""

    def __init__(self, connection: Connection, epoch: bytes) -> None:
        self._connection = connection
        self._epoch = epoch
        self._parked: frozenset[bytes] = frozenset()  # hashes of what `facts` found waiting

    @property
    def epoch(self) -> bytes:
        return self._epoch

    def facts(self, author: Author, asked: Asked) -> Facts:
        waiting = parked.waiting(self._connection, author)
        if waiting:  # whether they can be placed now depends on what the log holds of theirs
            self._parked = frozenset(item.hash for item in waiting)
            asked = asked | Asked.about(waiting)
        return Facts(
            known=self._known(author, asked.hashes),
            bindings=self._bindings(author, asked.actors),
            sequences=self._sequences(author, asked.actors),
            chain_next=self._chain_next(author) if asked.hashes else 0,
            courses=self._courses(author, asked.courses),
            parked=waiting,
        )

    def _known(self, author: Author, hashes: Iterable[bytes]) -> frozenset[bytes]:
        query = select(LOG.c.hash).where(
            LOG.c.organisation_id == author.organisation,
            LOG.c.learner_id == author.learner,
            LOG.c.hash.in_(list(hashes)),
        )
        return frozenset(self._connection.execute(query).scalars()) if hashes else frozenset()

    def _bindings(self, author: Author, actors: Iterable[bytes]) -> dict[bytes, tuple[str, int]]:
        query = select(ACTOR.c.actor, ACTOR.c.device_id, ACTOR.c.profile).where(
            ACTOR.c.learner_id == author.learner, ACTOR.c.actor.in_(list(actors))
        )
        return {row.actor: (row.device_id, row.profile) for row in self._connection.execute(query)} if actors else {}

    def _sequences(self, author: Author, actors: Iterable[bytes]) -> dict[tuple[str, int, bytes], int]:
        of = (LOG.c.course_id, LOG.c.kind, LOG.c.actor)
        query = (
            select(*of, func.max(LOG.c.seq).label("last"))
            .where(LOG.c.learner_id == author.learner, LOG.c.actor.in_(list(actors)))
            .group_by(*of)
        )
        rows = self._connection.execute(query) if actors else ()
        return {(row.course_id, row.kind, row.actor): row.last for row in rows}

    def _chain_next(self, author: Author) -> int:
        query = select(func.max(LOG.c.seq)).where(
            LOG.c.learner_id == author.learner,
            LOG.c.course_id == "",
            LOG.c.kind == FrameKind.SUBMISSIONS,
            LOG.c.device_id == author.device,
            LOG.c.profile == author.profile,
        )
        last = self._connection.execute(query).scalar()
        return 0 if last is None else last + 1

    def _courses(self, author: Author, courses: Iterable[str]) -> frozenset[str]:
        query = select(COURSE.c.id).where(COURSE.c.organisation_id == author.organisation, COURSE.c.id.in_(courses))
        return frozenset(self._connection.execute(query).scalars()) if courses else frozenset()

    def append(self, author: Author, evidence: Evidence, admitted: Admitted) -> None:
        if admitted.accepted or admitted.set_aside:
            parcel = self._append_parcel(author, evidence)
            self._append_entries(author, parcel, admitted.accepted)
            self._bind(author, admitted.accepted)
            self._set_aside(author, parcel, admitted)
        parked.move_to_log(self._connection, author, admitted.placed)
        parked.give_up(self._connection, author, admitted.hopeless)
        if came_again := self._parked.intersection(item.hash for item in admitted.accepted):
            parked.forget(self._connection, author, came_again)

    def _append_parcel(self, author: Author, evidence: Evidence) -> int:
        row = {
            "organisation_id": author.organisation,
            "device_id": author.device,
            "profile": author.profile,
            "header": evidence.header,
            "items": evidence.items,
            "signature": evidence.signature,
            "received_ms": now_ms(),
        }
        made = self._connection.execute(insert(PARCEL), row).inserted_primary_key
        return int(made[0]) if made else 0

    def _append_entries(self, author: Author, parcel: int, items: Iterable[Item]) -> None:
        beside = {"parcel_id": parcel, "received_ms": now_ms()}
        rows = [_row(author, item) | beside | {"actor": item.actor} for item in items]
        if rows:
            self._connection.execute(insert(LOG), rows)

    def _bind(self, author: Author, items: Iterable[Item]) -> None:
        mine = {"device_id": author.device, "profile": author.profile, "organisation_id": author.organisation}
        actors = {item.actor for item in items if item.actor}
        insert_once(
            self._connection, ACTOR, [{"learner_id": author.learner, "actor": actor, **mine} for actor in actors]
        )

    def _set_aside(self, author: Author, parcel: int, admitted: Admitted) -> None:
        def kept_of(aside: SetAside) -> dict[str, Any]:
            return {"previous": parked.previous_of(aside.item), "parcel_id": parcel, "since_ms": now_ms()}

        waiting = [
            _row(author, aside.item) | kept_of(aside) | {"actor": aside.item.actor}
            for aside in admitted.set_aside
            if aside.verdict is Verdict.PARKED
        ]
        quarantined = [
            _row(author, aside.item) | kept_of(aside) | {"reason": aside.reason}
            for aside in admitted.set_aside
            if aside.verdict is Verdict.QUARANTINED
        ]
        insert_once(self._connection, PARKED, waiting)
        insert_once(self._connection, QUARANTINED, quarantined)

    def after(self, author: Author, cursor: int, *, mine: bool, bytes_max: int) -> Page:
        not_by = None if mine else (author.device, author.profile)
        rows = entries_for(
            self._connection, author.organisation, author.learner, cursor, PAGE_ENTRIES_MAX + 1, not_by=not_by
        )
        entries: list[Entry] = []
        size = 0
        for row in rows[:PAGE_ENTRIES_MAX]:
            size += len(row.body)
            if size > bytes_max and entries:
                break
            entries.append(Entry(row.position, FrameKind(row.kind), row.course_id, row.body, row.device_id))
        more = len(entries) < len(rows)
        return Page(tuple(entries), entries[-1].position if entries else cursor, more)


def _row(author: Author, item: Item) -> dict[str, Any]:
    return {
        "organisation_id": author.organisation,
        "learner_id": author.learner,
        "course_id": item.course,
        "device_id": author.device,
        "profile": author.profile,
        "kind": int(item.kind),
        "hash": item.hash,
        "seq": item.seq,
        "body": item.body,
    }
