"""A crowd of phones that all come home at once, each with a week: how fast it is taken, and that nothing is lost.

The crowd comes from one process, each request on a connection of its own; who is told to come again does so at the time
that it was given, with the whole week or with what was told to come later. The clock stops when every read model is
current; then each phone's work is looked up, whole. PHONES sets how many: 40,000 take some fifteen minutes of two quiet
cores, 5,000 about two.
"""

import asyncio
import heapq
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import sqlite_utils
from sqlalchemy import Connection

from benchmarks.crowd import Crowd, Phone, gather, one_week
from benchmarks.exchange import consumers_cpu, process_cpu, publish_course
from benchmarks.following import wait_until_current
from server.bulk import run
from server.cli.serving import make_room_for_connections
from server.database import Database
from sync.wire import FrameKind, Verdict, read_reply, read_request
from tests.running import RunningServer, running

PHONES = int(os.environ.get("PHONES") or 40_000)
WEEKS = 40  # different ones
SOCKETS = 1_500  # open at once: three times what may stand in line, and below the backlog of the server's socket
REPLY_SECONDS_MAX = 120
SAY_EVERY = 1_000  # phones that are home, on stderr: a slow machine works at it for long

Figure = tuple[str, float, str]


def figures() -> Iterator[Figure]:
    make_room_for_connections()
    with tempfile.TemporaryDirectory() as folder, running(Path(folder) / "home", TIFFIN_LOG_LEVEL="warning") as server:
        publish_course(server, Path(folder))
        database = Database(f"sqlite:///{server.home / 'tiffin.db'}")
        began = time.perf_counter()
        crowd = gather(Path(folder) / "crowd.db", database, PHONES, [one_week(seed) for seed in range(WEEKS)])
        yield "storm.devices", len(crowd), "devices"
        yield "storm.prepared", time.perf_counter() - began, "s"
        yield from storm(server, database, crowd)
        database.close()


def storm(server: RunningServer, database: Database, crowd: Crowd) -> Iterator[Figure]:
    process_before, consumers_before = process_cpu(server), consumers_cpu(server)
    home, began = Homecoming(server.port, crowd), time.perf_counter()
    asyncio.run(home.everyone())
    taken = time.perf_counter() - began
    wait_until_current(database)
    seconds = time.perf_counter() - began
    process, consumers = process_cpu(server) - process_before, consumers_cpu(server) - consumers_before
    yield "storm.attempts_per_second", len(crowd) / (home.last_first - began), "devices/s"
    yield "storm.taken_per_second", len(crowd) / taken, "1/s"
    yield "storm.devices_per_second", len(crowd) / seconds, "1/s"
    yield "storm.consumers_cpu_ms", consumers * 1000 / len(crowd), "ms"
    yield "storm.other_cpu_ms", (process - consumers) * 1000 / len(crowd), "ms"
    yield "storm.refusals", home.refused, "replies"
    yield "storm.partly_later", home.partly, "replies"
    yield "storm.longest_wait", home.longest_wait, "s"
    yield "storm.returns_in_one_second", max(home.returns.values(), default=0), "devices"
    yield "storm.server_memory", memory_mb(server), "MB"
    yield "storm.lost", lost(database, server.home / "analytics", crowd), "devices"


