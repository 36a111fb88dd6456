"""I1, I3 and I14: what trainers say is kept, amounts to the grades that stand, and is heard on every phone."""

import pytest

from tests.simulation.running import live_taught

WORLDS = 24


@pytest.mark.slow
def test_what_trainers_say_stands_wherever_the_server_dies_and_every_phone_hears_it() -> None:
    worlds = [live_taught(seed) for seed in range(1, WORLDS + 1)]
    assert sum(len(world.words) for world in worlds) > WORLDS
