"""The exchange as the edge calls it: bytes in, bytes out; everything in between is the log's.

read      the request, bounded, before anything else is done for it (`sync.wire`)
know      the device, and that it signed these bytes (`devices`)
unpack    what the request holds, before the writer is asked (`sync.exchange`)
write     admit and append, in the one writer's next grouped commit (`group.Exchanges.write`)
answer    from the log, once that is durable and what a learner waits for is graded (`group.Exchanges.answers`)

`ExchangeService.take` is these five, in this order.
"""

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, Engine, select

from server.consumers.analytics import Analytics, Events, Scores
from server.consumers.documents import Documents
from server.consumers.grades import Grades, QuizSource
from server.consumers.running import Consumer, Follower
from server.consumers.turns import Turns
from server.exchange.devices import Devices
from server.exchange.group import Exchanges, Keep, OneExchange, tier_of, tiers_of
from server.grading.regrading import Regrading
from server.log.auditing import Audits
from server.log.compacting import Sweep, Sweeps
from server.log.entries import append_server_entry, head, upsert
from server.log.quarantine import release_what_has_its_course
from server.tables import ServerState
from server.tables.core import table_of
from server.writing.press import Press
from server.writing.writer import Writer
from sync.admission import Admitted, Author
from sync.errors import Busy, SyncError
from sync.exchange import unpack
from sync.identity import verify
from sync.wire import Frame, FrameKind, Tier, read_request, write_reply

STATE = table_of(ServerState)
EPOCH_BYTES = 8
# Who brings nothing but analytics hears after a moment that there is no room: a phone that does not listen to the wait
# would else keep the server busy with refusing, and an attempt would stand behind that.
REFUSAL_SECONDS = 0.5
REFUSAL_APART_SECONDS = 0.004  # who came together would else be refused together: many milliseconds of the loop
REFUSALS_HELD_MAX = 1_024  # connections; beyond it refusals are quick again
UNREAD_MAX = 30_000  # entries of the log behind which no more analytics are taken: some minutes of work
AT_ONCE_BYTES_MAX = 32 << 10  # six weeks of work, some 3 ms: what is larger must not hold up who comes beside it
log = logging.getLogger(__name__)
T = TypeVar("T")


def https_only(endpoint: str) -> None:
    """What a push endpoint must be when nothing else is said."""
    if not endpoint.startswith("https://"):
        raise SyncError("Push goes to https addresses only.")


