"""F18: hubs die, are lost, set back, and lie; they enrol, and are revoked. Only in worlds with some."""

from server.hubs.answering.enrolling import revoke
from tests.simulation.happenings.enrolments import PHONES_OF_STRANGERS_MAX, enrol_at, take_in_strangers
from tests.simulation.happenings.faults import OPERATIONS_MAX, Fault
from tests.simulation.machines.hubs import NEVER, Hub, incidents
from tests.simulation.machines.phones import Phone
from tests.simulation.story import holds
from tests.simulation.world import World


def goes_elsewhere(world: World, phone: Phone) -> None:
    """No fault: to a hub, to another, or to the upstream."""
    phone.hub = world.random.choice(("", *world.hubs))
    world.tell(f"{phone.name} goes to {phone.hub or 'the upstream'}")


def goes_to_a_hub(world: World, phone: Phone) -> None:
    phone.hub = world.random.choice(list(world.hubs))
    world.tell(f"{phone.name} goes to {phone.hub}")


def hub_goes_up(world: World, _: Phone) -> None:
    """One round, which may be cut at any of its calls."""
    goes_up(world, _some_hub(world), cut_at=world.random.randrange(-3, 3))


def goes_up(world: World, hub: Hub, cut_at: int) -> None:
    hub.cut_at = cut_at
    world.tell(f"hub {hub.name} goes up" + (f"; its link breaks at call {hub.cut_at}" if hub.cut_at >= 0 else ""))
    hub.round()
    hub.check()


def hub_dies(world: World, phone: Phone) -> None:
    hub = _some_hub(world)
    operations = world.random.randrange(OPERATIONS_MAX)
    world.tell(f"F18 {phone.name} exchanges; power is cut at hub {hub.name} after {operations} operations")
    hub.server.disk.cut_power_after(operations, world.random)
    world.exchange(phone, world.straight)
    hub.server.settle()
    hub.server.crash()
    world.quiet()
    hub.check()


def hub_lost(world: World, _: Phone) -> None:
    """It burns, with all that it had not handed on: its phones still have it, and go to whoever there is."""
    burns(world, _some_hub(world))


def burns(world: World, hub: Hub) -> None:
    world.tell(f"F18 hub {hub.name} burns")
    for phone in world.everyone:
        phone.hub = "" if phone.hub == hub.name else phone.hub
    for phone in world.phones:
        phone.hub = "" if phone.hub == hub.name else phone.hub
    del world.hubs[hub.name]
    hub.server.close()
    take_in_strangers(world)


def hub_backed_up(world: World, _: Phone) -> None:
    hub = _some_hub(world)
    world.tell(f"hub {hub.name} is backed up")
    hub.server.back_up()
    hub.backups.append((set(hub.kept), set(hub.promised)))


def hub_restored(world: World, _: Phone) -> None:
    hub = _some_hub(world)
    if not hub.backups:
        return
    number = world.random.randrange(len(hub.backups))
    world.tell(f"F18 hub {hub.name} is restored from backup {number}")
    hub.server.restore(number)
    kept, promised = hub.backups[number]
    hub.kept, hub.promised = set(kept), set(promised)
    del hub.backups[number + 1 :]
    hub.check()


def hub_alters(world: World, _: Phone) -> None:
    """One bit of what it brings. The upstream takes nothing of it, and the administrator sees it."""
    hub = _some_hub(world)
    before = incidents(world)
    if not hub.is_revoked and hub.alter():
        world.tell(f"F18 hub {hub.name} goes up with a bit altered")
        hub.round()
        holds("I12", incidents(world) > before, f"hub {hub.name} altered a bit and nobody saw it")


def hub_drops(world: World, _: Phone) -> None:
    """It says that all is handed on, and has thrown it away. Phones find out at the next server of another epoch."""
    hub = _some_hub(world)
    world.tell(f"F18 hub {hub.name} throws away what waits, and says that it was handed on")
    hub.throw_away()


def upstream_dies(world: World, _: Phone) -> None:
    """In the middle of a hub's round: what it had not said by then, the hub brings again."""
    hub, operations = _some_hub(world), world.random.randrange(OPERATIONS_MAX)
    world.tell(f"F1 hub {hub.name} goes up; the server is killed after {operations} operations")
    world.server.disk.cut_power_after(operations, None)
    hub.round()
    world.server.crash()
    world.quiet()
    hub.check()


def hub_dies_on_its_way(world: World, _: Phone) -> None:
    """In the middle of its own round: it does not remember all that it brought."""
    hub, operations = _some_hub(world), world.random.randrange(OPERATIONS_MAX)
    world.tell(f"F18 hub {hub.name} goes up; its power is cut after {operations} operations")
    hub.server.disk.cut_power_after(operations, world.random)
    hub.round()
    hub.server.crash()
    world.quiet()
    hub.check()


def hub_enrols(world: World, _: Phone) -> None:
    """No fault: a trainer enrols somebody at a hub, and her phone joins there."""
    if sum(phone.learner in world.enrolled for phone in world.phones) < PHONES_OF_STRANGERS_MAX:
        enrol_at(_some_hub(world), world)


def hub_revoked(world: World, _: Phone) -> None:
    """Its laptop was stolen. Older backups, in which it is welcome, are put away with it."""
    hub = _some_hub(world)
    world.tell(f"hub {hub.name} is revoked")
    with world.server.database.writing() as session:
        revoke(session, hub.organisation, hub.name)
    world.server.backups.clear()
    world.server.whole_then.clear()
    world.kept_then.clear()
    goes_up(world, hub, NEVER)


def _some_hub(world: World) -> Hub:
    return world.random.choice(list(world.hubs.values()))


HUB_FAULTS = (
    Fault("", 16, goes_elsewhere),
    Fault("", 14, hub_goes_up),
    Fault("F18", 2, hub_dies),
    Fault("F18", 1, hub_lost),
    Fault("F18", 1, hub_backed_up),
    Fault("F18", 2, hub_restored),
    Fault("F18", 2, hub_alters),
    Fault("F18", 1, hub_drops),
)
ENROLLING = (
    Fault("", 6, hub_enrols),
    Fault("F1", 3, upstream_dies),
    Fault("F18", 3, hub_dies_on_its_way),
    Fault("F18", 3, hub_revoked),
)
