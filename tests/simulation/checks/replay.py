"""The log, read again from its beginning by a second, plain reader: what the server's tables ought to say.

It takes entries as they come, so that checking after each step costs what is new.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import Any

from conflict.attempts import Attempt, Policy
from conflict.grades import Item, Ruling, Sheet, Terms, Worth, settled
from offline_bundles import GradedAttempt, grade
from server.grading.rulings import ruling_of
from sync.codec import Document, change_hash, decode, write_scalar
from sync.codec.document import MissingDependencies
from sync.events import Batch
from sync.submissions import FIRST, Submission, next_hash
from sync.wire import DOCUMENTS, FrameKind
from tests.simulation.quizzes import Quizzes
from tests.simulation.story import holds

READER = bytes(16)
QUIZZES = Quizzes()
DocumentName = tuple[str, str, int]
Sitting = tuple[str, str, str]


@dataclass
class Replay:
    """Everything in the log up to `last`, understood."""

    last: int = 0
    documents: dict[DocumentName, Document] = field(default_factory=dict)
    hashes: dict[str, set[bytes]] = field(default_factory=lambda: defaultdict(set))
    changes: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    attempts: dict[Sitting, list[Any]] = field(default_factory=lambda: defaultdict(list))
    told: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    events: set[tuple[str, int, int]] = field(default_factory=set)
    sequences: dict[tuple[DocumentName, bytes], int] = field(default_factory=dict)

    def take(self, entries: Iterable[Any], organisations: dict[str, str]) -> None:
        for entry in entries:
            home = organisations.get(entry.learner_id, entry.organisation_id)
            holds("I13", home == entry.organisation_id, f"entry {entry.position} is of another organisation")
            self._take(entry)
            self.hashes[entry.learner_id].add(change_hash(entry.body) if entry.kind in DOCUMENTS else entry.hash)
            self.last = entry.position

    def _take(self, entry: Any) -> None:
        match entry.kind:
            case kind if kind in DOCUMENTS:
                self._take_change(entry)
            case FrameKind.SUBMISSIONS:
                self._take_attempt(entry)
            case FrameKind.EVENTS:
                source = f"{entry.device_id}/{entry.profile}/".encode()
                _is_what_its_hash_says(entry, source + entry.body)
                batch = Batch.read(entry.body)
                numbers = range(batch.first, batch.first + len(batch.events))
                self.events.update((entry.device_id, entry.profile, number) for number in numbers)
            case FrameKind.GRADE:
                _is_what_its_hash_says(entry, entry.body)
                said = json.loads(entry.body)
                self.told[entry.learner_id, said.get("submission", "")] = said

    def _take_change(self, entry: Any) -> None:
        name = (entry.learner_id, entry.course_id, entry.kind)
        document = self.documents.setdefault(name, Document(READER))
        said = change_hash(entry.body)
        second = sha256(f"{entry.course_id}/{entry.kind}/".encode() + said).digest()  # of two documents' same change
        holds("I12", entry.hash in (said, second), f"entry {entry.position} is not what its hash says")
        change = decode(entry.body)
        before = self.sequences.get((name, change.actor), 0)
        holds("I7", change.seq == before + 1, f"entry {entry.position} follows {before} as {change.seq}")
        self.sequences[name, change.actor] = change.seq
        try:
            document.apply(entry.body)
        except MissingDependencies:
            holds("I7", False, f"entry {entry.position} stands before what it builds on")
        self.changes[entry.learner_id].append(entry)

    def _take_attempt(self, entry: Any) -> None:
        before = {FIRST, *self.hashes[entry.learner_id]}
        fits = any(next_hash(previous, entry.body) == entry.hash for previous in before)
        holds("I12", fits, f"attempt at {entry.position} is not what its hash says")
        submission = Submission.read(entry.body)
        self.attempts[entry.learner_id, submission.course, submission.activity].append(entry)

    def survivors(self) -> set[tuple[Any, ...]]:
        """The rows that the documents' consumer ought to have made."""
        return {
            (*name, key, one.op.counter, one.op.actor, *_stored(one.value))
            for name, document in self.documents.items()
            for key in document.keys()
            for one in document.survivors(key)
        }

    def worths(self, sitting: Sitting, words: Iterable[Ruling]) -> Mapping[bytes, Worth]:
        """What a learner's attempts at one quiz ought to be, after all that trainers said."""
        sheets = [_sheet(entry) for entry in self.attempts[sitting]]
        return settled(sheets, words, Terms(limit=2, policy=Policy.BEST)).worths


def _is_what_its_hash_says(entry: Any, named: bytes) -> None:
    holds("I12", sha256(named).digest() == entry.hash, f"entry {entry.position} is not what its hash says")


def _stored(value: Any) -> tuple[int, bytes]:
    value_type, raw = write_scalar(value)
    return int(value_type), raw


def word_of(row: Any) -> Ruling:
    """A ruling, from its row."""
    return ruling_of(row._replace(value=json_in(row.value)))


def json_in(column: Any) -> Any:
    """What a column of JSON holds, as SQLite has it: numbers as numbers, all else as text."""
    return json.loads(column) if isinstance(column, str) else column


def _sheet(entry: Any) -> Sheet:
    submission = Submission.read(entry.body)
    graded = graded_of(entry.body)
    chain = (entry.device_id, entry.profile, entry.seq)
    attempt = Attempt(entry.hash, chain, submission.number, submission.started, 0, gradable=graded is not None)
    questions = graded.questions if graded else ()
    items = tuple(Item(one.id, one.points_thousandths, one.max_thousandths, one.waits) for one in questions)
    return Sheet(attempt, submission.release, Quizzes.content["pass_mark"] if graded else 0, items)


@lru_cache(maxsize=4_096)
def graded_of(record: bytes) -> GradedAttempt | None:
    submission = Submission.read(record)
    quiz = QUIZZES.quiz("", submission.course, submission.release, submission.activity)
    return grade(quiz.content, quiz.key, submission.answers) if quiz else None