class ExchangeService:
    """One server's exchange. `start` before the first request; `stop` finishes what was taken on."""

    def __init__(
        self,
        engine: Engine,
        *,
        analytics: Path,
        quizzes: QuizSource,
        grades: Consumer | None = None,
        consumers: Sequence[Consumer] = (),
        check_endpoint: Callable[[str], None] = https_only,
        keep: Keep | None = None,
        unread_max: int = UNREAD_MAX,
    ) -> None:
        self.analytics = Analytics(analytics)
        self.devices = Devices(engine)
        self._engine = engine
        self._unread_max = unread_max
        self._sweeps, self._audits = Sweeps(), Audits()
        self._exchanges = Exchanges(lambda: self.epoch, check_endpoint, keep, self._audits.suspect)
        self._grades = Follower(grades or Grades(quizzes))
        self._events = Follower(Events(self.analytics))
        others = map(Follower, (Documents(), *consumers, Scores(self.analytics)))
        self._followers = (self._grades, *others, self._events)
        self._refusals_held, self._refused_at = 0, 0.0
        self._turns = Turns((*self._followers, Regrading(quizzes)))
        self._writer = Writer(engine, between=self._before_answers, behind=self._slice_behind)
        self.epoch = b""

    def start(self) -> None:
        with self._engine.execution_options(writing=True).begin() as connection:
            self.epoch = _epoch(connection)
        self._writer.start()

    def stop(self) -> None:
        self._writer.stop()
        self.analytics.close()
        self.devices.close()

    def renew_epoch(self) -> None:
        """Begins a new life of the log: every phone offers again what it holds. For a hub whose copies are in doubt."""
        self.epoch = self._writer.submit(new_epoch).result()

    def check(self, tier: Tier) -> None:
        """Raises `Busy` when no more of a tier is taken now: for what comes by a road of its own."""
        self._writer.check(tier)

    async def exchange(self, body: bytes) -> bytes:
        """Raises what `sync.errors` names; nothing of a refused request is kept."""
        return (await self.take(body, carried=False)).reply

    async def take(self, body: bytes, *, carried: bool = True, asks: bool = True) -> "Taken":
        """The same, for who brings other people's requests and wants to say what came of each.

        What is `carried` cannot ask again soon: its reply waits for its grades, even in a crowd. `asks`: whether the
        reply is to bring what the device lacks; a hub hears of that otherwise.
        """
        request = await _beside(len(body), lambda: read_request(body))
        tier = tier_of(request)
        await self._refuse_slowly(tier)
        device = self.devices.known(request.header.device, request.header.profile)
        verify(device.public_key, request.signature, request.signed)
        shed, wait = self._writer.shed(tiers_of(request))
        arrival = await _beside(_size(request.frames), lambda: unpack(device.author, request, shed=shed, asks=asks))
        one = OneExchange(arrival, body, wait=wait)
        reply = await asyncio.wrap_future(self._writer.join(self._exchanges, one, tier, between=carried and asks))
        sent = await _beside(_size(reply.frames), lambda: write_reply(reply, plain=request.header.answer_plain))
        self._exchanges.note_sent(device.author, len(sent))
        return Taken(device.author, one.admitted, sent)

    async def _refuse_slowly(self, tier: Tier) -> None:
        """Raises `Busy` where the tier has no room."""
        try:
            self.check(tier)
        except Busy:
            if tier is Tier.EVENTUAL and self._refusals_held < REFUSALS_HELD_MAX:
                self._refusals_held += 1
                now = time.monotonic()
                self._refused_at = max(now + REFUSAL_SECONDS, self._refused_at + REFUSAL_APART_SECONDS)
                try:
                    await asyncio.sleep(self._refused_at - now)
                finally:
                    self._refusals_held -= 1
            raise

    def append(
        self, *, organisation: str, kind: FrameKind, body: bytes, course: str = "", learner: str = ""
    ) -> "Future[None]":
        """What the server has to say, to one learner or to a whole course; durable when the future is done."""
        return self._writer.submit(
            lambda connection: append_server_entry(
                connection, organisation=organisation, kind=kind, body=body, course=course, learner=learner
            )
        )

    async def settled(self) -> None:
        """Until every consumer has seen all that is in the log now."""
        await asyncio.wrap_future(self._writer.submit(self._catch_up))

    def compact(self, one: Sweep) -> Iterator[Sweep]:
        """Makes old history small now, slice by slice beside whoever exchanges; gives the sweep after each."""
        while not one.is_over:
            self._writer.submit(lambda connection: one.step(connection, self._passed(connection))).result()
            yield one

    @property
    def consumers(self) -> dict[str, Consumer]:
        """Those who follow the log, by name."""
        return {each.consumer.name: each.consumer for each in self._followers}

    def lag(self) -> dict[str, int]:
        """Positions that each consumer may have to read yet, by name."""
        with self._engine.connect() as connection:
            return {each.consumer.name: each.behind(connection) for each in self._followers}

    def unread_since_ms(self) -> dict[str, int]:
        """When the oldest entry that each consumer has not read came, by name; without those who have read all."""
        with self._engine.connect() as connection:
            since = {each.consumer.name: each.unread_since_ms(connection) for each in self._followers}
        return {name: ms for name, ms in since.items() if ms is not None}

    def refused(self) -> dict[str, int]:
        """How often something of each tier was turned away since the start, by the tier's name."""
        return {tier.name.lower(): count for tier, count in self._writer.refused.items()}

    def waiting(self) -> dict[str, int]:
        """Requests that wait for the writer, by the name of their most pressing tier."""
        return {tier.name.lower(): count for tier, count in self._writer.waiting.items()}

    def cpu_seconds(self) -> dict[str, float]:
        """Processor time of the writer so far: for exchanges, and for the consumers behind them."""
        return dict(self._writer.cpu_seconds)

    def _catch_up(self, connection: Connection) -> None:
        with self._writer.counted("consumers"):
            while release_what_has_its_course(connection, epoch=self.epoch):
                pass
            while self._turns.step(connection):
                pass

    def _before_answers(self, connection: Connection) -> None:
        self._grades.step(connection)

    def _slice_behind(self, connection: Connection, press: Press) -> bool:
        """One slice of whatever follows the log; says whether there may be more to do."""
        is_busy = self._turns.step(connection, press)
        # What is taken and not yet worked off is a queue too, and bounded.
        is_full = self._events.behind(connection) > self._unread_max
        self._writer.hold_back(frozenset({Tier.EVENTUAL}) if is_full else frozenset())
        if is_busy or release_what_has_its_course(connection, epoch=self.epoch):
            return True
        if press.is_near:
            return False
        if self._sweeps.is_due and self._sweeps.step(connection, self._passed(connection)):
            return True
        return self._audits.is_due and self._audits.step(connection)

    def _passed(self, connection: Connection) -> int:
        """The position up to which every consumer has read."""
        return head(connection) - max(each.behind(connection) for each in self._followers)


async def _beside(size: int, work: Callable[[], T]) -> T:
    """Does what is small at once, and what is large in a thread, while others are read and answered."""
    return work() if size <= AT_ONCE_BYTES_MAX else await asyncio.to_thread(work)


def _size(frames: Iterable[Frame]) -> int:
    return sum([len(frame.content) for frame in frames])


@dataclass(frozen=True, slots=True)
class Taken:
    """One exchange that is done: whose it was, what of it entered the log, and the reply's bytes."""

    author: Author
    admitted: Admitted
    reply: bytes


def new_epoch(connection: Connection) -> bytes:
    made = secrets.token_bytes(EPOCH_BYTES)
    upsert(connection, STATE, {"name": "epoch", "value": made}, {"value": made})
    return made


def _epoch(connection: Connection) -> bytes:
    found = connection.execute(select(STATE.c.value).where(STATE.c.name == "epoch")).scalar()
    if found is None:
        return new_epoch(connection)
    return bytes(found)
