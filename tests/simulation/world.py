"""A small world from one seed: organisations, learners, their phones, a network that loses, one server, virtual time.

One random generator decides everything: what learners do, what breaks, what the network does, every actor and key, and
the time is the world's own. So a seed is a story, and the same story each time.
"""

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random
from unittest.mock import patch

from cryptography.hazmat.primitives.asymmetric import ec

from server.database import Database
from server.exchange.service import ExchangeService
from server.grading.overruling import overrule
from server.hubs.answering.adding import Adding
from server.hubs.answering.enrolling import caller
from server.hubs.asking.uplink import Uplink
from server.log.compacting import Sweep
from server.people import inviting
from server.pictures import Held, take
from server.tables import Hub as HubRow
from server.writing import waiting, writer
from sync.admission import Reason
from sync.client import Replica, outbox
from sync.identity import DeviceKey
from sync.pictures import PART
from sync.wire import read_reply
from tests.simulation.happenings.deeds import Deed, Enrolled, Ledger
from tests.simulation.machines.hubs import NAMES as HUBS
from tests.simulation.machines.hubs import Hub
from tests.simulation.machines.phones import Client, Phone, PythonClient
from tests.simulation.machines.server import COURSES, Server
from tests.simulation.story import Story, holds

BEGIN_MS = 1_790_000_000_000
ACTIVITIES = {"water-and-health": ("lecture", "page"), "sums": ("lecture", "thirds")}
P256_ORDER_BITS = 255  # below the curve's order, whatever the bits
NEVER_SECONDS = 1e8
CROWD_NEVER = 1_000_000
ROUNDS_MAX = 5  # after everything is healed, until everybody knows everything
ROUND_MS = 10_000


@dataclass(frozen=True)
class Parts:
    """The parts that a world is made of; a mutant is a world with one of them spoilt."""

    service: Callable[..., ExchangeService] = ExchangeService
    database: Callable[[str], Database] = Database
    replica: Callable[..., Replica] = Replica
    uplink: Callable[..., Uplink] = Uplink
    take: Callable[..., Held] = take
    overrule: Callable[..., None] = overrule
    adding: Callable[..., Adding] = Adding
    caller: Callable[..., HubRow] = caller
    client: Callable[["World", Replica], Client] = lambda world, replica: PythonClient(replica)
    sweep: Callable[..., Sweep] = Sweep
    events_kept: int = outbox.EVENTS_KEPT


