"""The exchange as the edge calls it: bytes in, bytes out; everything in between is the log's.

read      the request, bounded, before anything else is done for it
know      the device, and that it signed these bytes
write     admit and append, in the one writer's next grouped commit
answer    from the log, once that is durable and the consumers that a learner waits for have caught up
"""

import asyncio
import logging
import secrets
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, insert, select

from server.consumers.analytics import Analytics, Events
from server.consumers.documents import Documents
from server.consumers.grades import Grades, QuizSource
from server.consumers.running import Consumer, Follower
from server.log.devices import Devices, note_contact, note_subscription
from server.log.entries import append_server_entry
from server.log.sql import SqlLog
from server.log.writer import Writer
from server.tables import ServerState
from server.tables.core import table_of
from server.tables.ids import now_ms
from sync.admission import Admitted, Author
from sync.errors import SyncError
from sync.exchange import answer, reconcile
from sync.identity import verify
from sync.wire import FrameKind, Reply, Request, Tier, read_request, write_reply

STATE = table_of(ServerState)
EPOCH_BYTES = 8
SHED_EVENTUAL_AT = 128  # requests waiting: analytics come later, so that work and grades need not
SHED_WAIT_SECONDS = 30
log = logging.getLogger(__name__)


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
        consumers: Sequence[Consumer] = (),
        check_endpoint: Callable[[str], None] = https_only,
    ) -> None:
        self.analytics = Analytics(analytics)
        self.devices = Devices(engine)
        self._engine = engine
        self.check_endpoint = check_endpoint
        self.sent: dict[Author, int] = {}  # bytes of replies since each device's last contact was written down
        self._grades = Follower(Grades(quizzes))
        self._behind = [Follower(each) for each in (Documents(), *consumers, Events(self.analytics))]
        self._writer = Writer(engine, between=self._before_answers, behind=self._slice_behind)
        self.epoch = b""

    def start(self) -> None:
        with self._engine.execution_options(writing=True).begin() as connection:
            self.epoch = _epoch(connection)
        self._writer.start()

    def stop(self) -> None:
        self._writer.stop()

    async def exchange(self, body: bytes) -> bytes:
        """Raises what `sync.errors` names; nothing of a refused request is kept."""
        return (await self.take(body)).reply

    async def take(self, body: bytes) -> "Taken":
        """The same, for who brings other people's requests and wants to say what came of each."""
        request = read_request(body)
        device = self.devices.known(request.header.device, request.header.profile)
        verify(device.public_key, request.signature, request.signed)
        one = _OneExchange(self, device.author, request, len(body))
        reply = await asyncio.wrap_future(self._writer.submit(one.write, one.read))
        sent = write_reply(reply, plain=request.header.answer_plain)
        self.sent[device.author] = self.sent.get(device.author, 0) + len(sent)
        return Taken(device.author, one.admitted, sent)

    def shed(self) -> frozenset[Tier]:
        """What is not taken now, so that the rest need not wait."""
        return frozenset({Tier.EVENTUAL}) if self._writer.waiting > SHED_EVENTUAL_AT else frozenset()

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

    def lag(self) -> dict[str, int]:
        """Positions that each consumer may have to read yet, by name."""
        with self._engine.connect() as connection:
            return {each.consumer.name: each.behind(connection) for each in (self._grades, *self._behind)}

    def cpu_seconds(self) -> dict[str, float]:
        """Processor time of the writer so far: for exchanges, and for the consumers behind them."""
        return dict(self._writer.cpu_seconds)

    def _catch_up(self, connection: Connection) -> None:
        for follower in (self._grades, *self._behind):
            while follower.step(connection):
                pass

    def _before_answers(self, connection: Connection) -> None:
        self._grades.step(connection)

    def _slice_behind(self, connection: Connection) -> bool:
        """One slice of each consumer; says whether any has more to do."""
        return any([follower.step(connection) for follower in (self._grades, *self._behind)])  # noqa: C419  # each


@dataclass(frozen=True, slots=True)
class Taken:
    """One exchange that is done: whose it was, what of it entered the log, and the reply's bytes."""

    author: Author
    admitted: Admitted
    reply: bytes


class _OneExchange:
    """One request on its way through the writer: `write` in its group's transaction, `read` when that is durable."""

    def __init__(self, service: ExchangeService, author: Author, request: Request, size: int) -> None:
        self._service = service
        self._author = author
        self._request = request
        self._size = size
        self._shed = service.shed()
        self.admitted = Admitted()

    def write(self, connection: Connection) -> None:
        log = SqlLog(connection, self._service.epoch)
        self.admitted = reconcile(log, self._author, self._request, shed=self._shed)
        sent = self._service.sent.pop(self._author, 0)
        note_contact(connection, self._author, self._request, self._size, sent)
        self._note_subscription(connection)

    def _note_subscription(self, connection: Connection) -> None:
        try:
            note_subscription(connection, self._author, self._request, self._service.check_endpoint)
        except SyncError as error:
            log.warning("a push subscription is not taken: %s", error)

    def read(self, connection: Connection) -> Reply:
        view = SqlLog(connection, self._service.epoch)
        wait = SHED_WAIT_SECONDS if self._shed else 0
        return answer(view, self._author, self._request, self.admitted, now_ms=now_ms(), wait=wait)


def _epoch(connection: Connection) -> bytes:
    found = connection.execute(select(STATE.c.value).where(STATE.c.name == "epoch")).scalar()
    if found is None:
        found = secrets.token_bytes(EPOCH_BYTES)
        connection.execute(insert(STATE), {"name": "epoch", "value": found})
    return bytes(found)
