"""Worlds with one part spoilt: if the invariants did not see it, they would see nothing in a world that is whole."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from hashlib import sha256
from typing import Any
from unittest.mock import patch

import pytest
from sqlalchemy import Connection, event
from sqlmodel import Session

from conflict.rules import Folded, Survivor, fold
from server.bulk import run
from server.database import Database
from server.exchange.service import ExchangeService
from server.grading import overruling
from server.hubs.answering.adding import Adding
from server.hubs.asking.cargo import CARGO, note
from server.hubs.asking.cargo import Piece as PieceOfCargo
from server.hubs.asking.uplink import Round, Say, Uplink
from server.hubs.asking.upstream import UpstreamServer
from server.log.compacting import ROWS, Run, Sweep, empty
from server.log.entries import Logged
from server.people.accounts import SignedIn
from server.pictures import Held
from server.shapes.hubs import Added, AddedLearner
from server.tables import Hub, Learner, PictureState, Upstream
from server.tables.ids import new_id
from sync.admission import Author
from sync.client import Replica
from sync.pictures import Piece
from sync.wire import Frame, FrameKind, Reply, read_reply, write_reply
from tests.simulation.machines.node import NodeClient
from tests.simulation.machines.phones import Carry, Lost, PythonClient
from tests.simulation.running import live, live_by_hubs, live_cramped, live_enrolling, live_photographed, live_taught
from tests.simulation.story import Failed
from tests.simulation.world import Parts, World

SEEDS_MAX = 60


def without_fsync(url: str) -> Database:
    """Commits that are answered before the log is on the disk."""
    database = Database(url)
    event.listen(database.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=NORMAL"))
    return database


class ReusesItsActor(Replica):
    """Derives its actor from its key, so that whoever has the same disk, and it itself, writes under it for ever."""

    @property
    def actor(self) -> bytes:
        return sha256(self.key.public_key).digest()[:16]

    @actor.setter
    def actor(self, _: bytes) -> None:
        """Another is never taken."""


class ChecksInFirst(Replica):
    """Keeps the cursor, then what it stands for: killed in between, it never asks for that again."""

    def accept(self, body: bytes, request: bytes = b"") -> Reply:
        reply = read_reply(body)
        if not reply.frames:
            return super().accept(body, request)
        self.epoch, self.cursor = reply.epoch, reply.cursor
        return reply


class LosesATiersCursor(ExchangeService):
    """Forgets, from one life to the next, how far the work behind the immediate tier has come."""

    def start(self) -> None:
        with self._engine.execution_options(writing=True).begin() as connection:
            connection.exec_driver_sql("delete from consumer_cursor where name = 'grades'")
        super().start()


class ForgetsWhatIsToBeGraded(ExchangeService):
    """Grades again whoever is left only in the life in which a trainer asked for it."""

    def start(self) -> None:
        with self._engine.execution_options(writing=True).begin() as connection:
            connection.exec_driver_sql("delete from regrading")
        super().start()


class AppliesTwice(PythonClient):
    """Where no reply came it writes its attempts anew, not knowing whether they arrived."""

    def exchange(self, carry: Carry, wall_ms: Callable[[], int]) -> None:
        outbox = self.replica.outbox
        try:
            super().exchange(carry, wall_ms)
        except Lost:
            for record in outbox.records[outbox.records_acknowledged :]:
                outbox.seal(record)
            raise


class LetsTheWinnerWin(Replica):
    """Shows what the document's winner says, whoever came further."""

    def read(self, course: str, key: str) -> Folded:
        kind = FrameKind.MILESTONES if key.startswith("s/") else FrameKind.PROGRESS
        standing = self.document(course, kind).current(key)
        return fold(key, [Survivor(one.op.counter, one.op.actor, one.value) for one in standing[-1:]])


class BelievesBeforeItIsTold(Uplink):
    """Writes down that a batch is handed on, then hands it on: cut in between, it never does."""

    def _bring(self, upstream: UpstreamServer, batch: Sequence[PieceOfCargo], done: Round) -> None:
        with self.database.writing() as session:
            epoch = session.get_one(Upstream, 1).epoch
            note(session.connection(), CARGO, epoch, [(piece.id, "") for piece in batch])
        super()._bring(upstream, batch, done)


class WorkGoesFirst(Uplink):
    """Brings what phones sent before who was enrolled: the upstream has never heard of them."""

    def _run(self, upstream: UpstreamServer, done: Round, say: Say) -> None:
        self._follow(upstream, done)
        self._bring_cargo(upstream, done, say)
        super()._run(upstream, done, say)


class AddsAgain(Adding):
    """Does what a hub repeats once more."""

    def _is_done(self, addition: Added) -> bool:
        return False

    def _add_learner(self, addition: AddedLearner) -> str:
        there = self.session.get(Learner, addition.learner)
        return super()._add_learner(addition.model_copy(update={"learner": new_id()}) if there else addition)

    def _note(self, addition: Added, namesake: str) -> None:
        super()._note(addition.model_copy(update={"name": new_id()}), namesake)


def lets_anybody_in(session: Session, hub_id: str, *_: Any) -> Hub:
    """Knows its hubs by name, and asks nothing more of them."""
    return session.get_one(Hub, hub_id)


class KeepsPhotographs(Uplink):
    """Shows at the hub what phones brought there, and hands none of it on."""

    def _bring_pictures(self, upstream: UpstreamServer, done: Round) -> None:
        pass


def says_it_is_here(_: Database, __: Author, piece: Piece) -> Held:
    """Takes a photograph for whole once its last piece came, whatever became of the others."""
    is_last = piece.at + len(piece.content) == piece.length
    return Held(piece.at + len(piece.content), PictureState.KEPT if is_last else PictureState.COMING)


