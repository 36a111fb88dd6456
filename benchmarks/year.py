"""What an exchange costs when a year lies behind it, over what it costs when a week does.

In this process and without HTTP, so that nothing that both have in common makes the ratio look better than it is.
"""

import asyncio
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.crowd import enrol_all
from benchmarks.exchange import now_ms, publish_course
from benchmarks.learner import do, week
from server.composition import open_database
from server.database import Database
from server.exchange.service import ExchangeService
from server.running import running as service_of
from server.settings import Settings
from server.tables.ids import new_id
from sync.client import Replica
from sync.identity import DeviceKey
from tests.running import running

LEARNERS = 8  # of each sort, who come together
WEEKS = 52
ROUNDS = 16  # measured weeks of each sort, in turn


def figures() -> Iterator[tuple[str, float, str]]:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        with running(home) as server:
            publish_course(server, Path(folder))
        settings = Settings(home=home)
        with open_database(settings) as database, service_of(settings, database) as parts:
            yield "sync.year_over_week.ratio", asyncio.run(ratio(parts.exchange, database)), "ratio"


async def ratio(service: ExchangeService, database: Database) -> float:
    old, young = phones(database), phones(database)
    for _ in range(WEEKS - 1):
        await a_week(service, old)
    await a_week(service, young)
    await a_week(service, old)
    pairs = [(await a_week(service, old), await a_week(service, young)) for _ in range(ROUNDS)]
    years, weeks = (sorted(seconds)[ROUNDS // 2] for seconds in zip(*pairs, strict=True))
    return years / weeks


def phones(database: Database) -> list[Replica]:
    keys = [(new_id(), DeviceKey.generate()) for _ in range(LEARNERS)]
    enrol_all(database, [(learner, key.device.hex(), key.public_key) for learner, key in keys])
    return [Replica(key, 1) for _, key in keys]


async def a_week(service: ExchangeService, replicas: Sequence[Replica]) -> float:
    """All of them bring one more week together; processor seconds of the exchanges, without what follows the log."""
    for replica in replicas:
        do(replica, week(len(replica.grades)))
    requests = [replica.request(now_ms()) for replica in replicas]
    await service.settled()
    began, consumers = time.process_time(), service.cpu_seconds()["consumers"]
    replies = await asyncio.gather(*map(service.exchange, requests))
    seconds = time.process_time() - began - (service.cpu_seconds()["consumers"] - consumers)
    for replica, reply in zip(replicas, replies, strict=True):
        replica.accept(reply)
    return seconds
