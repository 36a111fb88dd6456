"""Phones for a crowd: learners who are enrolled, each with a signed week in a file, and what must be found of it later.

Made before any clock starts, in a few processes, and kept in a SQLite file: 40,000 of them fill no memory. A phone
brings one of a few dozen weeks under its own name, actor and key; enrolment goes straight into the tables.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from benchmarks.exchange import now_ms
from benchmarks.learner import COURSE, do, week
from server.bulk import insert_rows
from server.database import Database
from server.tables import Device, Enrolment, Learner, Profile
from server.tables.core import table_of
from server.tables.ids import new_id
from sync.admission import Author, items_in
from sync.client import Replica
from sync.events import Event, Verb
from sync.identity import DeviceKey
from sync.wire import Frame, FrameKind, Header, items_of, read_request, statement, write_request

PROCESSES = 2
LOT = 250  # phones made at once: some 2 MB on their way between processes
VERBS = {"lesson.state": Verb.OPENED, "video.position": Verb.PLAYED, "quiz.submit": Verb.ATTEMPTED}
HASH_BYTES = 32
TABLE = "CREATE TABLE phone (learner TEXT, device TEXT, public BLOB, private BLOB, week INT, hashes BLOB, request BLOB)"


@dataclass(frozen=True)
class Week:
    """A week's frames as one replica wrote them, and what the tables must hold of them afterwards."""

    frames: tuple[Frame, ...]
    actor: bytes
    keys: frozenset[str]
    attempts: int
    events: int


@dataclass(frozen=True, slots=True)
class Phone:
    """One of the crowd: whose it is, the request that it brings, and the names of what is in it."""

    learner: str
    device: str
    public_key: bytes
    private_key: bytes
    week: int
    hashes: bytes
    request: bytes

    @property
    def names(self) -> set[bytes]:
        return {self.hashes[at : at + HASH_BYTES] for at in range(0, len(self.hashes), HASH_BYTES)}

    def only(self, kinds: Iterable[FrameKind]) -> bytes:
        """A request with nothing but its frames of these kinds: what was told to come later."""
        frames = [frame for frame in read_request(self.request).frames if frame.kind in kinds]
        return signed(DeviceKey.load(self.private_key), frames)


class Crowd:
    """The file. Made once, then read from one thread."""

    def __init__(self, path: Path, weeks: Sequence[Week]) -> None:
        self.weeks = weeks
        self._file = sqlite3.connect(path)
        self._file.execute(TABLE)

    def add(self, phones: Sequence[Phone]) -> None:
        rows = [(*_identity(one), one.private_key, one.week, one.hashes, one.request) for one in phones]
        with self._file:
            self._file.executemany("INSERT INTO phone VALUES (?, ?, ?, ?, ?, ?, ?)", rows)

    def __len__(self) -> int:
        return int(self._file.execute("SELECT count(*) FROM phone").fetchone()[0])

    def phone(self, place: int) -> Phone:
        """The first place is 1."""
        return Phone(*self._file.execute("SELECT * FROM phone WHERE rowid = ?", (place,)).fetchone())

    def lots(self) -> Iterator[list[Phone]]:
        """All of them, some at a time."""
        with closing(self._file.execute("SELECT * FROM phone")) as cursor:
            while rows := cursor.fetchmany(LOT):
                yield [Phone(*row) for row in rows]


def _identity(phone: Phone) -> tuple[str, str, bytes]:
    return phone.learner, phone.device, phone.public_key


def gather(path: Path, database: Database, count: int, weeks: Sequence[Week]) -> Crowd:
    """Makes so many phones and enrols their learners."""
    crowd = Crowd(path, weeks)
    lots = [range(start, min(start + LOT, count)) for start in range(0, count, LOT)]
    with get_context("fork").Pool(PROCESSES) as workers:
        for phones in workers.imap_unordered(partial(_lot, organisation_of(database), weeks), lots):
            enrol_all(database, [_identity(one) for one in phones])
            crowd.add(phones)
    return crowd


def _lot(organisation: str, weeks: Sequence[Week], places: range) -> list[Phone]:
    return [_phone(organisation, place % len(weeks), weeks[place % len(weeks)]) for place in places]


def _phone(organisation: str, number: int, brought: Week) -> Phone:
    """The week as this phone would have written it: under an actor of its own, signed with its own key."""
    key, learner = DeviceKey.generate(), new_id()
    actor = sha256(key.device).digest()[: len(brought.actor)]
    frames = tuple(replace(frame, content=frame.content.replace(brought.actor, actor)) for frame in brought.frames)
    items, broken = items_in(Author(organisation, learner, key.device.hex(), 1), frames)
    assert not broken
    hashes = b"".join(item.hash for item in items)
    return Phone(learner, key.device.hex(), key.public_key, key.save(), number, hashes, signed(key, frames))


def one_week(seed: int) -> Week:
    replica, done = Replica(DeviceKey.generate(), 1), list(week(seed))
    do(replica, done)
    for event in told(done):
        replica.happened(COURSE, event)
    frames = read_request(replica.request(now_ms())).frames
    keys = frozenset(key for document in replica.documents.values() for key in document.keys())
    attempts = sum(len(frame.chain.records) for frame in frames if frame.kind is FrameKind.SUBMISSIONS)
    return Week(frames, replica.actor, keys, attempts, len(replica.outbox.events))


def told(done: Iterable[dict[str, Any]]) -> list[Event]:
    """A row for each verb, activity and hour, as the app gathers them."""
    rows: dict[tuple[Verb, str, int], Event] = {}
    for event in done:
        if verb := VERBS.get(event["type"]):
            name, seconds = event.get("lesson") or event["quiz"], event["t"] // 1000
            known = rows.setdefault((verb, name, seconds // 3600), Event(verb, name, seconds, 0))
            rows[verb, name, seconds // 3600] = replace(known, seconds=seconds - known.started)
    return list(rows.values())


def signed(key: DeviceKey, frames: Sequence[Frame]) -> bytes:
    header = Header(key.device, 1, sent_at=now_ms())
    return write_request(header, frames, key.sign(statement(header.write(), items_of(frames))))


def organisation_of(database: Database) -> str:
    with database.engine.connect() as connection:
        return str(connection.execute(text("SELECT id FROM organisation")).scalar_one())


def enrol_all(database: Database, people: Sequence[tuple[str, str, bytes]]) -> None:
    """Learners, each with the name and the public key of a phone, put into the tables as joining would."""
    organisation = organisation_of(database)
    with database.engine.execution_options(writing=True).begin() as connection:
        _enrol(connection, organisation, people)


def _enrol(connection: Connection, organisation: str, people: Sequence[tuple[str, str, bytes]]) -> None:
    rows: dict[type, list[dict[str, Any]]] = {
        Learner: [{"id": one, "organisation_id": organisation, "name": one} for one, _, _ in people],
        Enrolment: [{"learner_id": one, "course_id": COURSE, "organisation_id": organisation} for one, _, _ in people],
        Device: [{"id": name, "organisation_id": organisation, "public_key": key} for _, name, key in people],
        Profile: [
            {"device_id": name, "number": 1, "organisation_id": organisation, "learner_id": one}
            for one, name, _ in people
        ],
    }
    for model, values in rows.items():
        whole = [model(**one).model_dump() for one in values]  # type: ignore[attr-defined]
        columns = tuple(whole[0])
        insert_rows(connection, table_of(model), columns, [tuple(one[name] for name in columns) for one in whole])
