"""Two hundred phones of one organisation and five hubs, in crowds and alone, while the server is killed under them."""

import pytest

from tests.simulation.running import live_large

DEVICES, HUBS = 200, 5


@pytest.mark.slow
def test_two_hundred_phones_lose_nothing_and_come_to_know_the_same() -> None:
    world = live_large(seed=1, devices=DEVICES, hubs=HUBS)
    assert len(world.phones) == DEVICES
    assert all(phone.client.view().is_settled for phone in world.phones)
