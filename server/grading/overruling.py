"""A trainer overrules a settled conflict: the value that she chooses is put in the place of all that met.

It is an ordinary change of the document, by an actor of its own that writes nothing else, so it reaches every phone as
any change does, and a phone that has meanwhile written something new meets it by the same rules. The record stays; the
overruling stands beside it.
"""

import secrets
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, insert, select
from sqlmodel import Session

from conflict.grades import Word
from server import errors
from server.consumers.values import read_raw
from server.grading.rulings import RULING, Saying, say
from server.log.entries import LOG, lock_log
from server.log.segments import bodied
from server.people.accounts import SignedIn
from server.tables import ConflictRecord, Survivor
from server.tables.core import table_of
from server.tables.ids import now_ms
from sync.codec import Change, Op, OpId, change_hash, decode, encode

SURVIVOR = table_of(Survivor)
ACTOR_BYTES = 16


def overrule(session: Session, who: SignedIn, record_id: str, survivor: int, reason: str) -> None:
    """Raises `NotFound`, `DoesNotFit` for a value that is none of the record's, `Superseded`."""
    record = session.get(ConflictRecord, record_id)
    if record is None or record.organisation_id != who.organisation_id:
        raise errors.NotFound("conflict", record_id)
    if survivor >= len(record.survivors):
        raise errors.DoesNotFit(f"The conflict has {len(record.survivors)} values, counted from 0.")
    connection = session.connection()
    lock_log(connection)
    standing = _standing(connection, record)
    actor = secrets.token_bytes(ACTOR_BYTES)
    body = _change(connection, record, standing, read_raw(record.survivors[survivor]["raw"]), actor)
    _append(connection, record, actor, body)
    _keep(connection, who, record, {"survivor": survivor, "actor": actor.hex()}, reason)


def _standing(connection: Connection, record: ConflictRecord) -> list[OpId]:
    """What stands at the key now: the values that met, or what an earlier overruling put in their place."""
    found = connection.execute(
        select(SURVIVOR.c.counter, SURVIVOR.c.actor).where(
            SURVIVOR.c.learner_id == record.learner_id,
            SURVIVOR.c.course_id == record.course_id,
            SURVIVOR.c.kind == record.kind,
            SURVIVOR.c.key == record.key,
        )
    )
    standing = [OpId(row.counter, row.actor) for row in found]
    met = {(one["counter"], one["actor"]) for one in record.survivors}
    now = {(one.counter, one.actor.hex()) for one in standing}
    if not now or (now != met and not {actor for _, actor in now} <= _overruled_by(connection, record)):
        raise errors.Superseded("The learner has written something new there since. Look at the page again.")
    return sorted(standing)


def _overruled_by(connection: Connection, record: ConflictRecord) -> set[str]:
    words = select(RULING.c.value).where(
        RULING.c.organisation_id == record.organisation_id,
        RULING.c.course_id == record.course_id,
        RULING.c.learner_id == record.learner_id,
        RULING.c.word == Word.OVERRULED.value,
        RULING.c.subject == record.id,
    )
    return {value["actor"] for value in connection.execute(words).scalars()}


def _change(
    connection: Connection, record: ConflictRecord, standing: Sequence[OpId], value: Any, actor: bytes
) -> bytes:
    """Builds on the newest change of each author whose value it replaces: that is enough to have seen the values."""
    seen = [_newest_by(connection, record, author) for author in sorted({one.actor for one in standing})]
    changes = [decode(body) for _, body in bodied(connection, seen)]
    start_op = max(change.start_op + len(change.ops) for change in changes)
    op = Op(record.key, value, tuple(standing))
    return encode(Change(actor, 1, start_op, now_ms() // 1000, tuple(sorted(entry.hash for entry in seen)), (op,)))


def _newest_by(connection: Connection, record: ConflictRecord, author: bytes) -> Row[Any]:
    by_author = select(LOG).where(
        LOG.c.learner_id == record.learner_id,
        LOG.c.course_id == record.course_id,
        LOG.c.kind == record.kind,
        LOG.c.actor == author,
    )
    return connection.execute(by_author.order_by(LOG.c.seq.desc()).limit(1)).one()


def _append(connection: Connection, record: ConflictRecord, actor: bytes, body: bytes) -> None:
    row = {
        "organisation_id": record.organisation_id,
        "learner_id": record.learner_id,
        "course_id": record.course_id,
        "device_id": "",
        "profile": 0,
        "kind": record.kind,
        "hash": change_hash(body),
        "actor": actor,
        "seq": 1,
        "body": body,
        "parcel_id": None,
        "received_ms": now_ms(),
    }
    connection.execute(insert(LOG), [row])


def _keep(connection: Connection, who: SignedIn, record: ConflictRecord, value: dict[str, Any], reason: str) -> None:
    activity = record.key.split("/")[1] if "/" in record.key else ""
    saying = Saying(
        organisation_id=record.organisation_id,
        course_id=record.course_id,
        account_id=who.account_id,
        word=Word.OVERRULED,
        value=value,
        activity_id=activity,
        learner_id=record.learner_id,
        subject=record.id,
        comment=reason,
    )
    say(connection, saying)
