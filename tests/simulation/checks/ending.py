"""When everything is well again: everybody comes to know everything, and all that was promised is there."""

import json
from collections.abc import Iterable
from typing import Any

from conflict.rules import fold
from server.consumers.documents import survivor_of
from server.tables import Attempt, Survivor
from tests.simulation.checks.invariants import Watch
from tests.simulation.checks.records import expect_records_true
from tests.simulation.happenings.deeds import HANDS_IN, Deed, Ledger, stretches
from tests.simulation.happenings.enrolments import take_in_strangers
from tests.simulation.story import holds
from tests.simulation.world import ROUNDS_MAX, World


def end_well(world: World, watch: Watch) -> None:
    """Some rounds in which nothing fails; then I3, I4 and what learners did."""
    world.heal()
    take_in_strangers(world)
    watch.step()
    for _ in range(ROUNDS_MAX):
        world.round()
        watch.step()
        if _know_the_same(world):
            break
    world.server.settle()  # what is read below stands behind the log
    expect_records_true(world.server)
    unsent = [phone.name for phone in world.phones if not phone.client.view().is_settled]
    holds("I4", not unsent, f"{unsent} still wait after {ROUNDS_MAX} rounds on a good network")
    required = world.kept.union(*(phone.held for phone in world.phones))
    for learner, ledger in world.ledgers.items():
        shown = _agreed(world, learner, ledger)
        _progress(ledger, required, shown)
        _notes(ledger, required, shown, copied={phone.learner for phone in world.everyone if not phone.is_original})
        _attempts(world, learner, ledger, required)


def _know_the_same(world: World) -> bool:
    """Whether another round would bring nobody anything, the upstream least of all."""
    if not all(hub.is_empty for hub in world.hubs.values() if hub.is_honest and not hub.is_revoked):
        return False
    views = [(phone.learner, phone.client.view()) for phone in world.phones]
    held = {(learner, view.changes) for learner, view in views}
    return all(view.is_settled for _, view in views) and len(held) == len({learner for learner, _ in views})


def _agreed(world: World, learner: str, ledger: Ledger) -> dict[tuple[str, str], Any]:
    """I3: her phones and the server read the same, everywhere."""
    rows = world.server.rows(Survivor, "learner_id = ?", learner)
    shown: dict[tuple[str, str], Any] = {}
    for course, key in ledger.keys():
        stand = [survivor_of(row) for row in rows if (row.course_id, row.key) == (course, key)]
        shown[course, key] = fold(key, stand).value
        for phone in world.phones:
            if phone.learner == learner:
                reads = phone.client.read(course, key)
                what = f"{phone.name} reads {course} {key} as {reads!r}, the server as {shown[course, key]!r}"
                holds("I3", reads == shown[course, key], what)
    return shown


def _progress(ledger: Ledger, required: set[Deed], shown: dict[tuple[str, str], Any]) -> None:
    """I8: as far as she came, and no further."""
    for place, deeds in ledger.of("reach", required).items():
        least = max(deed.value for deed in deeds if isinstance(deed.value, int))
        holds("I8", (shown[place] or 0) >= least, f"{place} stands at {shown[place]}; she had come to {least}")
    everything = ledger.of("watch")
    for place, deeds in ledger.of("watch", required).items():
        seconds = _seconds(shown[place] or ())
        holds("I8", seconds >= _seconds(stretches(deeds)), f"{place} lacks stretches that she watched")
        holds("I8", seconds <= _seconds(stretches(everything[place])), f"{place} has what she never watched")
    for place, deeds in ledger.of("place", required).items():
        told = {deed.value for deed in ledger.of("place")[place]}
        holds("I8", not deeds or shown[place] in told, f"{place} stands at {shown[place]}, where she never was")
    removed = ledger.of("unmark")
    for place in ledger.of("bookmark", required):
        holds("I8", place in removed or shown[place] is True, f"the bookmark {place} is gone")


def _seconds(intervals: Iterable[tuple[int, int]]) -> set[int]:
    return {second for start, end in intervals for second in range(start, end)}


def _notes(ledger: Ledger, required: set[Deed], shown: dict[tuple[str, str], Any], copied: set[str]) -> None:
    """I1: every note stands until one is kept that had seen it; a concurrent one replaces nothing.

    Where a disk was copied, each copy has a note of its own of the same words, and replaces only that one.
    """
    for place, deeds in ledger.of("note").items():
        found = set(shown[place] or ())
        replaced = {text for deed in deeds for text in deed.over}
        surely_replaced = {text for deed in deeds if deed in required for text in deed.over}
        overruled = ledger.overruled.get(place, set())
        must = {deed.value for deed in deeds if deed in required} - replaced - overruled
        holds("I1", must <= found, f"the note {place} lacks {must - found}")
        if not any(deed.learner in copied for deed in deeds):
            left = (surely_replaced - overruled) & found
            holds("I3", not left, f"the note {place} still has {left}")


def _attempts(world: World, learner: str, ledger: Ledger, required: set[Deed]) -> None:
    """I1 and I2: each attempt that was kept is one attempt; none is two."""
    answered = [json.loads(row.answers)["q2"] for row in world.server.rows(Attempt, "learner_id = ?", learner)]
    for deed in ledger.done:
        if deed.what in HANDS_IN:
            count = answered.count(str(deed.number))
            holds("I2", count <= 1, f"{deed} of {learner} is {count} attempts")
            holds("I1", count == 1 or deed not in required, f"{deed} of {learner} is lost")
