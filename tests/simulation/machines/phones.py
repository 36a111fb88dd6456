"""Phones: the real client, with a clock that may be wrong and a disk that may be lost, copied or set back."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from conflict.grades import NOTHING_SAID, Said
from conflict.rules import LessonState
from sync.client import Replica
from sync.codec import CodecError, change_hash
from sync.errors import SyncError
from sync.events import Event, Verb
from sync.identity import DeviceKey
from sync.submissions import Submission
from sync.wire import Reply
from tests.simulation.happenings.deeds import Deed
from tests.simulation.story import Violation

PAGES_MAX = 64
RELEASE = 1

Carry = Callable[[bytes], bytes]


class Lost(Exception):
    """No reply came: the network, or the server, took the request or the reply. `Refused` says a little more."""


class Refused(Lost):
    """The server said why it takes nothing."""


@dataclass(frozen=True)
class View:
    """What a phone shows and knows at one moment; what invariants look at."""

    actor: bytes
    epoch: bytes
    cursor: int
    unsent: frozenset[bytes]
    records: tuple[bytes, ...]
    changes: frozenset[bytes]
    grades: int
    is_settled: bool
    dropped: int


@dataclass(frozen=True)
class Grade:
    """What a phone shows of one attempt; the score in thousandths."""

    score: int
    counts: bool
    passed: bool


@dataclass(frozen=True)
class Told:
    """What a phone shows of one quiz: its attempts by their names in a grade, and what a trainer said of the whole."""

    attempts: Mapping[str, Grade]
    whole: Said

    @classmethod
    def of(cls, grades: Iterable[Mapping[str, Any]], whole: Mapping[str, Any] | None) -> "Told":
        """Of several grades of one attempt the last."""
        attempts = {one["submission"]: Grade(one["score"], one["counts"], one["passed"]) for one in grades}
        said = Said(whole["score"], whole["state"] == "excused", whole["extra"]) if whole else NOTHING_SAID
        return cls(attempts, said)


class Client(Protocol):
    """The real logic of a phone, in whatever language. `eventful`: the kinds of deeds that leave an event."""

    @property
    def eventful(self) -> frozenset[str]: ...

    def do(self, deed: Deed, wall_s: int) -> None:
        """Her deed, at the phone's own time. On the phone's disk when it returns."""

    def exchange(self, carry: Carry, wall_ms: Callable[[], int]) -> None:
        """One exchange, by a carrier that may raise `Lost`."""

    def read(self, course: str, key: str) -> Any:
        """What a key reads as."""

    def told(self, course: str, activity: str) -> Told:
        """What it shows of a quiz that was graded."""

    def view(self) -> View:
        """What it holds."""

    def ask_for_everything(self) -> None:
        """From the log's beginning, its own work too: nobody tells a copied disk that another writes as it does."""

    def copy(self) -> "Client":
        """Another phone with the same disk."""


@dataclass
class PythonClient:
    """`sync.client.Replica`; the disk is the object."""

    replica: Replica
    exams: int = 0
    eventful: ClassVar = frozenset({"happen"})

    def do(self, deed: Deed, wall_s: int) -> None:
        replica, course, activity = self.replica, deed.course, deed.activity
        match deed.what, deed.value:
            case "reach", int(state):
                replica.reach(course, activity, LessonState(state))
            case "watch", (int(start), int(end)):
                replica.watch(course, activity, [(start, end)])
            case "place", int(at):
                replica.place(course, activity, at, wall_s)
            case ("bookmark" | "unmark") as how, int(at):
                replica.bookmark(course, activity, at, on=how == "bookmark")
            case "note", str(text):
                replica.note(course, activity, "n1", text)
            case "submit", int(seconds):
                self._submit(deed, wall_s, seconds)
            case "happen", int(seconds):
                replica.happened(course, Event(Verb.OPENED, activity, wall_s, seconds))

    def _submit(self, deed: Deed, wall_s: int, seconds: int) -> None:
        self.exams += 1
        answers = {"q1": "b" if deed.number % 2 else "a", "q2": str(deed.number)}
        ended = max(0, wall_s + seconds)
        self.replica.submit(Submission(deed.course, deed.activity, RELEASE, self.exams, wall_s, ended, answers))

    def exchange(self, carry: Carry, wall_ms: Callable[[], int]) -> None:
        for _ in range(PAGES_MAX):
            if not self.accept(carry(self.replica.request(wall_ms()))).more:
                return

    def accept(self, body: bytes) -> Reply:
        try:
            return self.replica.accept(body)
        except SyncError as error:
            raise Lost(f"a reply that cannot be read: {error}") from error
        except CodecError as error:
            raise Violation("I7", f"a reply brought what has no place: {error}") from error

    def read(self, course: str, key: str) -> Any:
        return self.replica.read(course, key).value

    def told(self, course: str, activity: str) -> Told:
        here = [one for one in self.replica.grades if (one["course"], one["activity"]) == (course, activity)]
        of_the_whole = [one for one in here if "submission" not in one]
        return Told.of([one for one in here if "submission" in one], of_the_whole[-1] if of_the_whole else None)

    def view(self) -> View:
        replica = self.replica
        outbox = replica.outbox
        unsent_records = outbox.hashes[outbox.records_acknowledged :]
        names = frozenset(name for document in replica.documents.values() for name in document.hashes)
        return View(
            actor=replica.actor,
            epoch=replica.epoch,
            cursor=replica.cursor,
            unsent=frozenset((*(change_hash(body) for *_, body in outbox.changes.values()), *unsent_records)),
            records=tuple(outbox.hashes),
            changes=names,
            grades=len({grade.get("submission", "") for grade in replica.grades}),
            is_settled=outbox.is_empty and not replica.has_unwritten,
            dropped=outbox.events_dropped,
        )

    def ask_for_everything(self) -> None:
        self.replica.cursor, self.replica.send_mine = 0, True

    def copy(self) -> "PythonClient":
        return PythonClient(deepcopy(self.replica, {id(self.replica.key): self.replica.key}), self.exams)


@dataclass
class Phone:
    """One learner's profile on one device. `held`: her deeds that its disk holds. `skew_s`: what its clock adds."""

    name: str
    key: DeviceKey
    profile: int
    learner: str
    organisation: str
    client: Client
    skew_s: int = 0
    held: set[Deed] = field(default_factory=set)
    is_original: bool = True  # never copied, set back or emptied: its numbers are its own
    saved: "Phone | None" = None
    seen: View | None = None
    hub: str = ""  # where she goes to exchange now; the upstream when it is empty
    is_stirred: bool = False  # something was done on it since invariants looked
    shown: dict[tuple[str, str], Any] = field(default_factory=dict)

    @property
    def author(self) -> tuple[str, int]:
        return self.key.device.hex(), self.profile

    def do(self, deed: Deed, now_s: int) -> None:
        self.client.do(deed, self.clock(now_s))
        self.held.add(deed)
        self.is_stirred = True

    def clock(self, now_s: int) -> int:
        return max(0, now_s + self.skew_s)

    def exchange(self, carry: Carry, now_ms: Callable[[], int]) -> bool:
        """Whether a reply was taken in."""
        with suppress(Lost):
            self.client.exchange(carry, lambda: max(0, now_ms() + 1000 * self.skew_s))
            return True
        return False
