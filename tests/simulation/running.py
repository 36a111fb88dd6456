"""One seed's whole life: a small world, or a large one."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

from tests.simulation.ending import end_well
from tests.simulation.faults import step, together, works
from tests.simulation.invariants import Watch
from tests.simulation.phones import Phone
from tests.simulation.roads import by_any_road, is_comparable
from tests.simulation.story import Failed, Violation
from tests.simulation.world import Parts, World

MEMORY = Path("/dev/shm")  # noqa: S108  # where there is no real disk below, a world costs half
STEPS_MIN, STEPS_MAX = 10, 20
POPULATIONS = ((1, 1, 2), (1, 1, 2), (1, 1, 3), (1, 2, 2), (2, 1, 2))  # organisations, learners of each, phones of each


BY_ANY_ROAD_EVERY = 5  # worlds whose requests go by another road as well
LEARNERS_OF_A_LARGE_WORLD = 4  # phones of each
CROWD = 20


def live(seed: int, parts: Parts | None = None, steps: int | None = None) -> World:
    """A small world from its beginning to its good end. Raises `Failed` with its story."""
    random = Random(seed)
    with _beginning(seed, parts or Parts()) as (world, watch):
        with world.server.writing():
            world.people(*random.choice(POPULATIONS))
        world.server.start()
        for _ in range(steps or random.randrange(STEPS_MIN, STEPS_MAX)):
            step(world)
            watch.step()
        end_well(world, watch)
        if seed % BY_ANY_ROAD_EVERY == 0 and is_comparable(world):
            by_any_road(world)
    return world


def live_large(seed: int, devices: int) -> World:
    """One organisation; everybody works, comes back in crowds, and now and then the server dies under one."""
    with _beginning(seed, Parts()) as (world, watch):
        with world.server.writing():
            world.people(1, devices // LEARNERS_OF_A_LARGE_WORLD, LEARNERS_OF_A_LARGE_WORLD)
        world.server.start()
        for phone in world.phones:
            works(world, phone)
        for crowd in _crowds(world):
            world.passes(60_000)
            world.tell(f"{len(crowd)} phones come at once")
            dies = world.random.random() < 0.5
            if dies:
                world.server.disk.cut_power_after(world.random.randrange(CROWD * CROWD), world.random)
            together(world, crowd)
            if dies:
                world.tell("and power is cut")
                world.server.crash()
                world.quiet()
            watch.step()
        end_well(world, watch)
    return world


def _crowds(world: World) -> list[list[Phone]]:
    phones = world.random.sample(world.phones, len(world.phones))
    return [phones[at : at + CROWD] for at in range(0, len(phones), CROWD)]


@contextmanager
def _beginning(seed: int, parts: Parts) -> Iterator[tuple[World, Watch]]:
    """A world with nobody in it yet, on a disk of its own that is gone afterwards."""
    root = Path(tempfile.mkdtemp(prefix="tiffin-world-", dir=MEMORY if MEMORY.is_dir() else None))
    world = World(seed, root, parts)
    try:
        with world.laws():
            yield world, Watch(world)
    except Violation as violation:
        raise Failed(world.story, violation) from violation
    finally:
        world.server.close()