def memory_mb(server: RunningServer) -> float:
    """The most that the server held so far."""
    status = Path(f"/proc/{server.pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024


@dataclass(order=True, slots=True)
class Turn:
    """When a phone comes, and which of its frames it still has to bring; None: all."""

    at: float
    place: int
    kinds: frozenset[FrameKind] | None = field(default=None, compare=False)


class Homecoming:
    """A crowd at the door: as many at once as there are sockets, each when its time has come."""

    def __init__(self, port: int, crowd: Crowd) -> None:
        self._port = port
        self._crowd = crowd
        self._turns = [Turn(0.0, place) for place in range(1, len(crowd) + 1)]
        self.home = 0
        self.refused = 0
        self.partly = 0
        self.longest_wait = 0
        self.last_first = 0.0  # when the last of them was first let in: then the attempts of all are durable
        self.returns: Counter[int] = Counter()  # how many were told to come in each second

    async def everyone(self) -> None:
        await asyncio.gather(*(self._one_after_another() for _ in range(SOCKETS)))

    async def _one_after_another(self) -> None:
        while self._turns:
            turn = heapq.heappop(self._turns)
            await asyncio.sleep(max(0.0, turn.at - time.monotonic()))
            if again := await self._comes(turn):
                heapq.heappush(self._turns, again)

    async def _comes(self, turn: Turn) -> Turn | None:
        """Gives its next turn, when there must be one."""
        phone = self._crowd.phone(turn.place)
        body = phone.request if turn.kinds is None else phone.only(turn.kinds)
        status, wait_seconds, reply = await posted(self._port, body)
        if status == httpx.codes.TOO_MANY_REQUESTS:
            self.refused += 1
            return self._again(turn.place, wait_seconds, turn.kinds)
        assert status == httpx.codes.OK, (status, reply)
        if turn.kinds is None:
            self.last_first = time.perf_counter()
        if later := kinds_for_later(body, reply):
            assert FrameKind.SUBMISSIONS not in later
            self.partly += 1
            return self._again(turn.place, read_reply(reply).wait, later)
        self.home += 1
        if not self.home % SAY_EVERY:
            print(f"{self.home} home, {self.refused} refused, {self.partly} partly later", file=sys.stderr, flush=True)
        return None

    def _again(self, place: int, wait_seconds: int, kinds: frozenset[FrameKind] | None) -> Turn:
        assert wait_seconds > 0, "who is turned away is told when to come again"
        at = time.monotonic() + wait_seconds
        self.returns[int(at)] += 1
        self.longest_wait = max(self.longest_wait, wait_seconds)
        return Turn(at, place, kinds)


def kinds_for_later(request: bytes, reply: bytes) -> frozenset[FrameKind]:
    """Of the frames that a busy server did not take; nothing else may be wrong."""
    verdicts = read_reply(reply).verdicts
    if not verdicts:
        return frozenset()
    assert {one.verdict for one in verdicts} == {Verdict.LATER}, verdicts
    frames = read_request(request).frames
    return frozenset(frames[one.index].kind for one in verdicts)


async def posted(port: int, body: bytes) -> tuple[int, int, bytes]:
    """Status, seconds to wait, body; on a connection of its own."""
    async with asyncio.timeout(REPLY_SECONDS_MAX):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST /v1/exchange HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if line)
        reply = await reader.readexactly(int(fields["content-length"]))
        writer.close()
    return int(head.split(" ", 2)[1]), int(fields.get("retry-after", 0)), reply


def lost(database: Database, analytics: Path, crowd: Crowd) -> int:
    """Phones of whose work anything is missing: an entry of the log, a put, an attempt that is graded, an event."""
    events = events_of(analytics)
    with database.engine.connect() as connection:
        return sum(_missing(connection, lot, crowd, events) for lot in crowd.lots())


def events_of(analytics: Path) -> Counter[str]:
    """How many rows the store of analytics holds of each learner."""
    counted: Counter[str] = Counter()
    for path in sorted(analytics.glob("????-??.db")):
        for row in sqlite_utils.Database(path).query("SELECT actor, count(*) AS events FROM events GROUP BY actor"):
            counted[row["actor"]] += row["events"]
    return counted


def _missing(connection: Connection, lot: list[Phone], crowd: Crowd, events: Counter[str]) -> int:
    learners = [phone.learner for phone in lot]
    hashes = _grouped(connection, "SELECT learner_id, hash FROM log_entry WHERE device_id <> ''", learners)
    keys = _grouped(connection, "SELECT learner_id, key FROM survivor WHERE true", learners)
    attempts = _grouped(connection, "SELECT learner_id, hash FROM attempt WHERE state = 'GRADED' AND counts", learners)
    return sum(
        not (
            phone.names == hashes.get(phone.learner)
            and crowd.weeks[phone.week].keys == keys.get(phone.learner)
            and crowd.weeks[phone.week].attempts == len(attempts.get(phone.learner, ()))
            and crowd.weeks[phone.week].events == events[phone.learner]
        )
        for phone in lot
    )


def _grouped(connection: Connection, query: str, learners: list[str]) -> dict[str, set[Any]]:
    found: dict[str, set[Any]] = {}
    places = ", ".join("?" * len(learners))
    for learner, value in run(connection, f"{query} AND learner_id IN ({places})", learners):
        found.setdefault(learner, set()).add(value)
    return found
