"""One round between a hub and its upstream, work first:

additions who was enrolled here, so that their joining and their work find them there
joins     what phones said to join here, so that they are known there
cargo     what phones sent here, as they signed it, the pressing first; it waits until the upstream has it durable
registry  who there is, what changed of it
entries   what the upstream tells the phones: grades, messages, what other phones of the same learners wrote
pictures  photographs that attempts were answered with
releases  published releases, verified before they are served

Every step is written down before the next begins and may be repeated: a round that is cut goes on where it was.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from offline_bundles.errors import BundleError
from server.database import Database
from server.errors import TiffinError, UpstreamFails
from server.hubs.asking import additions, cargo, following
from server.hubs.asking.releases import Shelf, record_of
from server.hubs.asking.troubles import trouble_of
from server.hubs.asking.upstream import UpstreamServer
from server.hubs.sections import digest
from server.people.upward import upstream_of
from server.pictures import carry
from server.shapes.hubs import Answered, Answers, CarriedAdditions, CarriedJoins, EntriesAsked
from server.tables import Upstream
from server.tables.ids import now_ms

BUSY = "busy"
ALTERED = frozenset({"bad_signature", "malformed", "truncated", "unsupported_version", "too_large"})
BATCHES_MAX = 10_000  # of one round: 2.5 GB; a phone that never stops must not keep grades from coming down
PAGES_MAX = 10_000
DETAIL_CHARACTERS_MAX = 500  # of what a failed round is remembered by
Say = Callable[[str], None]


@dataclass
class Round:
    """What a round did. `refused`: how many, by the upstream's code."""

    added: int = 0
    joins: int = 0
    delivered: int = 0
    busy: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    pictures: int = 0
    entries: int = 0
    held: int = 0  # learners, of whose history something is damaged at the upstream
    releases: list[str] = field(default_factory=list)
    not_taken: list[str] = field(default_factory=list)
    is_doubtful: bool = False  # a copy of ours was altered: our phones are asked for everything again

    def count(self, answered: Answered) -> None:
        if answered.code in ("", BUSY):
            self.delivered += not answered.code
            self.busy += answered.code == BUSY
        else:
            self.refuse(answered.code)

    def refuse(self, code: str) -> None:
        self.refused[code] = self.refused.get(code, 0) + 1


