"""F18: hubs in between, that carry work up and answers down, die, are swapped, set back to a backup, or lie.

Each is the real server on a disk of its own, and its rounds are the real uplink; only the wire between the two is the
world's. What a hub acknowledged is durable there; the upstream owes it once a round of an honest hub has brought it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, TypeVar, cast

from sqlmodel import Session, col, select, update

from server.errors import UpstreamFails
from server.grading.source import Quiz
from server.hubs.answering import entries, receiving, registry
from server.hubs.asking import cargo
from server.hubs.asking.background import Background
from server.hubs.asking.releases import Shelf
from server.hubs.asking.uplink import Round, Uplink
from server.hubs.asking.upstream import UpstreamServer
from server.keys import KeyRing
from server.pictures import Held
from server.shapes.hubs import Answers, CargoAnswers, CarriedJoins, EntriesAsked
from server.tables import Cargo, HubIncident, LogEntry, Organisation, Parked, Quarantined, Upstream
from server.tables import Hub as HubRow
from sync.codec import change_hash
from sync.errors import SyncError
from sync.wire import DOCUMENTS, read_request
from tests.simulation.deeds import Deed
from tests.simulation.server import Server
from tests.simulation.story import holds

if TYPE_CHECKING:
    from tests.simulation.world import World

NAMES = ("north", "south", "east", "west", "hill")
NEVER = -1
Told = TypeVar("Told")


class NoQuizzes:
    """Answer keys never leave the upstream."""

    def quiz(self, organisation: str, course: str, release: int, activity: str) -> Quiz | None:
        return None


@dataclass
class Hub:
    """One hub of the first organisation. `kept` and `promised`: what only it owes so far; see `World`."""

    name: str
    world: "World"
    organisation: str
    root: Path
    kept: set[Deed] = field(default_factory=set)
    promised: set[tuple[str, bytes]] = field(default_factory=set)
    backups: list[tuple[set[Deed], set[tuple[str, bytes]]]] = field(default_factory=list)
    is_honest: bool = True
    alters: bool = False  # a byte of what it brings next
    cut_at: int = NEVER  # the call of the next round that no answer comes to
    calls: int = 0

    def __post_init__(self) -> None:
        self.server = Server(self.root, self.world.parts.service, self.world.parts.database)
        self.server.keep, self.server.quizzes = cargo.keep, NoQuizzes()
        row = HubRow(id=self.name, organisation_id=self.organisation, name=self.name, code="", code_expires_ms=0)
        self.world.server.add(row)
        here = Upstream(url="", hub_id=self.name, name=self.name, organisation_id=self.organisation)
        self.server.add(Organisation(id=self.organisation, name=self.organisation), here)

    @property
    def uplink(self) -> Uplink:
        shelf = Shelf(
            self.server.database, cast(Any, None), cast(Any, None), cast(Any, None), KeyRing(self.root / "keys")
        )
        return self.world.parts.uplink(self.server.database, shelf, lambda _: cast(UpstreamServer, Way(self)))

    def round(self) -> Round | None:
        """One round; None when it was cut."""
        self.calls = 0
        try:
            done = self.uplink.run()
        except UpstreamFails:
            return None
        finally:
            Background(self.uplink, self.server.running, 1).settle_doubt()
            self.cut_at = NEVER
            self.world.server.settle()
            self.server.settle()
        if done.refused:  # it begins anew, and owes what its phones offer it again
            self.kept, self.promised = set(), set()
        elif self.is_honest and not done.busy:
            self.world.kept |= self.kept
            self.world.promised |= self.promised
        return done

    @property
    def is_clean(self) -> bool:
        """Whether the upstream took all that it brought. What it altered stands in its own log alone, and other phones
        may have built on it."""
        return self.is_honest and all(not row.refused for row in self.server.rows(Cargo))

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits to be brought up."""
        with Session(self.server.database.engine) as session:
            return not self._waiting(session)

    def _waiting(self, session: Session) -> Sequence[Cargo]:
        epoch = session.get_one(Upstream, 1).epoch
        return session.exec(select(Cargo).where(Cargo.delivered_epoch != epoch, Cargo.refused == "")).all()

    def alter(self) -> bool:
        """One bit of what waits, on its disk or, once, on the wire. False when nothing waits."""
        with self.server.database.writing() as session:
            waiting = self._waiting(session)
            if waiting and self.world.random.random() < 0.5:
                one = self.world.random.choice(waiting)
                one.body = altered(one.body, self.world.random)
                session.add(one)
            else:
                self.alters = bool(waiting)
        return bool(waiting)

    def throw_away(self) -> None:
        """What waits is marked as handed on."""
        self.is_honest = False
        with self.server.database.writing() as session:
            epoch = session.get_one(Upstream, 1).epoch
            session.exec(update(Cargo).where(col(Cargo.delivered_epoch) != epoch).values(delivered_epoch=epoch))

    def check(self) -> None:
        """I1 at the hub: what it acknowledged is in its log, or set aside with its bytes."""
        rows = [row for model in (LogEntry, Parked, Quarantined) for row in self.server.rows(model)]
        there = {(row.learner_id, row.hash) for row in rows}
        there |= {(row.learner_id, change_hash(row.body)) for row in rows if row.kind in DOCUMENTS}
        lost = self.promised - there
        holds("I1", not lost, f"hub {self.name} acknowledged {len(lost)} things that it does not hold")


