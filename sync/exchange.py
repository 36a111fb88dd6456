"""One exchange, in two steps with a commit between them: admit what came, answer from the log.

reconcile   what the request holds -> what may enter -> appended, to be durable when the transaction commits
answer      acknowledged is what has no verdict; what the device lacks comes from the log
"""

from dataclasses import replace

from sync.admission import Admitted, Asked, Author, admit, unpack
from sync.codec.leb import uleb
from sync.limits import REPLY_BYTES_MAX
from sync.log import Entry, Evidence, Log
from sync.wire import DOCUMENTS, Frame, Reply, Request, Tier, statement


def reconcile(log: Log, author: Author, request: Request, *, shed: frozenset[Tier] = frozenset()) -> Admitted:
    """Admits one device's frames; what is accepted is durable once the caller's transaction has committed."""
    items, broken = unpack(author, request.frames)
    facts = log.facts(author, Asked.about(items))
    decided = admit(author, items, facts, shed=shed)
    admitted = replace(decided, set_aside=(*decided.set_aside, *broken))
    log.append(author, Evidence(request.header_bytes, request.items, request.signature), admitted)
    return admitted


def answer(log: Log, author: Author, request: Request, admitted: Admitted, *, now_ms: int, wait: int = 0) -> Reply:
    """The reply to a request that was reconciled and committed."""
    header = request.header
    cursor = header.cursor if header.epoch == log.epoch else 0
    page = log.after(author, cursor, mine=header.send_mine, bytes_max=REPLY_BYTES_MAX)
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
