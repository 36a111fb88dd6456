"""The steps of packing. Each may be taken again after a kill: what it made lies in the cache, the store or a row.

Nothing here knows what makes the steps durable. A step that cannot do its work says so in the pack's row and gives
None or a reason: what a person can mend is no crash.
"""

import logging
import os
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlmodel import Session, delete

from offline_bundles import ObjectStore, Signer
from offline_bundles.course import read_course
from offline_bundles.errors import BrokenCourse, BundleError, MediaError, Problem
from offline_bundles.media import PlannedRung, Progress, make_rung, plan_video
from server.courses import publishing
from server.courses.outline import Outlines
from server.courses.packing import Packing
from server.courses.readying import Readying
from server.database import Database
from server.errors import TiffinError
from server.keys import KeyRing
from server.packs import asking
from server.tables import Organisation, Pack, PackState, PackStep
from server.tables.packing import UNFINISHED

LOOKS = threading.BoundedSemaphore(os.cpu_count() or 1)  # videos looked at at a time, whichever packs they are of
NOTE_SECONDS = 1.0  # between two writes of how far a rung is: each is a commit
log = logging.getLogger(__name__)
MENDABLE = (TiffinError, BundleError, OSError)
Place = tuple[str, str]  # a source's digest and a rung's name, as `LeftOut` has them


class Stopped(Exception):
    """Whoever asked for the pack has stopped it."""


@dataclass(frozen=True, slots=True)
class Task:
    """A rung of a pack."""

    position: int
    place: Place
    first: bool
    made: bool


@dataclass(frozen=True, slots=True)
class Plan:
    tasks: tuple[Task, ...]
    publish: bool

    @property
    def first(self) -> list[Task]:
        return [task for task in self.tasks if task.first and not task.made]

    @property
    def later(self) -> list[Task]:
        return [task for task in self.tasks if not task.first and not task.made]


@dataclass(frozen=True, slots=True)
class Work:
    """What the steps need of a server."""

    database: Database
    store: ObjectStore
    cache: Path
    keys: KeyRing
    outlines: Outlines
    readying: Readying

    def plan(self, pack_id: str) -> Plan | None:
        """Looks at every video, and writes down what becomes of it. None when the course cannot be packed."""
        wanted = _Wanted(self.database, pack_id)
        try:
            pack = wanted.begin()
            found = self._look(Path(pack.folder), wanted.step)
            wanted.plan([_step(pack_id, at, *rung) for at, rung in enumerate(found)])
        except Stopped:
            return None
        except MENDABLE as error:
            self._fail(pack_id, error)
            return None
        tasks = (Task(at, (digest, rung.name), rung.first, rung.made) for at, (_, digest, rung) in enumerate(found))
        return Plan(tuple(tasks), pack.publish)

    def _look(self, folder: Path, progress: Progress) -> list[tuple[Path, str, PlannedRung]]:
        """(video, digest, rung), each video once: those that come first before all others."""
        course = read_course(folder)
        problems: list[Problem] = []
        planned: dict[Place, tuple[Path, str, PlannedRung]] = {}
        for activity in course.activities:
            if activity.kind != "video":
                continue
            try:
                with LOOKS:
                    digest, rungs = plan_video(activity.source, cache=self.cache, progress=progress)
            except MediaError as error:
                problems.append(Problem(activity.id, str(error)))
                continue
            planned |= {(digest, rung.name): (activity.source, digest, rung) for rung in rungs}
        if problems:
            raise BrokenCourse(problems)
        return sorted(planned.values(), key=lambda each: not each[2].first)

    def make(self, pack_id: str, position: int) -> str:
        """Makes one rung; "" or why it could not be made."""
        with self.database.reading() as session:
            step = session.get_one(PackStep, (pack_id, position))
        if step.deaths >= asking.DEATHS_MAX:
            return step.problem
        noting = _Noting(self.database, pack_id, position)
        try:
            noting.state(PackState.WORKING)
            make_rung(Path(step.video), step.rung, cache=self.cache, progress=noting.step)
        except Stopped:
            return "It was stopped."
        except (MediaError, OSError) as error:
            log.warning("rung failed", extra={"rung": f"{Path(step.video).name} {step.rung}", "why": str(error)})
            noting.state(PackState.FAILED, str(error))
            return str(error)
        noting.state(PackState.DONE)
        return ""

    def release(self, pack_id: str, made: int, failed: Mapping[Place, str], later: Sequence[Place]) -> int | None:
        """Makes a release of what is `made` by now, and publishes it if that was asked for; its number."""
        try:
            pack = _Wanted(self.database, pack_id).begin()
            return self._release(pack, made, {**failed, **dict.fromkeys(later, "")})
        except Stopped:
            return None
        except MENDABLE as error:
            self._fail(pack_id, error)
            return None

    def _release(self, pack: Pack, made: int, left_out: Mapping[Place, str]) -> int:
        with self.database.reading() as session:
            organisation = session.get_one(Organisation, pack.organisation_id)
        signer = Signer.from_seed(self.keys.release_seed(organisation.id))
        packing = Packing(self.database, self.store, self.cache, organisation, signer)
        packed = packing.pack(Path(pack.folder), pack.course_id, left_out=left_out, made_before=made)
        number = packed.record.number
        with self.database.writing() as session:
            row = session.get_one(Pack, pack.id)
            row.releases = [*(known for known in row.releases if known != number), number]
            if pack.publish:
                publishing.publish(session, organisation.id, pack.course_id, number, self.outlines)
        if pack.publish:
            self.readying.ready(packed.record.root)
        return number

    def settle(self, pack_id: str, state: PackState, problem: str = "") -> None:
        with self.database.writing() as session:
            asking.settle(session, pack_id, state, problem)

    def _fail(self, pack_id: str, error: Exception) -> None:
        said = f"{len(error.problems)} to mend:\n{error}" if isinstance(error, BrokenCourse) else str(error)
        self.settle(pack_id, PackState.FAILED, f"The course cannot be packed. {said}")


