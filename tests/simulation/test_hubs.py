"""F18, I11, I16 and I17: what goes by hubs amounts to what goes straight, whatever becomes of the hubs."""

import pytest

from tests.simulation.running import live_by_hubs, live_enrolling

SEEDS = 3
WORLDS_THAT_ENROL = 18
WORLDS_IN_A_TEST = 6


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, SEEDS + 1))
def test_by_hubs_alone_the_upstream_comes_to_the_state_of_any_other_road(seed: int) -> None:
    world = live_by_hubs(seed)
    assert len(world.hubs) == 2
    assert all(phone.hub for phone in world.phones)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(1, WORLDS_THAT_ENROL + 1, WORLDS_IN_A_TEST))
def test_who_is_enrolled_at_a_hub_is_enrolled_once_and_her_work_arrives_from(first: int) -> None:
    worlds = [live_enrolling(seed) for seed in range(first, first + WORLDS_IN_A_TEST)]
    assert all(len(world.enrolled) >= 2 for world in worlds)
