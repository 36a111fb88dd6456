"""Phones with room for four events: everything that one drops is counted where an administrator sees it."""

import pytest

from tests.simulation.phones import PythonClient
from tests.simulation.running import live_cramped
from tests.simulation.world import World

WORLDS = 20


@pytest.mark.slow
def test_what_phones_drop_is_counted_and_never_silently_gone() -> None:
    worlds = [live_cramped(seed) for seed in range(1, WORLDS + 1)]
    assert sum(map(dropped, worlds)) > WORLDS, "there was more than the network took"


def dropped(world: World) -> int:
    clients = [phone.client for phone in world.phones if isinstance(phone.client, PythonClient)]
    return sum(client.replica.outbox.events_dropped for client in clients)
