"""What must hold after every step of every world, by its number in docs/simulation.md.

The server's tables are compared with a second reading of its log (`replay`), phones with what they showed before, and
in the end everybody with what learners did (`ending`). I11 is `roads`.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from conflict.attempts import Verdict
from conflict.grades import Ruling
from server.log.auditing import Audit
from server.tables import Attempt, ConsumerCursor, Damage, LogEntry, Parcel, Parked, Quarantined, Segment, Survivor
from server.tables import Ruling as RulingRow
from sync.codec import change_hash
from sync.errors import BadSignature
from sync.exchange import write_change
from sync.identity import verify
from sync.wire import DOCUMENTS, Frame, FrameKind, statement
from tests.simulation.checks.replay import Replay, Sitting, word_of
from tests.simulation.happenings.deeds import Deed
from tests.simulation.machines.phones import Phone, View
from tests.simulation.machines.server import Server
from tests.simulation.story import holds
from tests.simulation.world import World

DIGEST_BYTES = 32
STATES = {Verdict.COUNTS: "graded", Verdict.WAITS: "waiting"}
ITEM_BYTES = 1 + DIGEST_BYTES


@dataclass
class Watch:
    """Looks at a world after each of its steps; raises `Violation`."""

    world: World
    replay: Replay = field(default_factory=Replay)
    life: int = 0
    evidence_from: int = 0
    packed: int = 0  # segments that were audited
    words: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.world.server.on_rest = self.at_rest

    @property
    def server(self) -> Server:
        return self.world.server

    def step(self) -> None:
        """The server has settled."""
        self._audit()
        if self._read_log():
            self._tables()
        self._promises()
        for phone in self.world.phones:
            self._phone(phone)

    def _audit(self) -> None:
        """I12 where history was packed since: all of it is read again, by the server's own audit and by the replay."""
        servers = (self.server, *(hub.server for hub in self.world.hubs.values()))
        packed = sum(len(server.rows(Segment)) for server in servers)
        if packed == self.packed:
            return
        self.packed, self.life = packed, 0
        for server in servers:
            audit = Audit()
            while not audit.is_over:
                with server.writing() as connection:
                    audit.step(connection)
            damaged = [row.segment_id for row in server.rows(Damage)]
            holds("I12", not damaged, f"an audit finds the segments {damaged} damaged")

    def _read_log(self) -> bool:
        """Whether there is anything new."""
        before = self.life, self.replay.last, self.words
        if self.life != self.server.lives:
            self.life, self.replay, self.evidence_from = self.server.lives, Replay(), 0
        entries = self.server.rows(LogEntry, "position > ?", self.replay.last)
        self.replay.take(entries, self.world.organisations)
        self._evidence([entry for entry in entries if entry.device_id])
        self.words = self._words()
        return before != (self.life, self.replay.last, self.words)

    def _words(self) -> dict[str, Any]:
        """Of trainers, by their names; none that was said is ever gone: I1."""
        if not self.world.words:
            return {}
        rows = self.server.rows(RulingRow)
        lost = self.world.words - {row.id for row in rows}
        holds("I1", not lost, f"{len(lost)} words of trainers are gone")
        return {row.id: row for row in rows}

    def _promises(self) -> None:
        """I1: acknowledged means durable, if only for a person to look at."""
        rows = [row for model in (Parked, Quarantined) for row in self.server.rows(model)]
        aside = {(row.learner_id, name) for row in rows for name in (row.hash, change_hash(row.body))}
        for learner, name in self.world.promised:
            is_there = name in self.replay.hashes[learner] or (learner, name) in aside
            holds("I1", is_there, f"{name.hex()[:8]} of {learner} was acknowledged and is not there")

    def _evidence(self, entries: list[Any]) -> None:
        """I12: the bytes of every entry are what its device signed."""
        if not entries:
            return
        parcels = {row.id: row for row in self.server.rows(Parcel, "id > ?", self.evidence_from)}
        keys = {phone.key.device.hex(): phone.key.public_key for phone in self.world.everyone}
        for parcel in parcels.values():
            try:
                verify(keys[parcel.device_id], parcel.signature, statement(parcel.header, parcel.items))
            except BadSignature:
                holds("I12", False, f"the evidence {parcel.id} is not signed")
        for entry in entries:
            if entry.parcel_id in parcels:
                parcel = parcels[entry.parcel_id]
                signed = {parcel.items[at : at + ITEM_BYTES] for at in range(0, len(parcel.items), ITEM_BYTES)}
                is_signed = entry.kind == FrameKind.SUBMISSIONS or _item(entry) in signed
                holds("I12", is_signed, f"entry {entry.position} is not in the evidence that it names")
        self.evidence_from = max((self.evidence_from, *parcels))

    def _tables(self) -> None:
        """I2 and I14: what the tables say is what the log amounts to, each submission once."""
        survivors = {
            (r.learner_id, r.course_id, r.kind, r.key, r.counter, r.actor, r.value_type, r.value)
            for r in self.server.rows(Survivor)
        }
        holds("I14", survivors == self.replay.survivors(), "the documents' table is not what the log amounts to")
        attempts = self.server.rows(Attempt)
        submitted = {entry.hash for entries in self.replay.attempts.values() for entry in entries}
        holds("I2", len(attempts) == len(submitted), f"{len(submitted)} submissions made {len(attempts)} attempts")
        for sitting, entries in self.replay.attempts.items():
            mine = {row.hash: row for row in attempts if row.hash in {entry.hash for entry in entries}}
            self._grades(sitting, entries, mine)
        holds("I14", events_of(self.server) == self.replay.events, "the analytics are not what the log amounts to")

    def _grades(self, sitting: Sitting, entries: list[Any], rows: dict[bytes, Any]) -> None:
        worths = self.replay.worths(sitting, self._about(sitting))
        for entry in entries:
            row, worth = rows[entry.hash], worths[entry.hash]
            expected = (STATES.get(worth.verdict, worth.verdict.value), worth.counts, worth.score, worth.passed)
            found = (row.state.lower(), bool(row.counts), row.score, bool(row.passed))
            holds("I14", found == expected, f"attempt {entry.position} stands as {found} and not as {expected}")
            if worth.items:
                told = self.replay.told.get((sitting[0], entry.hash.hex()[:16]), {})
                said = tuple(map(told.get, ("state", "counts", "score", "passed")))
                heard = ("review" if expected[0] == "waiting" else expected[0], *expected[1:])
                holds("I14", said == heard, f"of attempt {entry.position} its learner was told {said}")

    def _about(self, sitting: Sitting) -> list[Ruling]:
        learner, course, activity = sitting
        where = self.world.organisations[learner], course, activity
        about = [
            row
            for row in self.words.values()
            if (row.organisation_id, row.course_id, row.activity_id) == where and row.learner_id in ("", learner)
        ]
        return [word_of(row) for row in about]

    def at_rest(self, server: Server) -> None:
        """I9, between two lives: no consumer's cursor stands before, or behind, what it made."""
        cursors = {row.name: row.position for row in server.rows(ConsumerCursor)}
        entries = server.rows(LogEntry)
        head = entries[-1].position if entries else 0
        replay = Replay()
        replay.take([e for e in entries if e.position <= cursors.get("documents", 0)], self.world.organisations)
        rows = {(r.learner_id, r.course_id, r.kind, r.key, r.counter, r.actor) for r in server.rows(Survivor)}
        holds("I9", rows == {row[:6] for row in replay.survivors()}, "the documents are not what their cursor says")
        submitted = {
            e.hash for e in entries if e.kind == FrameKind.SUBMISSIONS and e.position <= cursors.get("grades", 0)
        }
        attempts = {row.hash for row in server.rows(Attempt)}
        holds("I9", attempts == submitted, "the attempts are not what their cursor says")
        seen = Replay()
        batches = [e for e in entries if e.kind == FrameKind.EVENTS and e.position <= cursors.get("events", 0)]
        seen.take(batches, self.world.organisations)
        holds("I9", seen.events <= events_of(server), "the analytics lack what their cursor says")
        holds("I9", all(at <= head for at in cursors.values()), f"{cursors} run ahead of the log's {head}")

    # Phones.

    def _phone(self, phone: Phone) -> None:
        view, before = phone.client.view(), phone.seen
        if before == view and not phone.is_stirred:
            return
        if before is not None:
            self._monotonic(phone, before, view)
        self._knows_what_its_cursor_says(phone, view)
        self._shows(phone)
        phone.seen, phone.is_stirred = view, False

    def _monotonic(self, phone: Phone, before: View, view: View) -> None:
        """I6: nothing that was known is forgotten, unless the disk was another's."""
        if (before.epoch, before.actor) == (view.epoch, view.actor):
            holds("I6", view.cursor >= before.cursor, f"{phone.name}'s cursor went back")
        holds("I6", view.grades >= before.grades, f"{phone.name} forgot a grade")

    def _knows_what_its_cursor_says(self, phone: Phone, view: View) -> None:
        """I9: a phone's cursor passes by nothing that it has not kept; I13: and it holds nobody else's work."""
        if view.epoch == self.server.running.epoch:
            for entry in self.replay.changes[phone.learner]:
                if entry.position <= view.cursor and (entry.device_id, entry.profile) != phone.author:
                    is_held = change_hash(entry.body) in view.changes
                    holds("I9", is_held, f"{phone.name} is at {view.cursor} and lacks entry {entry.position}")
        for learner, changes in self.replay.changes.items():
            if learner != phone.learner:
                strays = view.changes & {change_hash(entry.body) for entry in changes}
                holds("I13", not strays, f"{phone.name} of {phone.learner} holds work of {learner}")

    def _shows(self, phone: Phone) -> None:
        """I5: what she did here she reads here; I8: progress never goes back."""
        ledger = self.world.ledgers[phone.learner]
        for (course, key), deeds in ledger.of("reach").items():
            now = phone.client.read(course, key) or 0
            holds("I8", now >= phone.shown.get((course, key), 0), f"{phone.name} shows {key} less far than before")
            self._reads(phone, all(now >= d.value for d in deeds if d in phone.held), deeds[-1])
            phone.shown[course, key] = now
        for (course, key), deeds in ledger.of("watch").items():
            now = set(_seconds(phone.client.read(course, key) or ()))
            before = phone.shown.get((course, key), set())
            holds("I8", now >= before, f"{phone.name} shows less of {key} watched than before")
            mine = {second for d in deeds if d in phone.held for second in _seconds((d.value,))}
            self._reads(phone, now >= mine, deeds[-1])
            phone.shown[course, key] = now
        for (course, key), deeds in ledger.of("note").items():
            replaced = {text for deed in deeds for text in deed.over}
            texts = {d.value for d in deeds if d in phone.held} - replaced - ledger.overruled.get((course, key), set())
            self._reads(phone, texts <= set(phone.client.read(course, key) or ()), deeds[-1])

    @staticmethod
    def _reads(phone: Phone, fact: bool, deed: Deed) -> None:
        holds("I5", fact, f"{phone.name} does not show all that was done on it at {deed.course} {deed.key}")


def _item(entry: Any) -> bytes:
    content = write_change(entry.course_id, entry.body) if entry.kind in DOCUMENTS else entry.body
    frame = Frame(FrameKind(entry.kind), content)
    return bytes((frame.kind,)) + frame.digest


def _seconds(stretches: Any) -> Iterator[int]:
    for start, end in stretches:
        yield from range(start, end)


def events_of(server: Server) -> set[tuple[str, int, int]]:
    """Device, profile and number of each event in the analytics."""
    found: set[tuple[str, int, int]] = set()
    for path in sorted((server.folder / "analytics").glob("????-??.db")):
        connection = sqlite3.connect(path)
        has_events = connection.execute("select count(*) from sqlite_master where name = 'events'").fetchone()[0]
        if has_events:
            found.update(connection.execute("select device, profile, sequence from events"))
        connection.close()
    return found
