"""The steps of packing. Each may be taken again after a kill: what it made lies in the cache, the store or a row.

Nothing here knows what makes the steps durable. A step that cannot do its work says so in the pack's row and gives
None or a reason: what a person can mend is no crash.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from offline_bundles import ObjectStore, Signer
from offline_bundles.errors import BrokenCourse, BundleError, MediaError
from offline_bundles.media import Claims, make_rung
from server.courses import publishing
from server.courses.outline import Outlines
from server.courses.packing import Packing
from server.courses.readying import Readying
from server.database import Database
from server.disk import of_a_file
from server.errors import TiffinError
from server.keys import KeyRing
from server.packs import asking
from server.packs.looking import FilmRung, Place, look
from server.packs.noting import Looking, Making, Stopped, Wanted
from server.tables import Organisation, Pack, PackState, PackStep

log = logging.getLogger(__name__)
MENDABLE = (TiffinError, BundleError, OSError)
# In the place of a reason: another pack makes that rung of the same film now. No sentence, so no reason is like it.
MADE_ELSEWHERE = "made elsewhere"


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
    making: Claims[Place] = field(default_factory=Claims)

    def plan(self, pack_id: str) -> Plan | None:
        """Looks at every video, and writes down what becomes of it. None when the course cannot be packed."""
        noting = Looking(self.database, pack_id)
        try:
            pack = noting.begin()
            found = look(Path(pack.folder), self.cache, noting)
            noting.plan([_step(pack_id, at, one) for at, one in enumerate(found)])
        except Stopped:
            return None
        except MENDABLE as error:
            self._fail(pack_id, error)
            return None
        tasks = (Task(at, one.place, one.rung.first, one.rung.made) for at, one in enumerate(found))
        return Plan(tuple(tasks), pack.publish)

    def make(self, pack_id: str, position: int) -> str:
        """Makes one rung; "", why it could not be made, or `MADE_ELSEWHERE`: then wait, and take this step again."""
        step = self._step(pack_id, position)
        if step.deaths >= asking.DEATHS_MAX:
            return step.problem
        with self.making.claim((step.digest, step.rung)) as is_ours:
            return self._make(step) if is_ours else MADE_ELSEWHERE

    def _make(self, step: PackStep) -> str:
        noting = Making(self.database, step.pack_id, step.position)
        try:
            noting.state(PackState.WORKING)
            make_rung(Path(step.video), step.rung, cache=self.cache, progress=noting.step)
        except Stopped:
            return "It was stopped."
        except (MediaError, OSError) as error:
            why = _said(error)
            log.warning("rung failed", extra={"rung": f"{Path(step.video).name} {step.rung}", "why": why})
            noting.state(PackState.FAILED, why)
            return why
        noting.state(PackState.DONE)
        return ""

    def wait(self, pack_id: str, position: int) -> None:
        """Until the other pack has made that rung, or was stopped, or failed; or until this one is stopped."""
        step, noting = self._step(pack_id, position), Wanted(self.database, pack_id)
        try:
            self.making.wait((step.digest, step.rung), noting.still)
        except Stopped:
            return

    def _step(self, pack_id: str, position: int) -> PackStep:
        with self.database.reading() as session:
            return session.get_one(PackStep, (pack_id, position))

    def release(self, pack_id: str, made: int, failed: Mapping[Place, str], later: Sequence[Place]) -> int | None:
        """Makes a release of what is `made` by now, and publishes it if that was asked for; its number."""
        try:
            pack = Wanted(self.database, pack_id).begin()
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
        self.settle(pack_id, PackState.FAILED, f"The course cannot be packed. {_said(error)}")


def _said(error: Exception) -> str:
    """What to mend, and never an error's number."""
    match error:
        case BrokenCourse():
            return f"{len(error.problems)} to mend:\n{error}"
        case OSError():
            return of_a_file(error)
    return str(error)


def _step(pack_id: str, position: int, one: FilmRung) -> PackStep:
    state = PackState.DONE if one.rung.made else PackState.WAITING
    return PackStep(
        pack_id=pack_id,
        position=position,
        video=str(one.film.path),
        digest=one.film.digest,
        rung=one.rung.name,
        first=one.rung.first,
        state=state,
        total_ms=one.rung.work_ms,
    )
