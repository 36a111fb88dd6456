"""A flood of analytics that must not hold up an attempt: the same moments with and without it, in turns.

Phones without manners bring batches of events over and over, whatever they are told; they run in a process of their
own and at the lowest priority, since in the field their work is not done on the server's processor. Meanwhile one
client hands in attempts, one after another, each from a phone of its own. Calm and flood take turns, so that whatever
else the machine does falls on both.
"""

import asyncio
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import httpx

from benchmarks.crowd import enrol_all, signed
from benchmarks.exchange import consumers_cpu, now_ms, publish_course, values
from benchmarks.learner import COURSE
from benchmarks.storm import Figure, posted
from server.database import Database
from server.tables.ids import new_id
from sync.events import Batch, Event, Verb
from sync.identity import DeviceKey
from sync.submissions import Submission, chain_of
from sync.wire import Frame, FrameKind
from tests.running import RunningServer, running

TURNS = 10  # of each sort
ATTEMPTS = 100  # in each turn: a thousand of each sort, so that ten lie beyond the 99th percentile
WARM_UP = 50
PACE_SECONDS = 0.02  # between two attempts
PESTS = 64  # connections that bring events at once: far more than may wait
BATCHES = 10  # of each of them, brought again and again
EVENTS = 40  # in a batch
PAUSE_SECONDS = 0.02  # what a phone without manners waits after a refusal
NICE = 19
REFUSED = 'tiffin_refused_total{tier="eventual"}'
ANSWERED = 'tiffin_exchanges_total{outcome="answered"}'


def figures() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder, running(Path(folder) / "home", TIFFIN_LOG_LEVEL="warning") as server:
        publish_course(server, Path(folder))
        database = Database(f"sqlite:///{server.home / 'tiffin.db'}")
        yield from flood(server, database)
        database.close()


def flood(server: RunningServer, database: Database) -> Iterator[Figure]:
    calm: list[float] = []
    flooded: list[float] = []
    asyncio.run(handing_in(server.port, attempts(database, WARM_UP)))
    turns = [(attempts(database, ATTEMPTS), attempts(database, ATTEMPTS)) for _ in range(TURNS)]
    began, consumers = time.perf_counter(), consumers_cpu(server)
    with pests(server.port, analytics(database)) as come:
        for without, during in turns:
            calm += asyncio.run(handing_in(server.port, without))
            come.set()
            flooded += asyncio.run(handing_in(server.port, during))
            come.clear()
    seconds, taken = sum(flooded) + TURNS * ATTEMPTS * PACE_SECONDS, values(server, ANSWERED)[0]
    yield "immediate.calm.p50_ms", percentile(calm, 50) * 1000, "ms"
    yield "immediate.calm.p99_ms", percentile(calm, 99) * 1000, "ms"
    yield "immediate.flood.p50_ms", percentile(flooded, 50) * 1000, "ms"
    yield "immediate.flood.p99_ms", percentile(flooded, 99) * 1000, "ms"
    yield "immediate.flood.ratio", percentile(flooded, 99) / percentile(calm, 99), "ratio"
    yield "flood.taken_per_second", (taken - WARM_UP - 2 * TURNS * ATTEMPTS) / seconds, "1/s"
    yield "flood.refused_per_second", values(server, REFUSED)[0] / seconds, "1/s"
    yield "flood.consumers_cpu", (consumers_cpu(server) - consumers) / (time.perf_counter() - began), "of a core"


def percentile(seconds: Sequence[float], hundredth: int) -> float:
    return sorted(seconds)[len(seconds) * hundredth // 100]


def brought_by(database: Database, frames: Sequence[Frame]) -> list[bytes]:
    """A request from a phone of its own for each frame."""
    keys = [(new_id(), DeviceKey.generate()) for _ in frames]
    enrol_all(database, [(learner, key.device.hex(), key.public_key) for learner, key in keys])
    return [signed(key, [frame]) for (_, key), frame in zip(keys, frames, strict=True)]


def attempts(database: Database, count: int) -> list[bytes]:
    answers = {f"q{number}": "abcd"[number % 4] for number in range(10)}
    record = Submission(COURSE, "quiz-00", 1, 1, now_ms() // 1000 - 300, now_ms() // 1000, answers).write()
    return brought_by(database, [Frame(FrameKind.SUBMISSIONS, chain_of([record]).write())] * count)


def analytics(database: Database) -> list[bytes]:
    events = tuple(Event(Verb.PLAYED, f"video-{place:02d}", now_ms() // 1000 + place, 60) for place in range(EVENTS))
    return brought_by(database, [Frame(FrameKind.EVENTS, Batch(0, COURSE, events).write())] * (PESTS * BATCHES))


async def handing_in(port: int, requests: Sequence[bytes]) -> list[float]:
    """Seconds of each; every attempt must be taken at once."""
    seconds = []
    for body in requests:
        began = time.perf_counter()
        status, _, reply = await posted(port, body)
        seconds.append(time.perf_counter() - began)
        assert status == httpx.codes.OK, reply
        await asyncio.sleep(PACE_SECONDS)
    return seconds


@contextmanager
def pests(port: int, bodies: Sequence[bytes]) -> Iterator[Any]:
    """Gives an event: while it is set, they come."""
    processes = get_context("fork")
    come = processes.Event()
    process = processes.Process(target=_pester_all, args=(port, bodies, come))
    process.start()
    try:
        yield come
    finally:
        process.terminate()
        process.join()


def _pester_all(port: int, bodies: Sequence[bytes], come: Any) -> None:
    os.nice(NICE)

    async def all_together() -> None:
        await asyncio.gather(*(_pester(port, bodies[start::PESTS], come) for start in range(PESTS)))

    while come.wait():
        asyncio.run(all_together())


async def _pester(port: int, bodies: Sequence[bytes], come: Any) -> None:
    """One batch after another while they may, whatever the server says; what was taken comes again too."""
    place = 0
    while come.is_set():
        status, _, _ = await posted(port, bodies[place % len(bodies)])
        place += 1
        if status != httpx.codes.OK:
            await asyncio.sleep(PAUSE_SECONDS)
