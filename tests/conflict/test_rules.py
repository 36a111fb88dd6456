"""Folding is a function of the set: no order of arrival, no repetition and no stranger's bytes changes what is read."""

import random
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from conflict.attempts import Attempt, Policy, Verdict, standing
from conflict.clock import Stamp, receive, tick
from conflict.intervals import Interval, read_intervals, total_seconds, union, write_intervals
from conflict.rules import Survivor, fold

actors = st.binary(min_size=16, max_size=16)
values = st.one_of(st.integers(-3, 5), st.booleans(), st.text(max_size=8), st.binary(max_size=12), st.none())
survivors = st.lists(
    st.builds(Survivor, st.integers(1, 50), actors, values), max_size=6, unique_by=lambda one: (one.counter, one.actor)
)
keys = st.sampled_from(["s/a", "p/a", "w/a", "b/a/1", "n/a/1", "q/a/1", "x/a"])
spans = st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), max_size=12)
stamps = st.builds(Stamp, st.integers(0, 100), st.integers(0, 10))


@given(keys, survivors, st.randoms())
def test_any_order_reads_the_same(key: str, some: list[Survivor], shuffled: random.Random) -> None:
    expected = fold(key, some)
    shuffled.shuffle(some)
    assert fold(key, some) == expected


@given(keys, survivors)
def test_whatever_a_device_wrote_reading_never_fails(key: str, some: list[Survivor]) -> None:
    folded = fold(key, some)
    assert folded.winner is None or folded.winner in some


@given(spans, spans)
def test_union_is_commutative_and_idempotent(one: list[Interval], other: list[Interval]) -> None:
    together = union([*one, *other])
    assert together == union([*other, *one]) == union(together)
    assert read_intervals(write_intervals(together)) == together
    assert total_seconds(together) == len({second for a, b in (*one, *other) for second in range(a, b)})


@given(stamps, stamps, st.integers(0, 200))
def test_the_clock_only_goes_forward(last: Stamp, seen: Stamp, wall: int) -> None:
    assert tick(last, wall) > last
    assert receive(last, seen, wall) > max(last, seen)


def attempt(place: int, *, score: int, number: int = 1, chain: int | None = None) -> Attempt:
    return Attempt(bytes([place]) * 4, ("phone", 1, place if chain is None else chain), number, 1000 + place, score)


def test_which_attempts_count_depends_on_the_set_alone() -> None:
    attempts = [attempt(1, score=1), attempt(2, score=5), attempt(3, score=9, number=2)]
    results = [standing(order, limit=2, policy=Policy.BEST) for order in permutations(attempts)]
    assert all(result == results[0] for result in results)
    judged = standing(attempts, limit=2, policy=Policy.BEST)
    assert judged.verdicts[attempts[2].hash] is Verdict.EXCESS
    assert judged.score == 5


def test_two_attempts_at_one_place_of_a_chain_go_to_a_person() -> None:
    twins = [attempt(1, score=3, chain=0), attempt(2, score=4, chain=0)]
    judged = standing(twins, limit=None, policy=Policy.BEST)
    assert set(judged.verdicts.values()) == {Verdict.REVIEW}
    assert judged.scored is None


def test_each_policy_chooses_its_own() -> None:
    attempts = [attempt(1, score=7), attempt(2, score=2, number=2), attempt(3, score=5, number=3)]
    chosen = {policy: standing(attempts, limit=None, policy=policy).score for policy in Policy}
    assert chosen == {Policy.BEST: 7, Policy.LAST: 5, Policy.FIRST: 7}
