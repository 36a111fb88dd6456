"""One exchange, in three steps with a commit between the last two.

unpack      what the request holds, bounded and read, before any table is asked
reconcile   what of it may enter -> appended, to be durable when the transaction commits
answer      acknowledged is what has no verdict; what the device lacks comes from the log

The last two take a group of requests, of different learners: what is asked of the log is asked for all at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sync.admission import Admitted, Asked, Author, Facts, Item, SetAside, admit, items_in
from sync.codec.leb import uleb
from sync.limits import REPLY_BYTES_MAX
from sync.log import Deed, Entry, Evidence, Log, Page, Wanted
from sync.wire import DOCUMENTS, Frame, Reply, Request, Tier, statement
from sync.wire.request import NUMBER_MAX


@dataclass(frozen=True, slots=True)
class Arrival:
    """A request that its author signed, unpacked. `shed`: tiers that are not taken now. `asks`: whether the reply is to
    bring what the device lacks; who brings it for a hub has other ways to tell it."""

    author: Author
    request: Request
    items: Sequence[Item]
    broken: Sequence[SetAside]
    shed: frozenset[Tier] = frozenset()
    asks: bool = True

    @property
    def evidence(self) -> Evidence:
        return Evidence(self.request.header_bytes, self.request.items, self.request.signature)


def unpack(author: Author, request: Request, *, shed: frozenset[Tier] = frozenset(), asks: bool = True) -> Arrival:
    items, broken = items_in(author, request.frames)
    return Arrival(author, request, items, broken, shed, asks)


def reconcile(log: Log, arrivals: Sequence[Arrival]) -> list[Admitted]:
    """Admits what came; what is accepted is durable once the caller's transaction has committed."""
    facts = log.facts([(one.author, Asked.about(one.items)) for one in arrivals])
    admitted = [_admit(one, known) for one, known in zip(arrivals, facts, strict=True)]
    log.append([Deed(one.author, one.evidence, done) for one, done in zip(arrivals, admitted, strict=True)])
    return admitted


def _admit(one: Arrival, facts: Facts) -> Admitted:
    decided = admit(one.author, one.items, facts, shed=one.shed)
    return replace(decided, set_aside=(*decided.set_aside, *one.broken)) if one.broken else decided


def answer(
    log: Log, arrivals: Sequence[Arrival], admitted: Sequence[Admitted], *, now_ms: int, waits: Sequence[int]
) -> list[Reply]:
    """The replies to requests that were reconciled and committed. `waits`: seconds, of those whose tiers were shed."""
    pages = log.after([_wanted(log, one) for one in arrivals])
    return [_reply(log, page, done, now_ms, wait) for page, done, wait in zip(pages, admitted, waits, strict=True)]


def _wanted(log: Log, one: Arrival) -> Wanted:
    header = one.request.header
    cursor = header.cursor if header.epoch == log.epoch else 0
    if not one.asks:
        return Wanted(one.author, NUMBER_MAX, 0)
    carried = frozenset((item.kind, item.course, item.body) for item in one.items if item.kind in DOCUMENTS)
    return Wanted(one.author, cursor, REPLY_BYTES_MAX, frozenset() if header.send_mine else carried)


def _reply(log: Log, page: Page, admitted: Admitted, now_ms: int, wait: int) -> Reply:
    return Reply(
        epoch=log.epoch,
        cursor=page.cursor,
        server_time=now_ms,
        wait=wait,
        more=page.more,
        verdicts=admitted.verdicts,
        frames=tuple(_frame(entry) for entry in page.entries),
    )


def _frame(entry: Entry) -> Frame:
    return Frame(entry.kind, write_change(entry.course, entry.body) if entry.kind in DOCUMENTS else entry.body)


def write_change(course: str, body: bytes) -> bytes:
    """A document frame's content: the course, then the change to the end."""
    name = course.encode()
    return uleb(len(name)) + name + body


def evidence_statement(evidence: Evidence) -> bytes:
    """What the device signed, made again from what the log keeps."""
    return statement(evidence.header, evidence.items)