@dataclass
class World:
    """Everything there is."""

    seed: int
    root: Path
    parts: Parts = field(default_factory=Parts)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        self.story = Story(self.seed)
        self.now_ms = BEGIN_MS
        self.organisations: dict[str, str] = {}  # of each learner
        self.phones: list[Phone] = []
        self.everyone: list[Phone] = []  # those that were lost, too
        self.ledgers: dict[str, Ledger] = {}
        self.kept: set[Deed] = set()  # what the server acknowledged, whatever becomes of the phones
        self.promised: set[tuple[str, bytes]] = set()  # hashes that left an outbox, by learner
        self.words: set[str] = set()  # of trainers: the server said that they are kept
        self.kept_then: list[tuple[set[Deed], set[tuple[str, bytes]], set[str]]] = []  # the same, at each backup
        self.late: list[tuple[Phone, bytes]] = []  # requests that the network has not delivered yet
        self.made: list[bytes] = []  # every request of every phone
        self.deaf: dict[str, int] = {}  # phones that no reply reaches, and for how many exchanges
        self.is_healed = False
        self._replies: list[bytes] = []  # of the exchange that is under way
        self._deeds = 0
        parts = self.parts
        self.server = Server(self.root, parts.service, parts.database, parts.sweep, take=parts.take)
        self.hubs: dict[str, Hub] = {}
        self.is_altered = False  # by some hub, something
        self.enrolled: dict[str, Enrolled] = {}  # at hubs, by learner

    # Its laws: time and chance.

    @contextmanager
    def laws(self) -> Iterator[None]:
        """While the world turns, there is no other clock and no other chance."""
        with (
            patch.object(time, "time_ns", lambda: self.now_ms * 1_000_000),
            patch.object(secrets, "token_bytes", lambda size=32: self.random.randbytes(size)),
            patch.object(secrets, "randbelow", self.random.randrange),
            patch.object(secrets, "choice", self.random.choice),
            patch.object(inviting, "slow_digest", _slow_digest),
            patch.object(outbox, "EVENTS_KEPT", self.parts.events_kept),
            # The writer's own clock is the machine's. What follows the log waits until the world settles it, nobody is
            # a crowd for coming soon after another, and analytics take their turn at once.
            patch.object(writer, "QUIET_SECONDS", NEVER_SECONDS),
            patch.object(writer, "BEHIND_SECONDS_MAX", NEVER_SECONDS),
            patch.object(writer, "CROWD_PER_SECOND", CROWD_NEVER),
            patch.object(waiting, "PAUSE_SECONDS", 0.0),
        ):
            yield

    def passes(self, milliseconds: int) -> None:
        self.now_ms += milliseconds

    def now_s(self) -> int:
        return self.now_ms // 1000

    def tell(self, line: str) -> None:
        self.story.tell(self.now_ms, line)

    # Who there is.

    def people(self, organisations: int, learners: int, devices: int) -> None:
        """So many organisations with so many learners each, with so many phones each; the last phone is shared."""
        for place in range(organisations):
            organisation = f"org-{place}"
            self.server.found(organisation)
            shared = self.new_key()
            for number in range(learners):
                learner = f"learner-{place}-{number}"
                self.knows(learner, organisation)
                self.server.enrol(organisation, learner)
                for _ in range(devices - 1):
                    self.join(learner, self.new_key(), 1)
                self.join(learner, shared, number + 1)

    def knows(self, learner: str, organisation: str) -> None:
        self.organisations[learner] = organisation
        self.ledgers[learner] = Ledger()

    def with_hubs(self, count: int) -> None:
        """Hubs of the first organisation, that have heard of everybody."""
        organisation = next(iter(self.organisations.values()))
        for name in HUBS[:count]:
            self.hubs[name] = Hub(name, self, organisation, self.root / name)
            self.hubs[name].server.start()
            self.hubs[name].round()

    def at(self, phone: Phone) -> Server:
        """The server that a phone goes to now."""
        return self.hubs[phone.hub].server if phone.hub else self.server

    def new_key(self) -> DeviceKey:
        return DeviceKey(ec.derive_private_key(1 + self.random.getrandbits(P256_ORDER_BITS), ec.SECP256R1()))

    def join(self, learner: str, key: DeviceKey | None = None, profile: int = 1) -> Phone:
        """At the upstream, which knows her."""
        key = key or self.new_key()
        self.server.join(self.organisations[learner], learner, key, profile)
        return self.begins(learner, key, profile)

    def begins(self, learner: str, key: DeviceKey, profile: int) -> Phone:
        """A phone that has joined somewhere."""
        client = self.parts.client(self, self.parts.replica(key, profile))
        phone = Phone(f"phone {len(self.phones)}", key, profile, learner, self.organisations[learner], client)
        self.phones.append(phone)
        self.everyone.append(phone)
        return phone

    # What people do.

    def do_something(self, phone: Phone) -> Deed:
        """One deed of the phone's learner."""
        random, course = self.random, self.random.choice(COURSES)
        activity = random.choice(ACTIVITIES[course])
        match random.choices(
            ("reach", "watch", "place", "bookmark", "note", "submit", "happen"), (3, 3, 2, 2, 4, 3, 2)
        ):
            case ["reach"]:
                return self.does(phone, "reach", course, activity, random.choice((1, 2)))
            case ["watch"]:
                start = 10 * random.randrange(12)
                return self.does(phone, "watch", course, activity, (start, start + random.randrange(5, 40)))
            case ["place"]:
                return self.does(phone, "place", course, activity, random.randrange(3_600))
            case ["bookmark"]:
                return self.does(
                    phone, random.choice(("bookmark", "bookmark", "unmark")), course, activity, random.randrange(4)
                )
            case ["note"]:
                return self.does(phone, "note", course, activity, f"words {self._deeds}")
            case ["submit"]:
                return self.does(phone, "submit", COURSES[0], "exam", random.choice((300, 300, 300, -3_600)))
            case _:
                return self.does(phone, "happen", course, activity, random.randrange(600))

    def does(self, phone: Phone, what: str, course: str, activity: str, value: int | str | tuple[int, int]) -> Deed:
        self._deeds += 1
        draft = Deed(self._deeds, phone.learner, what, course, activity, value)
        over = frozenset(phone.client.read(course, draft.key) or ()) if what == "note" else frozenset()
        deed = Deed(self._deeds, phone.learner, what, course, activity, value, over)
        self.tell(f"{phone.learner} on {phone.name}: {deed}")
        phone.do(deed, self.now_s())
        self.ledgers[phone.learner].done.append(deed)
        return deed

    # What travels.

    def exchange(self, phone: Phone, carry: Callable[[Phone, bytes], bytes]) -> bool:
        """One exchange by some carrier; what a reply acknowledged is promised from now on."""
        before = phone.client.view()
        self._replies.clear()
        arrived = phone.exchange(lambda request: carry(phone, self._make(request)), lambda: self.now_ms)
        self.note_promises(phone, before.actor, before.unsent)
        if arrived and any(_says_copied(reply) for reply in self._replies[-1:]):
            goes_on = phone.client.view().actor == before.actor
            holds("I7", not goes_on, f"{phone.name} was told that another writes under its actor, and goes on under it")
        return arrived

    def _make(self, request: bytes) -> bytes:
        self.made.append(request)
        return request

    def note_promises(self, phone: Phone, actor: bytes, unsent: frozenset[bytes], *, direct: bool = False) -> None:
        now = phone.client.view()
        gone = unsent - now.unsent
        if now.actor != actor:
            gone &= set(now.records)  # changes of a copied actor were written again, under other names
        owes = self.hubs[phone.hub] if phone.hub and not direct else self
        owes.promised |= {(phone.learner, name) for name in gone}
        if now.is_settled:
            owes.kept |= phone.held

    def straight(self, phone: Phone, request: bytes) -> bytes:
        """The network on a good day."""
        answer = self.at(phone).deliver(request)[0]
        if isinstance(answer, Exception):
            raise answer
        if not request.startswith(PART):
            self._replies.append(answer)
        return answer

    def quiet(self) -> None:
        """Until every consumer has seen everything."""
        self.server.settle()
        for hub in self.hubs.values():
            hub.server.settle()

    # How it ends.

    def heal(self) -> None:
        """The network and the server are well again; what was delayed arrives, and everybody goes on working."""
        self.is_healed = True
        self.deaf.clear()
        self.tell("everything is well again")
        self.random.shuffle(self.late)
        for phone, request in self.late:
            self.tell(f"a request that {phone.name} made long ago arrives")
            self.server.deliver(request)
        self.late.clear()
        self.quiet()
        self._come_home()
        for phone in self.phones:
            for course in COURSES:
                self.does(phone, "reach", course, ACTIVITIES[course][0], 1)
                self.does(phone, "bookmark", course, ACTIVITIES[course][0], 100 + self._deeds)

    def _come_home(self) -> None:
        """Who may have met a hub that lied or altered work, has a copied disk, or is of another organisation, comes to
        the upstream: no hub can help there."""
        for hub in self.hubs.values():
            hub.round()
        is_clean = all(hub.is_clean for hub in self.hubs.values()) and all(each.is_original for each in self.phones)
        for phone in self.phones:
            if phone.hub and not (is_clean and phone.organisation == self.hubs[phone.hub].organisation):
                phone.hub = ""

    def round(self) -> None:
        """Everybody exchanges once."""
        for hub in self.hubs.values():
            hub.round()
        self.passes(ROUND_MS)
        for phone in self.phones:
            if not phone.is_original:
                phone.client.ask_for_everything()
            self.exchange(phone, self.straight)
        self.quiet()


_slow_digest = cache(inviting.slow_digest)  # 20 ms, for the same few codes again and again


def _says_copied(reply: bytes) -> bool:
    return any(verdict.reason == Reason.ACTOR_FORKED for verdict in read_reply(reply).verdicts)
