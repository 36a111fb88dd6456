"""I18: each settled conflict is in the record, and the record and trainers' words, read again, say what stands.

A record whose values still stand reads as its rule says. One that a trainer overruled reads as she chose, until the
learner writes something newer there. A restored server may get back a change of a trainer's whose word it lost: that
stands as any other change does, and the record says nothing of it.
"""

from collections import defaultdict
from typing import Any

from conflict.grades import Ruling, Word
from conflict.record import Settled, outcome
from conflict.rules import Survivor, fold
from server.consumers.documents import survivor_of
from server.consumers.values import read_raw, stored
from server.tables import ConflictRecord
from server.tables import Ruling as RulingRow
from server.tables import Survivor as SurvivorRow
from tests.simulation.checks.replay import json_in, word_of
from tests.simulation.machines.server import Server
from tests.simulation.story import holds

Place = tuple[str, str, int, str]  # learner, course, kind, key


def expect_records_true(server: Server) -> None:
    standing: dict[Place, list[Survivor]] = defaultdict(list)
    for row in server.rows(SurvivorRow):
        standing[_place(row)].append(survivor_of(row))
    words = [word for row in server.rows(RulingRow) if (word := word_of(row)).word is Word.OVERRULED]
    met = set()
    for row in server.rows(ConflictRecord):
        settled = settled_of(row)
        met.add((_place(row), _names(settled.survivors)))
        holds("I18", stored(outcome(settled)) == json_in(row.outcome), f"the record of {row.key} is not its rule's")
        _reads_as_recorded(settled, [one for one in words if one.submission == row.id], standing[_place(row)])
    for place, survivors in standing.items():
        is_recorded = (place, _names(survivors)) in met or not fold(place[-1], survivors).settled
        holds("I18", is_recorded, f"{place} was settled, and no record says so")


def _reads_as_recorded(settled: Settled, words: list[Ruling], stand: list[Survivor]) -> None:
    is_as_met = _names(stand) == _names(settled.survivors)
    holds("I18", not (words and is_as_met), f"{settled.key} was overruled, and stands as if nobody had said a word")
    trainers = {bytes.fromhex(word.value["actor"]) for word in words}
    if is_as_met or (stand and {one.actor for one in stand} <= trainers):
        reads, says = fold(settled.key, stand).value, outcome(settled, words)
        holds("I18", reads == says, f"{settled.key} reads {reads!r}, and its record says {says!r}")


def settled_of(row: Any) -> Settled:
    """A record as the rules take it, from its row."""
    survivors = [
        Survivor(one["counter"], bytes.fromhex(one["actor"]), read_raw(one["raw"])) for one in json_in(row.survivors)
    ]
    return Settled(row.id, row.key, row.rule, row.rule_version, survivors)


def _place(row: Any) -> Place:
    return row.learner_id, row.course_id, row.kind, row.key


def _names(survivors: Any) -> frozenset[tuple[int, bytes]]:
    return frozenset(one.lamport for one in survivors)
