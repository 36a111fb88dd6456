"""Writes down how far a pack is, and hears meanwhile whether it is still wanted: `Stopped` when it is not."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlmodel import Session, delete

from server.database import Database
from server.packs import asking
from server.tables import Pack, PackState, PackStep
from server.tables.packing import UNFINISHED

NOTE_SECONDS = 1.0  # between two writes of how far something is: each is a commit


class Stopped(Exception):
    """Whoever asked for the pack has stopped it."""


class Wanted:
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

    def still(self) -> None:
        """For whoever waits."""
        self.step("", 0, 0)

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


class Looking(Wanted):
    """Writes down how many films are opened, and then how much of all of them is looked at."""

    def __init__(self, database: Database, pack_id: str) -> None:
        super().__init__(database, pack_id)
        self._films = self._opened = self._to_look_ms = self._looked_ms = 0

    def opened(self, films: int, *, of: int) -> None:
        self._opened, self._films = films, of
        self.still()

    def to_look(self, to_look_ms: int) -> None:
        self._to_look_ms = to_look_ms
        self._note(0, 0)

    def looked(self, film_ms: int) -> None:
        """Another film is done."""
        self._looked_ms += film_ms

    def _note(self, done_ms: int, _total_ms: int) -> None:
        with self._writing() as (_, pack):
            pack.films, pack.films_opened = self._films, self._opened
            pack.to_look_ms, pack.looked_ms = self._to_look_ms, self._looked_ms + done_ms


class Making(Wanted):
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
