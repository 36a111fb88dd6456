"""A crowd of phones that all come home at once, and a flood of analytics that must not hold up an attempt.

The crowd comes from one process, each phone on a connection of its own; who is told to come again does so at the time
that it was given. The clock stops when every read model is current; then each phone's work is looked up, whole.
TIFFIN_STORM_DEVICES sets how many phones; the default ends within a minute or so.
"""

import asyncio
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import Connection, text

from benchmarks.exchange import CLIENTS, now_ms, publish_course
from benchmarks.following import wait_until_current
from benchmarks.learner import COURSE, do, week
from server.database import Database
from server.log.bulk import insert_rows
from server.tables import Device, Enrolment, Learner, Profile
from server.tables.core import table_of
from server.tables.ids import new_id
from sync.admission import Author, items_in
from sync.client import Replica
from sync.events import Batch, Event, Verb
from sync.identity import DeviceKey
from sync.submissions import Submission, chain_of
from sync.wire import Frame, FrameKind, Header, items_of, read_reply, read_request, statement, write_request
from tests.running import RunningServer, running

DEVICES = int(os.environ.get("TIFFIN_STORM_DEVICES", "1000"))
WEEKS = 40  # different ones; phones beyond so many bring one of them under their own name and key
SOCKETS = 400  # open at once: what stands in line at the server's door
PACE_SECONDS = 0.02  # between two attempts, while the server's latency is measured
ATTEMPTS = 300
FLOOD_PAUSE_SECONDS = 0.02  # what an impolite phone waits before it tries again


@dataclass(frozen=True)
class Week:
    """A week's frames as one replica wrote them, and what the tables must hold of them afterwards."""

    frames: tuple[Frame, ...]
    actor: bytes
    survivors: frozenset[tuple[str, bytes]]
    attempts: int


@dataclass(frozen=True)
class Phone:
    """One phone of the crowd: whose it is, the request that it brings, and the names of what is in it."""

    learner: str
    week: Week
    request: bytes
    hashes: frozenset[bytes]


def figures() -> Iterator[tuple[str, float, str]]:
    with tempfile.TemporaryDirectory() as folder, running(Path(folder) / "home", TIFFIN_LOG_LEVEL="warning") as server:
        publish_course(server, Path(folder))
        database = Database(f"sqlite:///{server.home / 'tiffin.db'}")
        yield from storm(server, database)
        yield from flood(server, database)
        database.close()


def storm(server: RunningServer, database: Database) -> Iterator[tuple[str, float, str]]:
    phones = crowd(database, [one_week(seed) for seed in range(min(WEEKS, DEVICES))], DEVICES)
    began = time.perf_counter()
    refused = asyncio.run(come_home(server.port, phones))
    taken = time.perf_counter() - began
    wait_until_current(database)
    seconds = time.perf_counter() - began
    yield "storm.devices", len(phones), "devices"
    yield "storm.taken_per_second", len(phones) / taken, "1/s"
    yield "storm.devices_per_second", len(phones) / seconds, "1/s"
    yield "storm.refusals", refused, "replies"
    yield "storm.lost", lost(database, phones), "devices"


def one_week(seed: int) -> Week:
    replica = Replica(DeviceKey.generate(), 1)
    do(replica, week(seed))
    frames = read_request(replica.request(now_ms())).frames
    survivors = frozenset(
        (key, one.value if isinstance(one.value, bytes) else repr(one.value).encode())
        for document in replica.documents.values()
        for key in document.keys()
        for one in document.survivors(key)
    )
    attempts = sum(len(frame.chain.records) for frame in frames if frame.kind is FrameKind.SUBMISSIONS)
    return Week(frames, replica.actor, survivors, attempts)


def crowd(database: Database, weeks: Sequence[Week], count: int) -> list[Phone]:
    """Learners with a phone each, put into the tables as joining would; each phone holds one of the weeks."""
    keys = [(new_id(), DeviceKey.generate()) for _ in range(count)]
    with database.engine.execution_options(writing=True).begin() as connection:
        organisation = connection.execute(text("SELECT id FROM organisation")).scalar_one()
        enrol(connection, organisation, keys)
    return [phone_of(organisation, *key, weeks[place % len(weeks)]) for place, key in enumerate(keys)]


def enrol(connection: Connection, organisation: str, keys: Sequence[tuple[str, DeviceKey]]) -> None:
    some = [(learner, key.device.hex(), key.public_key) for learner, key in keys]
    rows: dict[type, list[dict[str, Any]]] = {
        Learner: [{"id": one, "organisation_id": organisation, "name": one} for one, _, _ in some],
        Enrolment: [{"learner_id": one, "course_id": COURSE, "organisation_id": organisation} for one, _, _ in some],
        Device: [{"id": name, "organisation_id": organisation, "public_key": key} for _, name, key in some],
        Profile: [
            {"device_id": name, "number": 1, "organisation_id": organisation, "learner_id": one}
            for one, name, _ in some
        ],
    }
    for model, values in rows.items():
        whole = [model(**one).model_dump() for one in values]  # type: ignore[attr-defined]
        columns = tuple(whole[0])
        insert_rows(connection, table_of(model), columns, [tuple(one[name] for name in columns) for one in whole])


