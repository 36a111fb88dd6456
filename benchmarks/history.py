"""What a week leaves in the database, before and after it is packed as old history, and what the packing costs.

Bytes are those of pages in use, all tables and indexes together: what is free is used by what comes next.
"""

import asyncio
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.exchange import publish_course
from benchmarks.year import LEARNERS, a_week, phones
from server.composition import open_database
from server.database import Database
from server.exchange.service import ExchangeService
from server.log.compacting import Sweep
from server.running import running as service_of
from server.settings import Settings
from tests.running import running

WEEKS = 12
LEARNER_WEEKS = LEARNERS * WEEKS


def figures() -> Iterator[tuple[str, float, str]]:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        with running(home) as server:
            publish_course(server, Path(folder))
        settings = Settings(home=home)
        with open_database(settings) as database, service_of(settings, database) as parts:
            yield from measured(parts.exchange, database)


def measured(service: ExchangeService, database: Database) -> Iterator[tuple[str, float, str]]:
    replicas = phones(database)
    asyncio.run(a_week(service, replicas))  # with it come the course's grades, keys and the like
    empty = used(database)

    async def study() -> None:
        for _ in range(WEEKS):
            await a_week(service, replicas)
        await service.settled()

    asyncio.run(study())
    yield "log.week.bytes", (used(database) - empty) / LEARNER_WEEKS, "B"
    began = time.process_time()
    for _ in service.compact(Sweep(kept_ms=0, bytes_min=1)):
        pass
    seconds = time.process_time() - began
    yield "log.compacted_week.bytes", (used(database) - empty) / LEARNER_WEEKS, "B"
    yield "compact.cpu_ms", 1_000 * seconds / LEARNER_WEEKS, "ms"


def used(database: Database) -> int:
    """Bytes of the pages that hold something."""
    with database.engine.connect() as connection:
        names = ("page_count", "freelist_count", "page_size")
        pages, free, size = (connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in names)
    return int((pages - free) * size)
