"""The durable log, as the exchange sees it. `server` implements it; one contract suite runs on every implementation.

A `Log` is used inside one transaction of one writer: what `facts` says holds until that transaction ends.
"""

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
    """Entries after a cursor; `cursor` is where the next page begins, `more` says whether there is one."""

    entries: tuple[Entry, ...]
    cursor: int
    more: bool


class Log(Protocol):
    """One life of the log."""

    @property
    def epoch(self) -> bytes:
        """8 bytes that name this life; a restore begins another."""

    def facts(self, author: Author, asked: Asked) -> Facts:
        """What is known of these hashes, actors and courses, and what of the learner's is parked."""

    def append(self, author: Author, evidence: Evidence, admitted: Admitted) -> None:
        """Writes what was admitted and what was set aside. Durable when the transaction commits."""

    def after(self, author: Author, cursor: int, *, mine: bool, bytes_max: int) -> Page:
        """What this device lacks: its learner's entries and its courses' releases, its own only if `mine`."""