class DropsInSilence(Replica):
    """Makes room and tells nobody."""

    def _told(self) -> dict[str, Any]:
        return self.status


class DropsInSilenceToo(NodeClient):
    """The app, doing the same."""

    is_silent = True


class HearsOfAGradeOnce(NodeClient):
    """The app, deaf to what it is told again of an attempt, or of the quiz."""

    def exchange(self, carry: Carry, wall_ms: Callable[[], int]) -> None:
        super().exchange(lambda request: _told_once(carry(request)), wall_ms)


def _told_once(body: bytes) -> bytes:
    if body.startswith(b"{"):  # of a photograph
        return body
    reply = read_reply(body)
    return write_reply(replace(reply, frames=[frame for frame in reply.frames if not _is_told_again(frame)]))


def _is_told_again(frame: Frame) -> bool:
    return frame.kind is FrameKind.GRADE and "at" in json.loads(frame.content)


def keeps_the_word_alone(session: Session, who: SignedIn, record_id: str, survivor: int, reason: str) -> None:
    """Writes down what a trainer overruled, and sends it to nobody."""
    with patch.object(overruling, "_append"):
        overruling.overrule(session, who, record_id, survivor, reason)


class LosesABody(Sweep):
    """Packs all but the last."""

    def _write(self, connection: Connection, one: Run, rows: Sequence[Logged]) -> int:
        return super()._write(connection, one, rows[:-1] or rows)


class MixesTwoLearners(Sweep):
    """Takes bodies of the one that it packed before."""

    before: Sequence[Logged] = ()

    def _write(self, connection: Connection, one: Run, rows: Sequence[Logged]) -> int:
        bodies = {row.kind: row.body for row in self.before}
        self.before = rows
        return super()._write(connection, one, [row._replace(body=bodies.get(row.kind, row.body)) for row in rows])


class MovesBeforeItIsReadBack(Sweep):
    """Empties the rows, and writes the segment in the next transaction."""

    taken: Sequence[Logged] = ()

    def _move(self, connection: Connection, one: Run) -> None:
        if not self.taken:
            self.taken = [Logged(*row) for row in run(connection, ROWS, one)]
            empty(connection, one, self.taken, 0)
            return
        empty(connection, one, self.taken, self._write(connection, one, self.taken))
        self.taken = ()


Life = Callable[[int, Parts], World]
MUTANTS: dict[str, tuple[Parts, set[str], Life]] = {
    "the fsync is dropped": (Parts(database=without_fsync), {"I1", "I9", "I14"}, live),
    "an actor is used again": (Parts(replica=ReusesItsActor), {"I7"}, live),
    "a checkpoint runs ahead of the write": (Parts(replica=ChecksInFirst), {"I9"}, live),
    "a tier's cursor is lost": (Parts(service=LosesATiersCursor), {"I2", "I4", "I14"}, live),
    "a submission is applied twice": (Parts(client=lambda _, replica: AppliesTwice(replica)), {"I2"}, live),
    "a hub believes before it is told": (Parts(uplink=BelievesBeforeItIsTold), {"I1"}, live_by_hubs),
    "work goes before who was enrolled": (Parts(uplink=WorkGoesFirst), {"I1", "I12", "I16"}, live_enrolling),
    "who was enrolled is enrolled again": (Parts(adding=AddsAgain), {"I1", "I16"}, live_enrolling),
    "a revoked hub is let in": (Parts(caller=lets_anybody_in), {"I16", "I17"}, live_enrolling),
    "a regrading is forgotten": (Parts(service=ForgetsWhatIsToBeGraded), {"I14"}, live_taught),
    "the app is deaf to what it is told again": (Parts(client=HearsOfAGradeOnce.joined), {"I3"}, live_taught),
    "an overruling reaches nobody": (Parts(overrule=keeps_the_word_alone), {"I18"}, live_taught),
    "a hub hands no photograph on": (Parts(uplink=KeepsPhotographs), {"I1"}, live_photographed),
    "a photograph is believed": (Parts(take=says_it_is_here), {"I1"}, live_photographed),
    "the winner wins": (Parts(replica=LetsTheWinnerWin), {"I3", "I5", "I8"}, live),
    "packing loses a body": (Parts(sweep=LosesABody), {"I1", "I12"}, live),
    "packing mixes two learners": (Parts(sweep=MixesTwoLearners), {"I12"}, partial(live, people=(1, 2, 1))),
    "bodies move before they are read back": (Parts(sweep=MovesBeforeItIsReadBack), {"I1", "I7", "I12"}, live),
    "drops go uncounted": (Parts(replica=DropsInSilence), {"I15"}, live_cramped),
    "the app's drops go uncounted": (Parts(client=DropsInSilenceToo.joined), {"I15"}, live_cramped),
}


def caught(parts: Parts, life: Life = live) -> Failed | None:
    """The first story that goes wrong."""
    for seed in range(1, SEEDS_MAX + 1):
        try:
            life(seed, parts)
        except Failed as failed:
            return failed
    return None


@pytest.mark.slow
@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_mutant_is_caught(mutant: str) -> None:
    parts, expected, life = MUTANTS[mutant]

    failed = caught(parts, life)

    assert failed is not None, f"{mutant}, and {SEEDS_MAX} worlds noticed nothing"
    assert failed.invariant in expected, failed


def test_a_failure_tells_its_story_and_how_to_see_it_again() -> None:
    failed: Any = caught(Parts(replica=ChecksInFirst))
    told = str(failed)
    assert told.startswith("I9 does not hold: phone ")
    assert f"The story of seed {failed.seed}:\n   1 Mon 14:" in told
    assert told.endswith(f"make simulate SEEDS=1 FIRST_SEED={failed.seed}")
