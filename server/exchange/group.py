"""Exchanges on their way through the writer: all that wait are admitted together, in a handful of statements."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from server.exchange.devices import Contact, note_contacts, note_subscription
from server.log.sql import SqlLog
from server.tables.ids import now_ms
from sync.admission import Admitted, Author
from sync.errors import SyncError
from sync.exchange import Arrival, answer, reconcile
from sync.wire import TIERS, Reply, Request, Tier

ONLY_ASKS = frozenset({Tier.BATCHED})
log = logging.getLogger(__name__)


@dataclass(slots=True)
class OneExchange:
    """One request, checked and unpacked, and what becomes of it. `body`: as it came."""

    arrival: Arrival
    body: bytes
    admitted: Admitted = field(default_factory=Admitted)
    wait: int = 0  # seconds, before what was shed of it is welcome


Keep = Callable[[Connection, Sequence[OneExchange]], None]  # what a hub does with what it shall hand on


class Exchanges:
    """The writer's work on exchanges; see `server.writing.writer.Batch`."""

    def __init__(
        self,
        epoch: Callable[[], bytes],
        check_endpoint: Callable[[str], None],
        keep: Keep | None,
        on_damage: Callable[[int], None],
    ) -> None:
        self._epoch = epoch
        self._keep = keep
        self._on_damage = on_damage  # hears of each segment of old history that a reply cannot be told from
        self._check_endpoint = check_endpoint
        self._sent: dict[Author, int] = {}  # bytes of replies since each device's last contact was written down

    def note_sent(self, author: Author, size: int) -> None:
        self._sent[author] = self._sent.get(author, 0) + size

    def write(self, connection: Connection, tasks: Sequence[OneExchange]) -> None:
        for several in _of_different_learners(tasks):
            admitted = reconcile(SqlLog(connection, self._epoch()), [one.arrival for one in several])
            for one, done in zip(several, admitted, strict=True):
                one.admitted = done
        if self._keep:
            self._keep(connection, tasks)
        note_contacts(connection, [self._contact(one) for one in tasks])
        for one in tasks:
            self._note_subscription(connection, one.arrival)

    def answers(self, connection: Connection, tasks: Sequence[OneExchange]) -> list[Reply]:
        view = SqlLog(connection, self._epoch(), self._on_damage)
        admitted = [one.admitted for one in tasks]
        waits = [one.wait for one in tasks]
        return answer(view, [one.arrival for one in tasks], admitted, now_ms=now_ms(), waits=waits)

    def _contact(self, one: OneExchange) -> Contact:
        author = one.arrival.author
        return Contact(author, one.arrival.request, len(one.body), self._sent.pop(author, 0))

    def _note_subscription(self, connection: Connection, arrival: Arrival) -> None:
        try:
            note_subscription(connection, arrival.author, arrival.request, self._check_endpoint)
        except SyncError as error:
            log.warning("a push subscription is not taken: %s", error)


def tiers_of(request: Request) -> frozenset[Tier]:
    """Of what a request brings; one that only asks is as pressing as progress."""
    return frozenset([TIERS[frame.kind] for frame in request.frames if frame.kind in TIERS]) or ONLY_ASKS


def tier_of(request: Request) -> Tier:
    """The most pressing of them."""
    return min(tiers_of(request))


def _of_different_learners(tasks: Sequence[OneExchange]) -> Iterator[list[OneExchange]]:
    """In order, and no learner twice in one list: her second request must see what her first one left."""
    learners: set[str] = set()
    several: list[OneExchange] = []
    for one in tasks:
        if one.arrival.author.learner in learners:
            yield several
            learners, several = set(), []
        learners.add(one.arrival.author.learner)
        several.append(one)
    if several:
        yield several
