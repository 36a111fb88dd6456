"""Follows the changes of documents: keeps what survives of each, and the record of conflicts that rules settle.

A change costs what is in it: its puts are inserted, what they replace is deleted; no document is ever loaded whole.
"""

from collections import defaultdict
from collections.abc import Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from sqlalchemy import Connection

from conflict.rules import Folded, Survivor, fold
from server.bulk import ask, insert_rows, run_many
from server.consumers.values import raw_text, readable, stored
from server.log.entries import Logged, insert_once
from server.tables import ConflictRecord
from server.tables import Survivor as SurvivorRow
from server.tables.core import table_of
from server.tables.ids import now_ms
from sync.codec import Columns, Deleted, columns_once, read_scalar
from sync.wire import DOCUMENTS

SURVIVOR = table_of(SurvivorRow)
CONFLICT = table_of(ConflictRecord)
SURVIVOR_COLUMNS = (
    *("learner_id", "course_id", "kind", "key", "counter", "actor"),
    *("organisation_id", "value_type", "value"),
)
FORGET = """
    DELETE FROM survivor
    WHERE learner_id = ? AND course_id = ? AND kind = ? AND key = ? AND counter = ? AND actor = ?
"""
SHARED = """
    SELECT column1, column2, column3 FROM {asked} WHERE
    (SELECT actor FROM log_entry WHERE learner_id = column1 AND course_id = column2 AND kind = column3
     ORDER BY actor LIMIT 1)
    <>
    (SELECT actor FROM log_entry WHERE learner_id = column1 AND course_id = column2 AND kind = column3
     ORDER BY actor DESC LIMIT 1)
"""
_HERE = "s.learner_id = column1 AND s.course_id = column2 AND s.kind = column3 AND s.key = column4"
DISPUTED = f"""
    SELECT column1, column2, column3, column4 FROM {{asked}} WHERE (SELECT count(*) FROM survivor s WHERE {_HERE}) > 1
"""  # noqa: S608  # text of our own
SURVIVING = f"""
    SELECT s.learner_id, s.course_id, s.kind, s.key, s.counter, s.actor, s.value_type, s.value
    FROM {{asked}} JOIN survivor s ON {_HERE}
"""  # noqa: S608  # text of our own


class DocumentName(NamedTuple):
    learner: str
    course: str
    kind: int


Place = tuple[str, str, int, str, int, bytes]  # one put: its document, its key, its Lamport id
Key = tuple[str, str, int, str]  # one key of one document


class Documents:
    name = "documents"
    kinds = frozenset(int(kind) for kind in DOCUMENTS)

    def consume(self, connection: Connection, entries: Sequence[Logged]) -> None:
        """A slice at a time: a few statements, however many changes came."""
        put: dict[Place, tuple[Any, ...]] = {}
        gone: set[Place] = set()
        shared = _shared(connection, entries)
        keys: dict[Key, str] = {}
        for entry in entries:
            document = _document(entry)
            change = columns_once(entry.body)
            _apply(document, entry.organisation_id, change, put, gone)
            if document in shared:
                keys.update(((*document, key), entry.organisation_id) for key in change.keys)
        run_many(connection, FORGET, list(gone))
        insert_rows(connection, SURVIVOR, SURVIVOR_COLUMNS, [(*place, *rest) for place, rest in put.items()])
        _record_conflicts(connection, keys)


def _document(entry: Logged) -> DocumentName:
    return DocumentName(entry.learner_id, entry.course_id, entry.kind)


def _shared(connection: Connection, entries: Sequence[Logged]) -> set[DocumentName]:
    """Those of their documents that more than one author has written in. The others hold no conflict, since what one
    author writes follows what it wrote before: nearly all need no more looking."""
    return {DocumentName(*row) for row in ask(connection, SHARED, list({_document(entry) for entry in entries}))}


def _apply(
    document: DocumentName, organisation: str, change: Columns, put: dict[Place, tuple[Any, ...]], gone: set[Place]
) -> None:
    actor, ops = change.actor, zip(change.keys, change.values, change.written, change.preds, strict=True)
    for counter, (key, value, written, preds) in enumerate(ops, change.start_op):
        for pred in preds:
            place = (*document, key, *pred)
            if put.pop(place, None) is None:
                gone.add(place)
        if not isinstance(value, Deleted):
            put[(*document, key, counter, actor)] = (organisation, *written)


def _record_conflicts(connection: Connection, keys: dict[Key, str]) -> None:
    """Of the keys that were touched in shared documents: where more than one put survives, as their rules settle it."""
    by_key: dict[Key, list[Survivor]] = defaultdict(list)
    if disputed := list(ask(connection, DISPUTED, list(keys))):
        for *place, counter, actor, value_type, raw in ask(connection, SURVIVING, disputed):
            learner, course, kind, key = place
            by_key[learner, course, kind, key].append(Survivor(counter, actor, read_scalar(value_type, raw)))
    rows = [
        _record(keys[key], key, survivors, folded)
        for key, survivors in by_key.items()
        if (folded := fold(key[-1], survivors)).settled
    ]
    insert_once(connection, CONFLICT, rows)


def survivor_of(row: Any) -> Survivor:
    """A survivor as the rules take it, from its row."""
    return Survivor(row.counter, row.actor, read_scalar(row.value_type, row.value))


def _record(organisation: str, place: Key, survivors: list[Survivor], folded: Folded) -> dict[str, Any]:
    """The same conflict has the same id, so that it stands in the record once."""
    learner, course, kind, key = place
    ordered = sorted(survivors, key=lambda one: one.lamport)
    name = "/".join((learner, course, str(kind), key, *(f"{s.counter}@{s.actor.hex()}" for s in ordered)))
    return {
        "id": sha256(name.encode()).hexdigest()[:32],
        "organisation_id": organisation,
        "learner_id": learner,
        "course_id": course,
        "kind": kind,
        "key": key,
        "rule": folded.rule,
        "rule_version": folded.version,
        "survivors": [
            {
                "counter": survivor.counter,
                "actor": survivor.actor.hex(),
                "value": readable(key, survivor.value),
                "raw": raw_text(survivor.value),
                "won": survivor == folded.winner,
            }
            for survivor in ordered
        ],
        "outcome": stored(folded.value),
        "settled_ms": now_ms(),
    }
