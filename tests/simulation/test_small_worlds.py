"""Many small worlds: everything that can go wrong goes wrong, and every invariant holds after every step."""

import pytest

from tests.simulation.running import LIVES, live

WORLDS = 2_000
WORLDS_IN_A_TEST = 50
FAILED_ONCE = {
    2: "one change, byte for byte, in two courses of one learner was one change to the log",
    186: "what a copied phone wrote again under a new actor replaced what it had never seen",
    1663: "a hub altered what a phone had brought it, and that phone lost its storage",
}


@pytest.mark.slow
@pytest.mark.parametrize("first", range(1, WORLDS + 1, WORLDS_IN_A_TEST))
def test_every_invariant_holds_in_small_worlds_from(first: int) -> None:
    for seed in range(first, first + WORLDS_IN_A_TEST):
        live(seed)


@pytest.mark.parametrize("seed", FAILED_ONCE, ids=FAILED_ONCE.values())
def test_a_seed_that_failed_once_holds(seed: int) -> None:
    live(seed)


@pytest.mark.slow
@pytest.mark.parametrize("kind", LIVES)
def test_the_same_seed_is_the_same_story(kind: str) -> None:
    one, other = LIVES[kind](7), LIVES[kind](7)
    assert one.story.lines == other.story.lines
    assert [phone.client.view() for phone in one.phones] == [phone.client.view() for phone in other.phones]