def phone_of(organisation: str, learner: str, key: DeviceKey, brought: Week) -> Phone:
    """The week as this phone would have written it: under an actor of its own, signed with its own key."""
    actor = sha256(key.device).digest()[: len(brought.actor)]
    frames = tuple(replace(frame, content=frame.content.replace(brought.actor, actor)) for frame in brought.frames)
    items, broken = items_in(Author(organisation, learner, key.device.hex(), 1), frames)
    assert not broken
    return Phone(learner, brought, signed(key, frames), frozenset(item.hash for item in items))


def signed(key: DeviceKey, frames: Sequence[Frame]) -> bytes:
    header = Header(key.device, 1, sent_at=now_ms())
    return write_request(header, frames, key.sign(statement(header.write(), items_of(frames))))


async def come_home(port: int, phones: Sequence[Phone]) -> int:
    """All at once, as far as the door is wide; gives how often one was told to come again."""
    door = asyncio.Semaphore(SOCKETS)

    async def one(phone: Phone) -> int:
        refused = 0
        while True:
            async with door:
                status, wait_seconds, reply = await posted(port, phone.request)
            if status == httpx.codes.OK:
                assert not read_reply(reply).verdicts
                return refused
            assert status == httpx.codes.TOO_MANY_REQUESTS, reply
            refused += 1
            await asyncio.sleep(wait_seconds)

    return sum(await asyncio.gather(*map(one, phones)))


async def posted(port: int, body: bytes) -> tuple[int, int, bytes]:
    """Status, seconds to wait, body; on a connection of its own."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"POST /v1/exchange HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if line)
    reply = await reader.readexactly(int(fields["content-length"]))
    writer.close()
    return int(head.split(" ", 2)[1]), int(fields.get("retry-after", 0)), reply


def lost(database: Database, phones: Sequence[Phone]) -> int:
    """Phones of whose work anything is missing: an entry of the log, a put, an attempt that is graded."""
    with database.engine.connect() as connection:
        hashes = grouped(connection, "SELECT learner_id, hash FROM log_entry WHERE device_id <> ''")
        puts = grouped(connection, "SELECT learner_id, key FROM survivor")
        attempts = grouped(connection, "SELECT learner_id, hash FROM attempt WHERE state = 'GRADED' AND counts")
    return sum(
        not (
            phone.hashes == hashes.get(phone.learner)
            and {key for key, _ in phone.week.survivors} == puts.get(phone.learner)
            and phone.week.attempts == len(attempts.get(phone.learner, ()))
        )
        for phone in phones
    )


def grouped(connection: Connection, query: str) -> dict[str, set[Any]]:
    found: dict[str, set[Any]] = {}
    for learner, value in connection.exec_driver_sql(query):
        found.setdefault(learner, set()).add(value)
    return found


def flood(server: RunningServer, database: Database) -> Iterator[tuple[str, float, str]]:
    """The 99th percentile of handing in an attempt, while phones without manners bring analytics, and while none do."""
    calm = asyncio.run(handing_in(server.port, attempts(database)))
    pests = get_context("fork").Process(target=pester_all, args=(server.port, analytics(database)))
    pests.start()
    flooded = asyncio.run(handing_in(server.port, attempts(database)))
    pests.terminate()
    pests.join()
    yield "immediate.calm.p99_ms", calm * 1000, "ms"
    yield "immediate.flood.p99_ms", flooded * 1000, "ms"
    yield "immediate.flood.ratio", flooded / calm, "ratio"


def brought_by(database: Database, frames: Sequence[Frame]) -> list[bytes]:
    """A request from a phone of its own for each frame."""
    keys = [(new_id(), DeviceKey.generate()) for _ in frames]
    with database.engine.execution_options(writing=True).begin() as connection:
        enrol(connection, connection.execute(text("SELECT id FROM organisation")).scalar_one(), keys)
    return [signed(key, [frame]) for (_, key), frame in zip(keys, frames, strict=True)]


def attempts(database: Database) -> list[bytes]:
    answers = {f"q{number}": "abcd"[number % 4] for number in range(10)}
    record = Submission(COURSE, "quiz-00", 1, 1, now_ms() // 1000 - 300, now_ms() // 1000, answers).write()
    return brought_by(database, [Frame(FrameKind.SUBMISSIONS, chain_of([record]).write())] * ATTEMPTS)


def analytics(database: Database) -> list[bytes]:
    events = tuple(Event(Verb.PLAYED, f"video-{place:02d}", now_ms() // 1000 + place, 60) for place in range(40))
    return brought_by(database, [Frame(FrameKind.EVENTS, Batch(0, COURSE, events).write())] * (50 * CLIENTS))


async def handing_in(port: int, requests: Sequence[bytes]) -> float:
    """Seconds, of the slowest hundredth; every attempt must be taken at once."""
    seconds = []
    for body in requests:
        began = time.perf_counter()
        status, _, reply = await posted(port, body)
        seconds.append(time.perf_counter() - began)
        assert status == httpx.codes.OK, reply
        await asyncio.sleep(PACE_SECONDS)
    return sorted(seconds)[len(seconds) * 99 // 100]


def pester_all(port: int, bodies: Sequence[bytes]) -> None:
    """In a process of its own, so that its work does not look like the server's."""

    async def all_together() -> None:
        await asyncio.gather(*(pester(port, bodies[start::CLIENTS]) for start in range(CLIENTS)))

    asyncio.run(all_together())


async def pester(port: int, bodies: Sequence[bytes]) -> None:
    """One after another without end, whatever the server says; what was refused comes again."""
    while True:
        for body in bodies:
            status, _, _ = await posted(port, body)
            if status != httpx.codes.OK:
                await asyncio.sleep(FLOOD_PAUSE_SECONDS)
