"""I11: whatever road requests take, at whatever time and however often, the state that they amount to is the same.

Every request that was ever made in a world is brought to a second, empty server, by no network but a bag: in any
order, all of them again and again, until it learns nothing new. Hubs are such roads, too (`hubs`).
"""

from typing import Any

from server.tables import Attempt, LogEntry, Survivor
from tests.simulation.checks.replay import Replay
from tests.simulation.machines.server import Server
from tests.simulation.story import holds
from tests.simulation.world import World

ROUNDS_MAX = 6


def is_comparable(world: World) -> bool:
    """Nobody's disk was lost or copied: what was made there and never arrived is known to no second server either."""
    return len(world.everyone) == len(world.phones) and all(phone.is_original for phone in world.phones)


def by_any_road(world: World) -> None:
    other = Server(world.root / "by-any-road", world.parts.service, world.parts.database)
    try:
        with other.writing():
            _settle_in(world, other)
        other.start()
        _bring(world, other)
        direct, carried = _state(world.server, world), _state(other, world)
        for what, one in direct.items():
            holds("I11", one == carried[what], f"{what} are others when requests come by another road")
    finally:
        other.close()


def _settle_in(world: World, other: Server) -> None:
    for organisation in sorted(set(world.organisations.values())):
        other.found(organisation)
    for learner, organisation in world.organisations.items():
        other.enrol(organisation, learner)
    for phone in world.phones:
        other.join(phone.organisation, phone.learner, phone.key, phone.profile)


def _bring(world: World, other: Server) -> None:
    bag = list(dict.fromkeys(world.made))
    for _ in range(ROUNDS_MAX):
        before = len(other.rows(LogEntry))
        for request in world.random.sample(bag, len(bag)):
            other.deliver(request)
        other.settle()
        if len(other.rows(LogEntry)) == before:
            return
    holds("I11", False, f"after {ROUNDS_MAX} rounds the same requests still change something")


def _state(server: Server, world: World) -> dict[str, Any]:
    replay = Replay()
    replay.take(server.rows(LogEntry), world.organisations)
    told = {name: (said["state"], said["counts"], said["score"]) for name, said in replay.told.items()}
    return {
        "the documents": {tuple(row) for row in server.rows(Survivor)},
        "the attempts": {(r.hash, r.state, r.counts, r.score, r.passed) for r in server.rows(Attempt)},
        "the grades that were told": told,
        "the analytics": replay.events,
    }
