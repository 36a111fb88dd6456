"""One seed's whole life: a small world, or a large one."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from random import Random

from tests.simulation.checks.dropping import expect_drops_counted
from tests.simulation.checks.ending import end_well
from tests.simulation.checks.invariants import Watch
from tests.simulation.checks.records import expect_records_true
from tests.simulation.checks.roads import by_any_road, is_comparable
from tests.simulation.happenings.enrolments import enrol_at, expect_codes_known, expect_enrolled_once
from tests.simulation.happenings.faults import FAULTS, exchange, step, together, works
from tests.simulation.happenings.hub_faults import (
    ENROLLING,
    HUB_FAULTS,
    burns,
    goes_to_a_hub,
    goes_up,
    hub_goes_up,
    hub_lost,
)
from tests.simulation.happenings.overruling import OVERRULERS, work_apart
from tests.simulation.happenings.pictures import WITH_PICTURES, check_pictures, expect_pictures
from tests.simulation.happenings.trainers import TRAINERS, expect_words_heard, keys_of, one_at_a_time
from tests.simulation.machines.hubs import incidents
from tests.simulation.machines.node import NodeClient, either
from tests.simulation.machines.phones import Phone
from tests.simulation.machines.server import COURSES
from tests.simulation.story import Failed, Violation, holds
from tests.simulation.world import Parts, World

MEMORY = Path("/dev/shm")  # noqa: S108  # where there is no real disk below, a world costs half
STEPS_MIN, STEPS_MAX = 10, 20
POPULATIONS = ((1, 1, 2), (1, 1, 2), (1, 1, 3), (1, 2, 2), (2, 1, 2))  # organisations, learners of each, phones of each


BY_ANY_ROAD_EVERY = 5  # worlds whose requests go by another road as well
BURNS_EVERY = 3  # worlds of hubs that enrol, in one a hub burns before its first round
BRINGS = ("additions", "joins", "cargo")  # the calls of a round after its first
BY_A_HUB_EVERY = 3  # worlds with trainers, in one phones hear of it by a hub
ROUNDS_OF_A_GRADE = 2  # down to a hub, and from there to its phones
BY_HUBS_TURNS = 3  # of each phone: enough to meet both hubs, and for each to meet a link that breaks
HUBS_EVERY = 16  # worlds, one has a hub, or two
EVENTS_OF_A_CRAMPED_PHONE = 4
LOSE_NOTHING = ("", "F1", "F2", "F5", "F9", "F10", "F12", "F14")
LEARNERS_OF_A_LARGE_WORLD = 4  # phones of each
CROWD = 20


def live(
    seed: int, parts: Parts | None = None, steps: int | None = None, people: tuple[int, int, int] | None = None
) -> World:
    """A small world from its beginning to its good end. Raises `Failed` with its story."""
    random = Random(seed)
    with _beginning(seed, "small", parts or Parts()) as (world, watch):
        with world.server.writing():
            world.people(*(people or random.choice(POPULATIONS)))
        world.server.start()
        if seed % HUBS_EVERY == HUBS_EVERY - 1:
            world.with_hubs(1 + seed // HUBS_EVERY % 2)
        for _ in range(steps or random.randrange(STEPS_MIN, STEPS_MAX)):
            step(world, (*FAULTS, *HUB_FAULTS) if world.hubs else FAULTS)
            watch.step()
        end_well(world, watch)
        if seed % BY_ANY_ROAD_EVERY == 0 and is_comparable(world):
            by_any_road(world)
    return world


def live_by_hubs(seed: int, parts: Parts | None = None) -> World:
    """Nobody ever meets the upstream but two hubs, whose links break at any call; nothing else goes wrong."""
    with _beginning(seed, "hubs", parts or Parts()) as (world, watch):
        with world.server.writing():
            world.people(1, 2, 2)
        world.server.start()
        world.with_hubs(2)
        for phone in world.phones * BY_HUBS_TURNS:
            goes_to_a_hub(world, phone)
            works(world, phone)
            exchange(world, phone)
            hub_goes_up(world, phone)
            watch.step()
        end_well(world, watch)
        by_any_road(world)
        holds("I12", incidents(world) == 0, "an honest hub was taken for a liar")
    return world


def live_enrolling(seed: int, parts: Parts | None = None) -> World:
    """Two hubs, where learners are enrolled from the first day, and all that happens to hubs; in a third of the worlds
    one of them burns before its first round."""
    random = Random(seed)
    with _beginning(seed, "enrolling", parts or Parts()) as (world, watch):
        with world.server.writing():
            world.people(1, 1, 2)
        world.server.start()
        world.with_hubs(2)
        for hub in world.hubs.values():
            works(world, enrol_at(hub, world))
            exchange(world, world.phones[-1])
        if seed % BURNS_EVERY == 0:
            burns(world, world.hubs["north"])
        goes_up(world, world.hubs["south"], cut_at=1 + seed % len(BRINGS))
        for _ in range(random.randrange(STEPS_MIN, STEPS_MAX)):
            step(world, (*FAULTS, *HUB_FAULTS, *ENROLLING) if world.hubs else FAULTS)
            watch.step()
        end_well(world, watch)
        holds("I12", world.is_altered or incidents(world) == 0, "an honest hub was taken for a liar")
        expect_enrolled_once(world)
        expect_codes_known(world)
    return world


def live_taught(seed: int, parts: Parts | None = None) -> World:
    """Trainers have their say, of attempts and of what concurrent work came to, while phones are away and the server
    dies under it. In a third of the worlds phones hear of it by a hub; in half, every second phone is the app."""
    random = Random(seed)
    parts = parts or (Parts(client=either) if seed % 2 else Parts())
    with _beginning(seed, "taught", parts) as (world, watch), one_at_a_time():
        with world.server.writing():
            world.people(1, 3, 2)
            world.server.add(keys_of("org-0"))
        world.server.start()
        if seed % BY_A_HUB_EVERY == 0:
            world.with_hubs(1)
        for phone in world.phones:
            world.does(phone, "submit", COURSES[0], "exam", 300)
        work_apart(world)
        world.round()
        faults = (*FAULTS, *TRAINERS, *OVERRULERS)
        for _ in range(random.randrange(STEPS_MIN, STEPS_MAX)):
            step(world, (*faults, *HUB_FAULTS) if world.hubs else faults)
            watch.step()
            expect_records_true(world.server)
        end_well(world, watch)
        for _ in range(ROUNDS_OF_A_GRADE):
            world.round()
            watch.step()
        expect_words_heard(world)
    return world


def live_photographed(seed: int, parts: Parts | None = None) -> World:
    """Photographs answer questions on phones that are all the app; every second world has a hub, and a trainer who
    carries files."""
    random = Random(seed)
    with _beginning(seed, "photographed", replace(parts or Parts(), client=NodeClient.joined)) as (world, watch):
        with world.server.writing():
            world.people(1, 1, 2)
        world.server.start()
        if seed % 2 == 0:
            world.with_hubs(1)
            goes_to_a_hub(world, world.phones[0])
        for _ in range(random.randrange(STEPS_MIN, STEPS_MAX)):
            step(world, (*WITH_PICTURES, *HUB_FAULTS) if world.hubs else WITH_PICTURES)
            watch.step()
            check_pictures(world)
        end_well(world, watch)
        for _ in range(ROUNDS_OF_A_GRADE):
            world.round()
        check_pictures(world)
        expect_pictures(world)
    return world


def live_cramped(seed: int, parts: Parts | None = None) -> World:
    """Phones with room for a few events, of which more happen than the network takes; no disk is lost or set back."""
    random = Random(seed)
    cramped = replace(parts or Parts(), events_kept=EVENTS_OF_A_CRAMPED_PHONE)
    with _beginning(seed, "cramped", cramped) as (world, watch):
        with world.server.writing():
            world.people(1, 1, 2)
        world.server.start()
        for _ in range(random.randrange(STEPS_MIN, STEPS_MAX)):
            step(world, [fault for fault in FAULTS if fault.number in LOSE_NOTHING])
            busy = random.choice(world.phones)
            for _ in range(random.randrange(2 * EVENTS_OF_A_CRAMPED_PHONE)):
                world.does(busy, "happen", COURSES[0], "lecture", random.randrange(600))
            watch.step()
        end_well(world, watch)
        expect_drops_counted(world)
    return world


def live_large(seed: int, devices: int, hubs: int) -> World:
    """One organisation; everybody works, comes back in crowds, half of them to hubs, and now and then the server dies
    under one. One hub burns before it goes up."""
    with _beginning(seed, "large", Parts()) as (world, watch):
        with world.server.writing():
            world.people(1, devices // LEARNERS_OF_A_LARGE_WORLD, LEARNERS_OF_A_LARGE_WORLD)
        world.server.start()
        for phone in world.phones:
            works(world, phone)
        world.with_hubs(hubs)
        for place, crowd in enumerate(_crowds(world)):
            world.passes(60_000)
            for phone in crowd:
                phone.hub = list(world.hubs)[place // 2 % len(world.hubs)] if place % 2 else ""
            world.tell(f"{len(crowd)} phones come at once to {crowd[0].hub or 'the upstream'}")
            dies = world.random.random() < 0.5
            if dies:
                world.server.disk.cut_power_after(world.random.randrange(CROWD * CROWD), world.random)
            together(world, crowd)
            if dies:
                world.tell("and power is cut")
                world.server.crash()
                world.quiet()
            watch.step()
        hub_lost(world, world.phones[0])
        end_well(world, watch)
    return world


def _crowds(world: World) -> list[list[Phone]]:
    phones = world.random.sample(world.phones, len(world.phones))
    return [phones[at : at + CROWD] for at in range(0, len(phones), CROWD)]


@contextmanager
def _beginning(seed: int, kind: str, parts: Parts) -> Iterator[tuple[World, Watch]]:
    """A world with nobody in it yet, on a disk of its own that is gone afterwards."""
    root = Path(tempfile.mkdtemp(prefix="tiffin-world-", dir=MEMORY if MEMORY.is_dir() else None))
    world = World(seed, root, parts)
    world.story.kind = kind
    try:
        with world.laws():
            yield world, Watch(world)
    except Violation as violation:
        raise Failed(world.story, violation) from violation
    finally:
        for hub in world.hubs.values():
            hub.server.close()
        world.server.close()


LIVES: dict[str, Callable[[int], World]] = {
    "small": live,
    "hubs": live_by_hubs,
    "enrolling": live_enrolling,
    "cramped": live_cramped,
    "taught": live_taught,
    "photographed": live_photographed,
}
