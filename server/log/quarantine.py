"""What could not be trusted or understood: looked at, tried again, handed on. docs/restore.md, "Quarantine".

Releasing tries an item again as if it came now: its course may be there by now, a newer server may read what an older
one could not, a consumer may have been mended. What still does not fit stays where it is, with its reason.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, delete, select, update

from server import errors
from server.bulk import run
from server.consumers.apart import do_all_or_each
from server.consumers.running import Consumer
from server.log.entries import entries_named, insert_once, lock_log
from server.log.parked import PARKED, QUARANTINED
from server.log.sql import PARCEL, SqlLog, aside_row
from server.tables import Course, Device, Learner
from server.tables.core import table_of
from sync.admission import Admitted, Asked, Author, Item, Reason, admit, items_in
from sync.exchange import write_change
from sync.log import Deed, Evidence
from sync.wire import DOCUMENTS, Frame, FrameKind

COURSE, LEARNER, DEVICE = table_of(Course), table_of(Learner), table_of(Device)
SLICE_ITEMS = 64  # some 50 ms of work: what an exchange may have to wait for
OF_A_CONSUMER = "consumer_"  # begins the reason of what is in the log, and a consumer could not take
HAS_ITS_COURSE = """
    SELECT 1 FROM quarantined q JOIN course c ON c.organisation_id = q.organisation_id AND c.id = q.course_id
    WHERE q.reason = ? LIMIT 1