@dataclass
class Way:
    """The wire from a hub to its upstream: what `UpstreamServer` sends over HTTP, handed over here."""

    hub: Hub

    def registry(self, have: dict[str, str]) -> dict[str, Any]:
        def told(session: Session) -> dict[str, Any]:
            ring = KeyRing(self.hub.world.root / "keys")
            return registry.changed(registry.sections(session, self.hub.organisation, ring, ""), have)

        return self._asked(told)

    def entries(self, asked: EntriesAsked) -> dict[str, Any]:
        def told(session: Session) -> dict[str, Any]:
            receiving.note_state(session, session.get_one(HubRow, self.hub.name), asked.state)
            epoch = self._upstream.running.epoch.hex()
            cursor = asked.cursor if asked.epoch == epoch else 0
            return {"epoch": epoch, **entries.page(session.connection(), self.hub.organisation, cursor)}

        return self._asked(told)

    def joins(self, joins: CarriedJoins) -> Answers:
        raise AssertionError("phones of these worlds join at the upstream")

    def picture(self, piece: bytes) -> Held | None:
        raise AssertionError("nobody photographs in these worlds")

    def cargo(self, parts: Sequence[bytes]) -> CargoAnswers:
        def told(session: Session) -> CargoAnswers:
            row = session.get_one(HubRow, self.hub.name)
            service, database = self._upstream.running, self._upstream.database
            taking = receiving.take_cargo(service, database, row, self._as_brought(parts))
            answers = self._upstream.run(taking)
            return CargoAnswers(epoch=service.epoch.hex(), answers=answers)

        return self._asked(told, writing=False)

    @property
    def _upstream(self) -> Server:
        return self.hub.world.server

    def _asked(self, tell: Callable[[Session], Told], *, writing: bool = True) -> Told:
        """Half of what is cut was never asked, of the other half the answer is lost."""
        is_cut, self.hub.calls = self.hub.calls == self.hub.cut_at, self.hub.calls + 1
        if is_cut and self.hub.world.random.random() < 0.5:
            raise UpstreamFails("the link broke before anything was said")
        database = self._upstream.database
        with database.writing() if writing else database.reading() as session:
            told = tell(session)
        if is_cut:
            raise UpstreamFails("the link broke before the answer")
        return told

    def _as_brought(self, parts: Sequence[bytes]) -> list[bytes]:
        brought = list(parts)
        if self.hub.alters:
            self.hub.alters = False
            at = self.hub.world.random.randrange(len(brought))
            brought[at] = altered(brought[at], self.hub.world.random)
        return brought


def altered(request: bytes, random: Random) -> bytes:
    """With one bit flipped that means something: DEFLATE leaves some without a meaning."""
    while True:
        flipped = bytearray(request)
        flipped[random.randrange(len(flipped))] ^= 1 << random.randrange(8)
        if _signed_in(bytes(flipped)) != _signed_in(request):
            return bytes(flipped)


def _signed_in(request: bytes) -> tuple[bytes, bytes] | None:
    try:
        read = read_request(request)
        return read.signed, read.signature
    except SyncError:
        return None


def incidents(world: "World") -> int:
    return len(world.server.rows(HubIncident))
