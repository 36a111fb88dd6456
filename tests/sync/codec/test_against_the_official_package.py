"""Thousands of random histories of several phones: our codec and the official package must say the same of each."""

from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync import official
from sync.codec import Survivor, change_hash, decode, encode
from tests.sync.codec.histories import History, history, in_any_order, written

SEEDS = range(500)
Survivors = dict[str, tuple[Survivor, ...]]


def spelt(survivors: Survivors) -> dict[str, list[tuple[object, ...]]]:
    """By type and bytes, so that NaN is itself and 1 is not 1.0."""
    return {key: [(one.op, written(one.value)) for one in some] for key, some in survivors.items()}


def both_encoders_write_the_same_bytes(made: History) -> None:
    for ours, theirs in made.twice:
        assert ours.hex() == theirs.hex()


def the_package_gives_our_changes_back(made: History) -> None:
    for phone in made.phones:
        again = official.bodies_in(phone.theirs.save())
        assert sorted(again) == sorted(phone.ours.bodies)
        assert all(encode(decode(body)) == body for body in again)


def the_package_holds_the_same_heads_and_every_conflict(made: History) -> None:
    for phone in made.phones:
        assert official.heads_of(phone.ours.bodies) == phone.ours.heads
    assert spelt(official.survivors_of(phone.ours.bodies)) == spelt(phone.survivors)


def order_and_repetition_change_nothing(made: History) -> None:
    one, other = (in_any_order(made.bodies, Random(seed)) for seed in (1, 2))
    for key in {*one.keys(), *other.keys()}:
        assert [one.op for one in one.survivors(key)] == [one.op for one in other.survivors(key)]
    assert one.heads == other.heads == official.heads_of(made.bodies)
    assert one.hashes == set(map(change_hash, made.bodies))
    winners = official.winners_of(made.bodies)
    assert {key: written(one.survivors(key)[-1].value) for key in one.keys()} == {
        key: written(value) for key, value in winners.items()
    }


CHECKS = [
    both_encoders_write_the_same_bytes,
    the_package_gives_our_changes_back,
    the_package_holds_the_same_heads_and_every_conflict,
    order_and_repetition_change_nothing,
]


@pytest.mark.parametrize("check", CHECKS)
def test_in_five_hundred_histories(check: Callable[[History], None]) -> None:
    for seed in SEEDS:
        try:
            check(history(Random(seed)))
        except Exception as error:
            raise AssertionError(f"seed {seed}") from error


@settings(max_examples=30)
@given(st.randoms(use_true_random=False))
def test_in_histories_that_shrink_to_what_matters(rng: Random) -> None:
    made = history(rng)
    for check in CHECKS:
        check(made)


def test_the_histories_are_worth_the_trouble() -> None:
    """They hold conflicts of several values, copies, and phones that know of others' deletions."""
    made = [history(Random(seed)) for seed in range(100)]
    widest = max(len(some) for one in made for phone in one.phones for some in phone.survivors.values())

    assert widest > 2
    assert max(len(one.phones) for one in made) > 4
    assert sum(len(one.twice) for one in made) > 300