@dataclass(frozen=True, slots=True)
class Uplink:
    """`connect` gives the way to the upstream that a row of `Upstream` names."""

    database: Database
    shelf: Shelf
    connect: Callable[[Upstream], UpstreamServer]

    def run(self, say: Say = lambda _: None) -> Round:
        """Raises `UpstreamFails`; what was done before stays done."""
        with self.database.reading() as session:
            here = upstream_of(session)
        if here is None:
            raise UpstreamFails("This server is no hub. Make it one: tiffin hub join URL CODE")
        done = Round()
        try:
            self._run(self.connect(here), done, say)
        except Exception as error:
            self._note(last_error=trouble_of(error), last_error_detail=str(error)[:DETAIL_CHARACTERS_MAX])
            raise
        self._note(last_error="", last_error_detail="", last_uplink_ms=now_ms())
        return done

    def _run(self, upstream: UpstreamServer, done: Round, say: Say) -> None:
        self._follow(upstream, done)  # says which life of its log the upstream is in
        self._bring_additions(upstream, done)
        self._bring_joins(upstream, done)
        self._bring_cargo(upstream, done, say)
        self._hear(upstream, say)
        self._follow(upstream, done)
        self._bring_pictures(upstream, done)
        self._shelve(upstream, done, say)

    def _bring_additions(self, upstream: UpstreamServer, done: Round) -> None:
        epoch, after = self._row().epoch, 0
        for _ in range(BATCHES_MAX):
            with self.database.engine.connect() as connection:
                waiting = additions.batch(connection, epoch, after)
            if not waiting:
                return
            after = waiting[-1].id
            told = upstream.additions(CarriedAdditions(additions=[additions.told(row) for row in waiting]))
            done.added += self._note_answers(cargo.ADDITION, waiting, told, done)

    def _bring_joins(self, upstream: UpstreamServer, done: Round) -> None:
        epoch = self._row().epoch
        with self.database.engine.connect() as connection:
            waiting = cargo.joins(connection, epoch)
        if waiting:
            told = upstream.joins(CarriedJoins(joins=[cargo.joining(row) for row in waiting]))
            done.joins += self._note_answers(cargo.JOIN, waiting, told, done)

    def _note_answers(self, table: Any, asked: Sequence[Any], told: Answers, done: Round) -> int:
        """Says how many are durable there."""
        outcomes = [(row.id, one.code) for row, one in zip(asked, told.answers, strict=True)]
        self._keep(table, told.epoch, outcomes)
        for _, code in outcomes:
            if code:
                done.refuse(code)
        return sum(1 for _, code in outcomes if not code)

    def _bring_cargo(self, upstream: UpstreamServer, done: Round, say: Say) -> None:
        epoch, after = self._row().epoch, cargo.BEGIN
        for _ in range(BATCHES_MAX):
            with self.database.engine.connect() as connection:
                batch, after = cargo.batch(connection, epoch, after)
            if not batch:
                return
            self._bring(upstream, batch, done)
            say(f"Up: {done.delivered} handed on")

    def _bring(self, upstream: UpstreamServer, batch: Sequence[cargo.Piece], done: Round) -> None:
        told = upstream.cargo([piece.body for piece in batch])
        said = {one.request: one for one in told.answers}
        outcomes: list[tuple[int, str]] = []
        for piece in batch:
            answered = said.get(piece.digest)
            if answered is None:  # something between here and there altered it: it is brought again
                continue
            done.count(answered)
            if answered.code != BUSY:
                outcomes.append((piece.id, answered.code))
        is_doubtful = any(piece.is_altered for piece in batch) or any(one.code in ALTERED for one in told.answers)
        done.is_doubtful |= is_doubtful
        self._keep(cargo.CARGO, told.epoch, outcomes, is_doubtful=is_doubtful)

    def _bring_pictures(self, upstream: UpstreamServer, done: Round) -> None:
        done.pictures += carry(self.database, upstream.picture, self._row().epoch)

    def _keep(self, table: Any, epoch: str, outcomes: Sequence[tuple[int, str]], *, is_doubtful: bool = False) -> None:
        with self.database.writing() as session:
            cargo.note(session.connection(), table, bytes.fromhex(epoch), outcomes)
            if is_doubtful:
                row = session.get_one(Upstream, 1)
                row.doubtful = True
                session.add(row)

    def _hear(self, upstream: UpstreamServer, say: Say) -> None:
        row = self._row()
        told = upstream.registry(row.sections)
        if not told:
            return
        with self.database.writing() as session:
            following.write_sections(session, row.organisation_id, told, self.shelf.ring)
            kept = session.get_one(Upstream, 1)
            kept.sections = kept.sections | {name: digest(content) for name, content in told.items()}
            kept.told = kept.told | {name: told[name] for name in KEPT if name in told}
            session.add(kept)
        say(f"Down: {len(told)} parts of the registry")

    def _follow(self, upstream: UpstreamServer, done: Round) -> None:
        for _ in range(PAGES_MAX):
            row = self._row()
            with self.database.engine.connect() as connection:
                state = cargo.state(connection, row.epoch)
            asked = EntriesAsked(epoch=row.epoch.hex(), cursor=row.cursor, state=state, held=row.held)
            told = upstream.entries(asked)
            held = following.held(told)
            with self.database.writing() as session:
                connection = session.connection()
                done.entries += following.write_entries(connection, row.organisation_id, told["entries"])
                kept = session.get_one(Upstream, 1)
                kept.epoch, kept.cursor, kept.held = bytes.fromhex(told["epoch"]), told["cursor"], held
                session.add(kept)
            done.held = len(held)
            if not told["more"] and told.get("lost") not in held:
                return

    def _shelve(self, upstream: UpstreamServer, done: Round, say: Say) -> None:
        """What is wrong with one release does not keep the others from coming."""
        row = self._row()
        for told in row.told.get("releases", ()):
            record = record_of(told)
            try:
                if self.shelf.take(row.organisation_id, record, upstream, say):
                    done.releases.append(f"{record.course} {record.number}")
            except UpstreamFails:
                raise
            except (BundleError, TiffinError) as error:
                done.not_taken.append(f"{record.course} {record.number}: {error}")

    def _row(self) -> Upstream:
        with self.database.reading() as session:
            return session.get_one(Upstream, 1)

    def _note(self, **fields: Any) -> None:
        with self.database.writing() as session:
            row = session.get_one(Upstream, 1)
            row.sqlmodel_update(fields)
            session.add(row)


KEPT = ("organisation", "releases")  # sections that are needed again after they were written down
