"""What was taken of analytics and not worked off yet is a queue too: while it is too long, no more of them are taken,
and everything else goes on."""

import asyncio
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import Connection

from server.consumers.pace import SLICE_SECONDS
from server.log.entries import Logged
from server.tables.ids import now_ms
from sync.client import Replica
from sync.errors import Busy
from sync.events import Batch, Event, Verb
from sync.wire import Frame, FrameKind, Reply, Tier, Verdict, read_reply
from tests.server.exchange.test_nothing_wedges import send_only
from tests.server.school import COURSE, NOW_S, School, attempt, school

UNREAD_MAX = 100
BATCHES = 400  # more than a first slice of the work behind the log, and that many are left
SECONDS_MAX = 60  # on a machine that does much beside


class Gate:
    """Takes all of one slice for itself, and holds the writer in the next, as a disk that stalls does."""

    name = "gate"
    kinds = frozenset({int(FrameKind.EVENTS)})

    def __init__(self) -> None:
        self.slices = 0
        self.is_held, self.opens = threading.Event(), threading.Event()

    def consume(self, connection: Connection, entries: Sequence[Logged]) -> None:
        self.slices += 1
        if self.slices == 1:
            ends = time.thread_time() + SLICE_SECONDS
            while time.thread_time() < ends:
                pass
        elif self.slices == 2:
            self.is_held.set()
            self.opens.wait(SECONDS_MAX)


async def at_the_gate(here: School, gate: Gate, phone: Replica) -> Reply:
    """The phone's exchange, which comes while the writer is held."""
    coming = asyncio.create_task(here.service.exchange(phone.request(now_ms())))
    await asyncio.sleep(0)  # it stands in line now
    gate.opens.set()
    return phone.accept(await coming)


def until_taken(here: School, phone: Replica) -> Reply:
    while True:
        here.settle()
        try:
            return read_reply(here.carry(phone.request(now_ms())))
        except Busy:
            continue


def test_while_too_much_is_unread_analytics_wait_and_an_attempt_does_not(tmp_path: Path) -> None:
    gate = Gate()
    with school(f"sqlite:///{tmp_path / 'x.db'}", tmp_path, consumers=(gate,), unread_max=UNREAD_MAX) as here:
        writer, sitting, late = (here.device(here.learner(name)) for name in ("Amina", "Chipo", "Badr"))
        sitting.submit(attempt())
        for phone in (sitting, late):
            phone.happened(COURSE, Event(Verb.PLAYED, "lecture", NOW_S, 60))
        rows = [Batch(place, COURSE, (Event(Verb.READ, "page", NOW_S, 1),)) for place in range(BATCHES)]
        send_only(here, writer, *(Frame(FrameKind.EVENTS, batch.write()) for batch in rows))
        assert gate.is_held.wait(SECONDS_MAX)

        here.service.check(Tier.IMMEDIATE)
        here.service.check(Tier.BATCHED)
        with pytest.raises(Busy):
            here.carry(late.request(now_ms()))
        reply = asyncio.run(at_the_gate(here, gate, sitting))

        [verdict] = reply.verdicts
        assert (verdict.verdict, sitting.outbox.records_acknowledged) == (Verdict.LATER, 1)
        assert here.service.refused()["eventual"] == 2
        assert until_taken(here, late).verdicts == ()
        here.settle()
        assert sum(day["events"] for day in here.service.analytics.daily(here.organisation.id)) == BATCHES + 1
