"""Worlds in which half of the phones are the app's own TypeScript, beside the reference client, on one server."""

import pytest

from sync.client import Replica
from tests.simulation.node import NodeClient
from tests.simulation.phones import Client, PythonClient
from tests.simulation.running import live
from tests.simulation.world import Parts, World

WORLDS = 120
WORLDS_IN_A_TEST = 15


def either(world: World, replica: Replica) -> Client:
    """Every second phone that joins is the app."""
    return PythonClient(replica) if len(world.everyone) % 2 else NodeClient.joined(world, replica)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(1, WORLDS + 1, WORLDS_IN_A_TEST))
def test_every_invariant_holds_where_some_phones_are_the_app_from(first: int) -> None:
    for seed in range(first, first + WORLDS_IN_A_TEST):
        live(seed, Parts(client=either))


def test_the_same_seed_is_the_same_story_with_the_app_in_it() -> None:
    one, other = (live(8, Parts(client=either)) for _ in range(2))
    assert one.story.lines == other.story.lines
    assert [phone.client.view() for phone in one.phones] == [phone.client.view() for phone in other.phones]
