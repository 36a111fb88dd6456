"""I15: what a phone has no room for is counted, never silently gone.

All that happened on a phone is in the analytics, or in the number that it told the server. One that it dropped while
its request was on the way may be in both; so the sum may be more, by no more than what was dropped.
"""

from server.tables import DeviceContact
from tests.simulation.checks.invariants import events_of
from tests.simulation.story import holds
from tests.simulation.world import World


def expect_drops_counted(world: World) -> None:
    """For a world in which no disk is lost, copied or set back, and no server restored."""
    arrived = events_of(world.server)
    told = {(row.device_id, row.profile): row.events_dropped for row in world.server.rows(DeviceContact)}
    for phone in world.phones:
        done = sum(deed.what in phone.client.eventful for deed in phone.held)
        here = sum((device, profile) == phone.author for device, profile, _ in arrived)
        dropped = told.get(phone.author, 0)
        holds("I15", here + dropped >= done, f"{phone.name}: {done} events, {here} here, {dropped} told as dropped")
        holds("I15", here <= done and dropped <= done, f"{phone.name}: {here} here and {dropped} dropped of {done}")
