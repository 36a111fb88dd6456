"""One seed's whole life: a small world, or a large one."""

import shutil
import tempfile
from pathlib import Path
from random import Random

from tests.simulation.ending import end_well
from tests.simulation.faults import step
from tests.simulation.invariants import Watch
from tests.simulation.story import Failed, Violation
from tests.simulation.world import Parts, World

MEMORY = Path("/dev/shm")  # noqa: S108  # where there is no real disk below, a world costs half
STEPS_MIN, STEPS_MAX = 10, 20
POPULATIONS = ((1, 1, 2), (1, 1, 2), (1, 1, 3), (1, 2, 2), (2, 1, 2))  # organisations, learners of each, phones of each


def live(seed: int, parts: Parts | None = None, steps: int | None = None) -> World:
    """A world from its beginning to its good end. Raises `Failed` with its story."""
    random = Random(seed)
    root = Path(tempfile.mkdtemp(prefix="tiffin-world-", dir=MEMORY if MEMORY.is_dir() else None))
    world = World(seed, root, parts or Parts())
    try:
        with world.laws():
            world.people(*random.choice(POPULATIONS))
            watch = Watch(world)
            world.server.start()
            turn(world, watch, steps or random.randrange(STEPS_MIN, STEPS_MAX))
    finally:
        world.server.close()
        shutil.rmtree(root, ignore_errors=True)
    return world


def turn(world: World, watch: Watch, steps: int) -> None:
    try:
        for _ in range(steps):
            step(world)
            watch.step()
        end_well(world, watch)
    except Violation as violation:
        raise Failed(world.story, violation) from violation
