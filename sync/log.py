"""The durable log, as the exchange sees it. `server` implements it; one contract suite runs on every implementation.

A `Log` is used inside one transaction of one writer: what `facts` says holds until that transaction ends.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sync.admission import Admitted, Asked, Author, Facts
from sync.wire import FrameKind


@dataclass(frozen=True, slots=True)
class Evidence:
    """What proves who sent it: the signed header, the kinds and digests of all frames, the signature over them."""

    header: bytes
    items: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Entry:
    """One durable fact. `device` is empty for what the server itself wrote."""

    position: int
    kind: FrameKind
    course: str
    body: bytes
    device: str


@dataclass(frozen=True, slots=True)
class Page:
    """Entries after a cursor; `cursor` is where the next page begins, `more` says whether there is one. With nothing
    more, `cursor` is past all that was looked through, so that it is not looked through again."""

    entries: tuple[Entry, ...]
    cursor: int
    more: bool


@dataclass(frozen=True, slots=True)
class Deed:
    """What one request leaves in the log: whose it is, what proves it, what of it was admitted and set aside."""

    author: Author
    evidence: Evidence
    admitted: Admitted


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one device asks for: entries after a cursor, but not the changes in `carried`, which it has just shown that
    it has. What was written in its name and is not among them it may lack: it was copied, or set back."""

    author: Author
    cursor: int
    bytes_max: int
    carried: frozenset[tuple[FrameKind, str, bytes]] = frozenset()  # kind, course and body


class Log(Protocol):
    """One life of the log. It is asked for a whole group of requests at once, since a statement costs about the same
    for one of them as for all; no learner comes twice in a group."""

    @property
    def epoch(self) -> bytes:
        """8 bytes that name this life; a restore begins another."""

    def facts(self, asked: Sequence[tuple[Author, Asked]]) -> list[Facts]:
        """What is known of these hashes, actors and courses, and what of each learner's is parked."""

    def append(self, deeds: Sequence[Deed]) -> None:
        """Writes what was admitted and what was set aside. Durable when the transaction commits."""

    def after(self, wanted: Sequence[Wanted]) -> list[Page]:
        """What each device lacks: its learner's entries and its courses' releases."""