"""  # asked after every exchange, when it is quiet
WITHOUT_BODIES = "SELECT count(*) FROM quarantined WHERE reason LIKE ? AND length(body) = 0"
NO_EVIDENCE = Evidence(b"", b"", b"")  # nothing enters by this deed but what was parked, which has its own
WHO = (LEARNER.c.name.label("learner_name"), DEVICE.c.label.label("device_label"))


class Released(StrEnum):
    """What came of trying again."""

    PLACED = "placed"
    PARKED = "parked"
    ALREADY = "already there"
    STAYS = "stays"


@dataclass(frozen=True, slots=True)
class Outcome:
    """`reason`: why it stays."""

    released: Released
    reason: str = ""


def _listing(organisation: str) -> Select[Any]:
    return (
        select(QUARANTINED, *WHO)
        .outerjoin(LEARNER, LEARNER.c.id == QUARANTINED.c.learner_id)
        .outerjoin(DEVICE, DEVICE.c.id == QUARANTINED.c.device_id)
        .where(QUARANTINED.c.organisation_id == organisation)
        .order_by(QUARANTINED.c.id)
    )


def listed(connection: Connection, organisation: str) -> Sequence[Row[Any]]:
    """Every item of an organisation with its learner's name and its device's label, oldest first."""
    return connection.execute(_listing(organisation)).all()


def one(connection: Connection, organisation: str, number: int) -> Row[Any]:
    """Raises `NotFound`."""
    found = connection.execute(_listing(organisation).where(QUARANTINED.c.id == number)).one_or_none()
    if found is None:
        raise errors.NotFound("item in quarantine of number", str(number), "See: tiffin quarantine list.")
    return found


def waiting_for_bodies(connection: Connection) -> int:
    """What a consumer could not take because a damaged segment held its body (`server.consumers.running`)."""
    [(count,)] = run(connection, WITHOUT_BODIES, (f"{OF_A_CONSUMER}%",))
    return int(count)


def exported(connection: Connection, row: Row[Any]) -> dict[str, Any]:
    """All there is of an item, for whoever looks into it: its bytes, and the evidence of who sent them."""
    fields = {name: getattr(row, name) for name in ("id", "kind", "reason", "seq", "profile", "since_ms")}
    named = {"organisation": row.organisation_id, "learner": row.learner_id, "course": row.course_id}
    raw = {"hash": row.hash.hex(), "previous": row.previous.hex(), "body": base64.b64encode(row.body).decode()}
    parcel = connection.execute(select(PARCEL).where(PARCEL.c.id == row.parcel_id)).one_or_none()
    evidence = {
        name: base64.b64encode(getattr(parcel, name)).decode() for name in ("header", "items", "signature") if parcel
    }
    return {**fields, **named, "device": row.device_id, **raw, "evidence": evidence}


def release(
    connection: Connection, organisation: str, number: int, *, epoch: bytes, consumers: Mapping[str, Consumer]
) -> Outcome:
    """Tries one item again, inside a transaction that writes. Raises `NotFound`."""
    lock_log(connection)
    return _released(connection, one(connection, organisation, number), epoch, consumers)


def release_what_has_its_course(connection: Connection, *, epoch: bytes) -> bool:
    """Tries again what waited for its course, once that is here; says whether there is more. One slice of the work
    behind the log: nobody need think of it."""
    if not run(connection, HAS_ITS_COURSE, (Reason.UNKNOWN_COURSE.value,)):
        return False
    here = (COURSE.c.organisation_id == QUARANTINED.c.organisation_id, COURSE.c.id == QUARANTINED.c.course_id)
    query = select(QUARANTINED).join(COURSE, and_(*here)).where(QUARANTINED.c.reason == Reason.UNKNOWN_COURSE)
    rows = connection.execute(query.order_by(QUARANTINED.c.id).limit(SLICE_ITEMS)).all()

    def release_all(some: Sequence[Row[Any]]) -> None:
        for row in some:
            _released(connection, row, epoch, {})

    def set_aside(row: Row[Any], error: Exception) -> None:
        _keep(connection, row, f"{Reason.MALFORMED}: {error}")  # it waits for its course no more: somebody has to look

    do_all_or_each(connection, rows, release_all, set_aside)
    return len(rows) == SLICE_ITEMS


def _released(connection: Connection, row: Row[Any], epoch: bytes, consumers: Mapping[str, Consumer]) -> Outcome:
    attempt = connection.begin_nested()
    try:
        outcome = _tried(connection, row, epoch, consumers)
    except Exception:
        attempt.rollback()
        raise
    if outcome.released is Released.STAYS:
        attempt.rollback()
        if not row.reason.startswith(OF_A_CONSUMER):
            _keep(connection, row, outcome.reason)
    else:
        connection.execute(delete(QUARANTINED).where(QUARANTINED.c.id == row.id))
        attempt.commit()
    return outcome


def _keep(connection: Connection, row: Row[Any], reason: str) -> None:
    connection.execute(update(QUARANTINED).where(QUARANTINED.c.id == row.id).values(reason=reason))


def _tried(connection: Connection, row: Row[Any], epoch: bytes, consumers: Mapping[str, Consumer]) -> Outcome:
    if row.reason.startswith(OF_A_CONSUMER):
        return _consumed(connection, row, consumers.get(row.reason.removeprefix(OF_A_CONSUMER)))
    author = Author(row.organisation_id, row.learner_id, row.device_id, row.profile)
    items = _items(author, row)
    if not items:
        return Outcome(Released.STAYS, Reason.MALFORMED)
    log = SqlLog(connection, epoch)
    [facts] = log.facts([(author, Asked.about(items))])
    missing = [item for item in items if item.hash not in facts.known]
    if not missing:
        return Outcome(Released.ALREADY)
    return _placed(connection, author, missing, row.parcel_id, epoch)


def _consumed(connection: Connection, row: Row[Any], consumer: Consumer | None) -> Outcome:
    """The log holds it already: its consumer tries once more."""
    entries = entries_named(connection, row.organisation_id, row.learner_id, row.hash)
    if consumer is None or not entries or entries[0].is_lost:
        return Outcome(Released.STAYS, row.reason)
    try:
        consumer.consume(connection, entries)
    except Exception as error:  # whatever it was that it could not take, it still cannot
        return Outcome(Released.STAYS, f"{row.reason}: {error}")
    return Outcome(Released.PLACED)


def _items(author: Author, row: Row[Any]) -> list[Item]:
    """What the row holds: one item as admission made it or, where nothing could be read, a frame to read again."""
    kind = FrameKind(row.kind)
    if kind is FrameKind.SUBMISSIONS and row.reason != Reason.MALFORMED:
        return [Item(-1, kind, "", row.hash, row.body, seq=row.seq, deps=(row.previous,))]
    is_change = kind in DOCUMENTS and row.course_id
    content = write_change(row.course_id, row.body) if is_change else row.body
    items, _ = items_in(author, [Frame(kind, content)])
    return [item._replace(hash=row.hash) for item in items] if is_change else items


def _placed(connection: Connection, author: Author, items: Sequence[Item], parcel: int | None, epoch: bytes) -> Outcome:
    """Parks the items and lets admission decide as at any exchange: about them, and about what waited for them."""
    insert_once(connection, PARKED, [aside_row(author, item, parcel) | {"actor": item.actor} for item in items])
    log = SqlLog(connection, epoch)
    [facts] = log.facts([(author, Asked.about(items))])
    decided = admit(author, (), facts)
    hashes = {item.hash for item in items}
    hopeless = [aside for aside in decided.hopeless if aside.item.hash in hashes]
    if hopeless:
        return Outcome(Released.STAYS, hopeless[0].reason)
    log.append([Deed(author, NO_EVIDENCE, Admitted(placed=decided.placed))])
    is_placed = hashes <= {item.hash for item in decided.placed}
    return Outcome(Released.PLACED if is_placed else Released.PARKED)