def _step(pack_id: str, position: int, video: Path, digest: str, rung: PlannedRung) -> PackStep:
    state = PackState.DONE if rung.made else PackState.WAITING
    return PackStep(
        pack_id=pack_id,
        position=position,
        video=str(video),
        digest=digest,
        rung=rung.name,
        first=rung.first,
        state=state,
    )


class _Wanted:
    """Hears, while something long is under way, whether the pack is still wanted; `Stopped` when it is not."""

    def __init__(self, database: Database, pack_id: str) -> None:
        self._database, self._pack_id = database, pack_id
        self._next = time.monotonic() + NOTE_SECONDS

    def begin(self) -> Pack:
        with self._writing() as (_, pack):
            return pack

    def plan(self, steps: Sequence[PackStep]) -> None:
        with self._writing() as (session, _):
            session.exec(delete(PackStep).where(PackStep.pack_id == self._pack_id))  # type: ignore[arg-type]
            session.add_all(steps)

    def step(self, _: str, done_ms: int, total_ms: int) -> None:
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + NOTE_SECONDS
            self._note(done_ms, total_ms)

    def _note(self, _done_ms: int, _total_ms: int) -> None:
        with self._writing():
            pass

    @contextmanager
    def _writing(self) -> Iterator[tuple[Session, Pack]]:
        with self._database.writing() as session:
            pack = session.get_one(Pack, self._pack_id)
            if pack.state not in UNFINISHED:
                raise Stopped
            pack.state = PackState.WORKING  # whoever went on with it was told nothing but which step comes next
            yield session, pack
            session.add(pack)


class _Noting(_Wanted):
    """Writes down how far a rung is, too."""

    def __init__(self, database: Database, pack_id: str, position: int) -> None:
        super().__init__(database, pack_id)
        self._at = (pack_id, position)

    def _note(self, done_ms: int, total_ms: int) -> None:
        with self._writing() as (session, _):
            step = session.get_one(PackStep, self._at)
            step.done_ms, step.total_ms = done_ms, total_ms
            session.add(step)

    def state(self, state: PackState, problem: str = "") -> None:
        with self._writing() as (session, _):
            step = session.get_one(PackStep, self._at)
            step.state, step.problem = state, problem[: asking.PROBLEM_CHARACTERS_MAX]
            if state is PackState.DONE:
                step.done_ms = step.total_ms
            session.add(step)
