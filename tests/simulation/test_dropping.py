"""Phones with room for four events: everything that one drops is counted where an administrator sees it."""

import pytest

from tests.simulation.machines.node import either
from tests.simulation.running import live_cramped
from tests.simulation.world import Parts, World

WORLDS = 14
WORLDS_WITH_THE_APP = 6


@pytest.mark.slow
def test_what_phones_drop_is_counted_and_never_silently_gone() -> None:
    worlds = [live_cramped(seed) for seed in range(1, WORLDS + 1)]
    assert sum(map(dropped, worlds)) > WORLDS, "there was more than the network took"


@pytest.mark.slow
def test_what_the_app_drops_is_counted_and_never_silently_gone() -> None:
    worlds = [live_cramped(seed, Parts(client=either)) for seed in range(1, WORLDS_WITH_THE_APP + 1)]
    assert sum(map(dropped, worlds)) > WORLDS_WITH_THE_APP, "there was more than the network took"


def dropped(world: World) -> int:
    return sum(phone.client.view().dropped for phone in world.phones)
