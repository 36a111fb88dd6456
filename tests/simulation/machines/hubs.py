"""F18: hubs in between, that carry work up and answers down, die, are swapped, set back to a backup, or lie.

Each is the real server on a disk of its own, and its rounds are the real uplink; only the wire between the two is the
world's. What a hub acknowledged is durable there; the upstream owes it once a round of an honest hub has brought it.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, TypeVar, cast

from cryptography.hazmat.primitives.asymmetric import ec
from sqlmodel import Session, col, select, update

from server.courses.outline import Outlines
from server.errors import UpstreamFails
from server.grading.source import Quiz
from server.hubs import signing
from server.hubs.answering import entries, receiving, registry
from server.hubs.asking import cargo
from server.hubs.asking.background import Background
from server.hubs.asking.releases import Shelf
from server.hubs.asking.uplink import Round, Uplink
from server.hubs.asking.upstream import UpstreamServer
from server.hubs.signing import HUB, SIGNATURE
from server.keys import KeyRing
from server.people.inviting import Inviting
from server.people.joining import Joining
from server.pictures import Held
from server.shapes.hubs import Answers, CargoAnswers, CarriedAdditions, CarriedJoins, EntriesAsked
from server.tables import (
    Cargo,
    HubAdded,
    HubIncident,
    LogEntry,
    Organisation,
    Parked,
    PictureState,
    Quarantined,
    Upstream,
)
from server.tables import Hub as HubRow
from sync.codec import change_hash
from sync.errors import SyncError
from sync.identity import DeviceKey
from sync.pictures import PART
from sync.wire import DOCUMENTS, read_request
from tests.simulation.happenings.deeds import Deed
from tests.simulation.machines.phones import Refused
from tests.simulation.machines.server import Server
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
        parts = self.world.parts
        self.server = Server(self.root, parts.service, parts.database, parts.sweep, take=parts.take)
        self.server.keep, self.server.quizzes = cargo.keep, NoQuizzes()
        self.key = DeviceKey(ec.derive_private_key(1 + NAMES.index(self.name), ec.SECP256R1()))
        row = HubRow(
            id=self.name, organisation_id=self.organisation, name=self.name, code="", code_expires_ms=0,
            public_key=self.key.public_key,
        )  # fmt: skip
        self.world.server.add(row)
        here = Upstream(url="", hub_id=self.name, name=self.name, organisation_id=self.organisation)
        self.server.add(Organisation(id=self.organisation, name=self.organisation), here)

    @property
    def uplink(self) -> Uplink:
        shelf = Shelf(self.server.database, cast(Any, None), cast(Any, None), cast(Any, None), self._ring)
        return self.world.parts.uplink(self.server.database, shelf, lambda _: cast(UpstreamServer, Way(self)))

    @property
    def _ring(self) -> KeyRing:
        return KeyRing(self.root / "keys")

    @property
    def inviting(self) -> Inviting:
        return Inviting(b"", "", self.organisation)

    @property
    def joining(self) -> Joining:
        return Joining(self.inviting, self._ring, "", lambda: self.server.running.epoch)

    @property
    def is_revoked(self) -> bool:
        [row] = self.world.server.rows(HubRow, "id = ?", self.name)
        return row.revoked_ms is not None

    def round(self) -> Round | None:
        """One round; None when it was cut. One that is revoked brings nothing: I17."""
        before = self._upstreams_head() if self.is_revoked else None
        done = self._round()
        if before is not None:
            is_refused = done is None and before == self._upstreams_head()
            holds("I17", is_refused, f"hub {self.name} is revoked, and was let in")
        return done

    def _upstreams_head(self) -> tuple[int, int]:
        server = self.world.server
        return len(server.rows(LogEntry)), len(server.rows(HubAdded))

    def _round(self) -> Round | None:
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
        elif self.is_honest and not done.busy and not done.is_doubtful:  # what was altered on the wire waits still
            self.world.kept |= self.kept
            self.world.promised |= self.promised
        return done

    @property
    def is_clean(self) -> bool:
        """Whether the upstream took all that it brought. What it altered stands in its own log alone, and other phones
        may have built on it."""
        return self.is_honest and not self.is_revoked and all(not row.refused for row in self.server.rows(Cargo))

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
        self.world.is_altered = True
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
            return registry.changed(registry.sections(session, self.hub.organisation, self._ring, ""), have)

        return self._asked("registry", told)

    def entries(self, asked: EntriesAsked) -> dict[str, Any]:
        def told(session: Session) -> dict[str, Any]:
            receiving.note_state(session, session.get_one(HubRow, self.hub.name), asked.state)
            epoch = self._upstream.running.epoch.hex()
            cursor, held = (asked.cursor, asked.held) if asked.epoch == epoch else (0, {})
            return {"epoch": epoch, **entries.page(session.connection(), self.hub.organisation, cursor, held)}

        return self._asked("entries", told)

    def additions(self, additions: CarriedAdditions) -> Answers:
        def told(session: Session) -> Answers:
            row, nothing_published = session.get_one(HubRow, self.hub.name), cast(Outlines, None)
            adding = self.hub.world.parts.adding(session, row, self._inviting, nothing_published, self._ring)
            words = additions.model_dump()["additions"]
            return Answers(epoch=self._upstream.running.epoch.hex(), answers=adding.take(words))

        return self._asked("additions", told)

    def joins(self, joins: CarriedJoins) -> Answers:
        def told(session: Session) -> Answers:
            row, epoch = session.get_one(HubRow, self.hub.name), self._upstream.running.epoch
            joining = Joining(self._inviting, self._ring, "", lambda: epoch)
            answers = [receiving.take_join(session, row, joining, one) for one in joins.joins]
            return Answers(epoch=epoch.hex(), answers=answers)

        return self._asked("joins", told)

    def picture(self, piece: bytes) -> Held | None:
        """As any phone brings one: the piece signs itself."""

        def told(_: Session) -> Held | None:
            [answer] = self._upstream.deliver(PART + piece)
            if isinstance(answer, Refused):
                return None
            if isinstance(answer, Exception):
                raise UpstreamFails(str(answer))
            said = json.loads(answer)
            return Held(said["held"], PictureState(said["state"]))

        return self._asked("", told, writing=False)

    def cargo(self, parts: Sequence[bytes]) -> CargoAnswers:
        def told(session: Session) -> CargoAnswers:
            row = session.get_one(HubRow, self.hub.name)
            service, database = self._upstream.running, self._upstream.database
            taking = receiving.take_cargo(service, database, row, self._as_brought(parts))
            answers = self._upstream.run(taking)
            return CargoAnswers(epoch=service.epoch.hex(), answers=answers)

        return self._asked("cargo", told, writing=False)

    @property
    def _ring(self) -> KeyRing:
        return KeyRing(self.hub.world.root / "keys")

    @property
    def _inviting(self) -> Inviting:
        return Inviting(self._ring.join_secret(), "")

    @property
    def _upstream(self) -> Server:
        return self.hub.world.server

    def _asked(self, what: str, tell: Callable[[Session], Told], *, writing: bool = True) -> Told:
        """Half of what is cut was never asked, of the other half the answer is lost. The dead say nothing."""
        is_cut, self.hub.calls = self.hub.calls == self.hub.cut_at, self.hub.calls + 1
        if self._is_dead or (is_cut and self.hub.world.random.random() < 0.5):
            raise UpstreamFails("the link broke before anything was said")
        database = self._upstream.database
        if what:
            with database.reading() as session:
                self._show(session, what)
        with database.writing() if writing else database.reading() as session:
            told = tell(session)
        if self._is_dead or is_cut:
            raise UpstreamFails("the link broke before the answer")
        return told

    @property
    def _is_dead(self) -> bool:
        """One of the two, and this is a life that never happened."""
        return self.hub.server.disk.image is not None or self._upstream.disk.image is not None

    def _show(self, session: Session, what: str) -> None:
        """The hub's own signature, which the upstream wants for each of its requests."""
        words = signing.headers(self.hub.name, self.hub.key, f"/v1/hub/{what}", b"")
        try:
            self.hub.world.parts.caller(session, words[HUB], f"/v1/hub/{what}", b"", words[SIGNATURE])
        except SyncError as error:
            raise UpstreamFails(str(error)) from error

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
