"""Follows the changes of documents: keeps what survives of each, and the record of conflicts that rules settle.

A change costs what is in it: its puts are inserted, what they replace is deleted; no document is ever loaded whole.
"""

from collections import defaultdict
from collections.abc import Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, and_, bindparam, delete, insert, select

from conflict.rules import Folded, Survivor, fold
from server.consumers.values import readable, stored
from server.log.entries import insert_once
from server.tables import ConflictRecord
from server.tables import Survivor as SurvivorRow
from server.tables.core import table_of
from server.tables.ids import now_ms
from sync.codec import Change, Deleted, OpId, decode, read_scalar, write_scalar
from sync.wire import DOCUMENTS, FrameKind

SURVIVOR = table_of(SurvivorRow)
CONFLICT = table_of(ConflictRecord)
KEYS_ASKED_MAX = 500  # of one query; SQLite takes 32,766 parameters


class Place(NamedTuple):
    """Where a put stands: one key of one document, and its Lamport id."""

    learner: str
    course: str
    kind: int
    key: str
    counter: int
    actor: bytes


class DocumentName(NamedTuple):
    organisation: str
    learner: str
    course: str
    kind: int


class Documents:
    name = "documents"
    kinds = frozenset(int(kind) for kind in DOCUMENTS)

    def consume(self, connection: Connection, entries: Sequence[Row[Any]]) -> None:
        put: dict[Place, dict[str, Any]] = {}
        gone: set[Place] = set()
        touched: dict[DocumentName, set[str]] = defaultdict(set)
        for entry in entries:
            document = DocumentName(entry.organisation_id, entry.learner_id, entry.course_id, entry.kind)
            change = decode(entry.body)
            _apply(document, change, put, gone)
            touched[document].update(op.key for op in change.ops)
        _write(connection, put, gone)
        for document, keys in touched.items():
            _record_conflicts(connection, document, sorted(keys))


def _apply(document: DocumentName, change: Change, put: dict[Place, dict[str, Any]], gone: set[Place]) -> None:
    for index, op in enumerate(change.ops):
        for pred in op.pred:
            place = _place(document, op.key, pred)
            if put.pop(place, None) is None:
                gone.add(place)
        if not isinstance(op.value, Deleted):
            place = _place(document, op.key, change.op_id(index))
            value_type, raw = write_scalar(op.value)
            put[place] = {
                **dict(zip(_COLUMNS, place, strict=True)),
                "organisation_id": document.organisation,
                "value_type": int(value_type),
                "value": raw,
            }


_COLUMNS = ("learner_id", "course_id", "kind", "key", "counter", "actor")


def _place(document: DocumentName, key: str, op: OpId) -> Place:
    return Place(document.learner, document.course, document.kind, key, op.counter, op.actor)


def _write(connection: Connection, put: dict[Place, dict[str, Any]], gone: set[Place]) -> None:
    if gone:
        here = and_(*(SURVIVOR.c[name] == bindparam(f"at_{name}") for name in _COLUMNS))
        rows = [{f"at_{name}": part for name, part in zip(_COLUMNS, place, strict=True)} for place in gone]
        connection.execute(delete(SURVIVOR).where(here), rows)
    if put:
        connection.execute(insert(SURVIVOR), list(put.values()))


def _record_conflicts(connection: Connection, document: DocumentName, keys: list[str]) -> None:
    for start in range(0, len(keys), KEYS_ASKED_MAX):
        by_key: dict[str, list[Survivor]] = defaultdict(list)
        for row in _survivors(connection, document, keys[start : start + KEYS_ASKED_MAX]):
            by_key[row.key].append(survivor_of(row))
        rows = [
            _record(document, key, survivors, folded)
            for key, survivors in by_key.items()
            if len(survivors) > 1 and (folded := fold(key, survivors)).settled
        ]
        insert_once(connection, CONFLICT, rows)


def _survivors(connection: Connection, document: DocumentName, keys: list[str]) -> Sequence[Row[Any]]:
    query = select(SURVIVOR).where(
        SURVIVOR.c.learner_id == document.learner,
        SURVIVOR.c.course_id == document.course,
        SURVIVOR.c.kind == document.kind,
        SURVIVOR.c.key.in_(keys),
    )
    return connection.execute(query).all()


def survivor_of(row: Any) -> Survivor:
    """A survivor as the rules take it, from its row."""
    return Survivor(row.counter, row.actor, read_scalar(row.value_type, row.value))


def _record(document: DocumentName, key: str, survivors: list[Survivor], folded: Folded) -> dict[str, Any]:
    """The same conflict has the same id, so that it stands in the record once."""
    ordered = sorted(survivors, key=lambda one: one.lamport)
    name = "/".join((*document[1:3], str(document.kind), key, *(f"{s.counter}@{s.actor.hex()}" for s in ordered)))
    return {
        "id": sha256(name.encode()).hexdigest()[:32],
        "organisation_id": document.organisation,
        "learner_id": document.learner,
        "course_id": document.course,
        "kind": int(FrameKind(document.kind)),
        "key": key,
        "rule": folded.rule,
        "rule_version": folded.version,
        "survivors": [
            {
                "counter": survivor.counter,
                "actor": survivor.actor.hex(),
                "value": readable(key, survivor.value),
                "won": survivor == folded.winner,
            }
            for survivor in ordered
        ],
        "outcome": stored(folded.value),
        "settled_ms": now_ms(),
    }
