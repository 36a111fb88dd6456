"""I1, I3, I14 and I18: what trainers say is kept, amounts to what stands, and is heard on every phone."""

import pytest

from tests.simulation.running import live_taught

WORLDS = 24
WORLDS_IN_A_TEST = 6


@pytest.mark.slow
@pytest.mark.parametrize("first", range(1, WORLDS + 1, WORLDS_IN_A_TEST))
def test_what_trainers_say_stands_wherever_the_server_dies_and_every_phone_hears_it_from(first: int) -> None:
    worlds = [live_taught(seed) for seed in range(first, first + WORLDS_IN_A_TEST)]
    assert sum(len(world.words) for world in worlds) > WORLDS_IN_A_TEST
    assert any(ledger.overruled for world in worlds for ledger in world.ledgers.values())
