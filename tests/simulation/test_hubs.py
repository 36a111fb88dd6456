"""F18 and I11: what goes by hubs amounts to what goes straight, whatever becomes of the hubs."""

import pytest

from tests.simulation.running import live_by_hubs

SEEDS = 3


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, SEEDS + 1))
def test_by_hubs_alone_the_upstream_comes_to_the_state_of_any_other_road(seed: int) -> None:
    world = live_by_hubs(seed)
    assert len(world.hubs) == 2
    assert all(phone.hub for phone in world.phones)
