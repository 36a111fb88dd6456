"""Worlds in which half of the phones are the app's own TypeScript, beside the reference client, on one server."""

import pytest

from tests.simulation.machines.node import either
from tests.simulation.running import live
from tests.simulation.world import Parts

WORLDS = 120
WORLDS_IN_A_TEST = 15


@pytest.mark.slow
@pytest.mark.parametrize("first", range(1, WORLDS + 1, WORLDS_IN_A_TEST))
def test_every_invariant_holds_where_some_phones_are_the_app_from(first: int) -> None:
    for seed in range(first, first + WORLDS_IN_A_TEST):
        live(seed, Parts(client=either))


def test_the_same_seed_is_the_same_story_with_the_app_in_it() -> None:
    one, other = (live(8, Parts(client=either)) for _ in range(2))
    assert one.story.lines == other.story.lines
    assert [phone.client.view() for phone in one.phones] == [phone.client.view() for phone in other.phones]
