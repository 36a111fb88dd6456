"""Everything that goes wrong, by its number in the design's list: one function each, and how often it comes.

Left out: F8's sockets proper (a reply that comes too late is what a phone sees of one), F19 (there is no older version
yet). F20, two tabs on one disk, is every phone of `node`.
"""

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass

from sync.exchange import write_change
from sync.wire import Frame, FrameKind, Header, items_of, read_reply, statement, write_request
from tests.simulation.happenings.enrolments import is_known, join_again
from tests.simulation.machines.phones import Client, Lost, Phone, PythonClient, Refused
from tests.simulation.story import holds
from tests.simulation.world import World

OPERATIONS_MAX = 45  # writes and syncs of one exchange and of the work behind it, on average
TEN_YEARS_S = 10 * 365 * 86_400
PHONES_MAX = 12
COMPACTS_EVERY = 12


@dataclass(frozen=True, slots=True)
class Fault:
    """`happens` is one step of a world. `weight`: how often, beside the others."""

    number: str
    weight: int
    happens: Callable[[World, Phone], None]


# The network: F3 drop, F4 duplicate, F5 reorder and delay, F6 truncate, F7 flip a bit, F8 and F9 no reply.


def by_bad_network(world: World, phone: Phone, request: bytes) -> bytes:
    """What may become of one request and its reply."""
    if world.deaf.get(phone.name, 0) > 0:
        world.deaf[phone.name] -= 1
        world.at(phone).deliver(request)
        raise _lost(world, "F9 nothing comes back")
    fate = world.random.choices(FATES, [weight for weight, _ in FATES])[0][1]
    return fate(world, phone, request)


def _lost(world: World, why: str) -> Lost:
    world.story.add(why)
    return Lost(why)


def _arrives(world: World, phone: Phone, request: bytes) -> bytes:
    return world.straight(phone, request)


def _request_lost(world: World, _: Phone, __: bytes) -> bytes:
    raise _lost(world, "F3 the request is lost")


def _reply_lost(world: World, phone: Phone, request: bytes) -> bytes:
    world.at(phone).deliver(request)
    raise _lost(world, "F3 the reply is lost")


def _half_open(world: World, phone: Phone, request: bytes) -> bytes:
    world.at(phone).deliver(request)
    world.passes(120_000)
    raise _lost(world, "F8 the reply would come after the phone gave up")


def _duplicated(world: World, phone: Phone, request: bytes) -> bytes:
    world.story.add("F4 the request arrives twice")
    replies = [world.straight(phone, request) for _ in range(2)]
    return world.random.choice(replies)


def _delayed(world: World, phone: Phone, request: bytes) -> bytes:
    world.late.append((phone, request))
    raise _lost(world, "F5 the request is delayed")


def _cut_request(world: World, phone: Phone, request: bytes) -> bytes:
    world.story.add("F6 the request is cut")
    return world.straight(phone, request[: world.random.randrange(len(request))])


def _cut_reply(world: World, phone: Phone, request: bytes) -> bytes:
    world.story.add("F6 the reply is cut")
    reply = world.straight(phone, request)
    return reply[: world.random.randrange(len(reply))]


def _flipped(world: World, phone: Phone, request: bytes) -> bytes:
    world.story.add("F7 a bit of the request is flipped")
    flipped = bytearray(request)
    flipped[world.random.randrange(len(request))] ^= 1 << world.random.randrange(8)
    return world.straight(phone, bytes(flipped))


FATES: tuple[tuple[int, Callable[[World, Phone, bytes], bytes]], ...] = (
    (14, _arrives),
    (2, _request_lost),
    (3, _reply_lost),
    (1, _half_open),
    (2, _duplicated),
    (2, _delayed),
    (1, _cut_request),
    (1, _cut_reply),
    (1, _flipped),
)


def exchange(world: World, phone: Phone) -> None:
    """No fault yet: an exchange by whatever network there is."""
    world.tell(f"{phone.name} exchanges")
    world.exchange(phone, lambda phone, request: by_bad_network(world, phone, request))
    world.quiet()


def late_arrival(world: World, _: Phone) -> None:
    """A request that was delayed arrives, in no order."""
    if world.late:
        sender, request = world.late.pop(world.random.randrange(len(world.late)))
        world.tell(f"F5 a request that {sender.name} made earlier arrives")
        world.server.deliver(request)
        world.quiet()


def one_way_partition(world: World, phone: Phone) -> None:
    world.tell(f"F9 for a while no reply reaches {phone.name}")
    world.deaf[phone.name] = 2


# The server: F1 and F2 kills and power cuts, F12 a disk that is full or broken, F17 an old backup.


def server_dies(world: World, phone: Phone) -> None:
    operations = world.random.randrange(OPERATIONS_MAX)
    chance = world.random if world.random.random() < 0.5 else None
    world.tell(f"F1 {phone.name} exchanges; {'power is cut' if chance else 'a kill'} after {operations} operations")
    world.server.disk.cut_power_after(operations, chance)
    world.exchange(phone, world.straight)
    world.quiet()
    world.server.crash()
    world.quiet()


def dies_before_reply(world: World, phone: Phone) -> None:
    world.tell(f"F2 {phone.name} exchanges; the server dies between commit and reply")

    def commits_and_dies(_: Phone, request: bytes) -> bytes:
        world.server.deliver(request)
        raise Lost("the server died")

    world.exchange(phone, commits_and_dies)
    world.server.crash()
    world.quiet()


def dies_in_a_group(world: World, _: Phone) -> None:
    """Several requests in one commit; the process, or the machine, dies somewhere in it."""
    phones = [phone for phone in world.phones if isinstance(phone.client, PythonClient)]
    some = world.random.sample(phones, min(3, len(phones)))
    operations = world.random.randrange(OPERATIONS_MAX)
    chance = world.random if world.random.random() < 0.5 else None
    how = "power is cut" if chance else "a kill"
    world.tell(f"F1 {', '.join(phone.name for phone in some)} exchange at once; {how} after {operations} operations")
    world.server.disk.cut_power_after(operations, chance)
    together(world, some)
    world.server.crash()
    world.quiet()


def together(world: World, phones: list[Phone]) -> None:
    """Requests that gather while the writer is busy; it takes all of them in its next group. Where not all go to one
    hub, all go to the upstream."""
    clients = [phone.client for phone in phones if isinstance(phone.client, PythonClient)]
    before = [client.view() for client in clients]
    requests = [
        client.replica.request(1000 * phone.clock(world.now_s())) for client, phone in zip(clients, phones, strict=True)
    ]
    world.made += requests
    hubs = {phone.hub for phone in phones}
    is_direct = len(hubs) != 1 or hubs == {""}
    server = world.server if is_direct else world.at(phones[0])
    for phone, client, view, answer in zip(phones, clients, before, server.deliver(*requests), strict=True):
        if isinstance(answer, bytes):
            client.accept(answer)
            world.note_promises(phone, view.actor, view.unsent, direct=is_direct)
    world.quiet()


def disk_refuses(world: World, phone: Phone) -> None:
    how, operations = world.random.choice(("full", "io")), world.random.randrange(12)
    world.tell(f"F12 {phone.name} exchanges; the disk says '{how}' after {operations} operations")
    world.server.disk.fail_after(operations, how)
    world.exchange(phone, world.straight)
    world.server.disk.mend()
    world.quiet()


def backs_up(world: World, _: Phone) -> None:
    world.tell("the server is backed up")
    world.server.back_up()
    world.kept_then.append((set(world.kept), set(world.promised), set(world.words)))


def server_restored(world: World, _: Phone) -> None:
    if not world.server.backups:
        return
    backup = world.random.randrange(len(world.server.backups))
    world.tell(f"F17 the server is restored from backup {backup}")
    world.server.restore(backup)
    kept, promised, words = world.kept_then[backup]
    world.kept, world.promised, world.words = set(kept), set(promised), set(words)
    del world.kept_then[backup + 1 :]
    for phone in world.phones:  # who joined since then is not known there, and joins again with the key that she has
        if phone.learner in world.enrolled and not is_known(world, phone.learner):
            continue  # the hub that enrolled her says so again
        world.server.join(phone.organisation, phone.learner, phone.key, phone.profile)
    world.quiet()


# The phones: F10 and F11 clocks, F13 storage lost, F14 killed, F15 cloned, F16 set back.


def clock_off(world: World, phone: Phone) -> None:
    phone.skew_s = world.random.choice((TEN_YEARS_S, -TEN_YEARS_S, 7_200, 0))
    world.tell(f"F10 the clock of {phone.name} is off by {phone.skew_s} s")


def clock_turned_back(world: World, phone: Phone) -> None:
    phone.skew_s -= 86_400
    world.tell(f"F11 the clock of {phone.name} is turned back a day in an attempt")
    world.does(phone, "submit", "water-and-health", "exam", -86_400)


def storage_lost(world: World, phone: Phone) -> None:
    """With its key: the browser threw all of it away, and she joins again, as a new device."""
    world.tell(f"F13 {phone.name} lost its storage")
    world.phones.remove(phone)
    again = join_again(world, phone.learner) if phone.learner in world.enrolled else world.join(phone.learner)
    again.name = f"{phone.name}'"
    world.story.add(f"it joins again as {again.name}")


def app_killed(world: World, phone: Phone) -> None:
    world.tell(f"F14 {phone.name} exchanges; the app is killed before the reply")
    on_disk: list[Client] = []

    def killed(_: Phone, request: bytes) -> bytes:
        on_disk.append(phone.client.copy())
        world.at(phone).deliver(request)
        raise Lost("nobody listens")

    world.exchange(phone, killed)
    phone.client = on_disk[0]
    world.quiet()


def cloned(world: World, phone: Phone) -> None:
    if len(world.phones) >= PHONES_MAX:
        return
    twin = deepcopy_of(phone, f"{phone.name} clone {len(world.phones)}")
    world.tell(f"F15 {twin.name} has the same disk as {phone.name}")
    phone.is_original = False
    world.phones.append(twin)


def deepcopy_of(phone: Phone, name: str) -> Phone:
    return Phone(
        name, phone.key, phone.profile, phone.learner, phone.organisation, phone.client.copy(), phone.skew_s,
        set(phone.held), is_original=False, seen=phone.seen, shown=deepcopy(phone.shown),
    )  # fmt: skip


def copied(world: World, phone: Phone) -> None:
    world.tell(f"{phone.name} is copied away")
    phone.saved = deepcopy_of(phone, phone.name)


def set_back(world: World, phone: Phone) -> None:
    if phone.saved is None:
        return
    world.tell(f"F16 {phone.name} is restored from its copy")
    again = deepcopy_of(phone.saved, phone.name)
    phone.client, phone.held, phone.seen, phone.shown = again.client, again.held, again.seen, again.shown
    phone.is_original = False


# A device that lies: I10 says that what it sends harms nobody else.


def sends_garbage(world: World, phone: Phone) -> None:
    world.tell(f"{phone.name} sends what is no change, and work in a course that nobody has")
    noise = world.random.randbytes(world.random.randrange(1, 60))
    frames = [Frame(FrameKind.PROGRESS, write_change(course, noise)) for course in ("no-such-course", "sums")]
    header = Header(phone.key.device, phone.profile, sent_at=world.now_ms)
    request = write_request(header, frames, phone.key.sign(statement(header.write(), items_of(frames))))
    answer = world.server.deliver(request)[0]
    if isinstance(answer, Refused) and phone.learner in world.enrolled:
        return  # nobody there has heard of her yet
    holds("I10", isinstance(answer, bytes), f"garbage was answered with {answer!r}")
    assert isinstance(answer, bytes)
    verdicts = [verdict.reason for verdict in read_reply(answer).verdicts]
    holds("I10", len(verdicts) == len(frames), f"garbage was taken: {verdicts}")
    world.quiet()


def works(world: World, phone: Phone) -> None:
    """No fault: learners do things."""
    for _ in range(world.random.randrange(1, 4)):
        world.do_something(phone)


FAULTS = (
    Fault("", 22, works),
    Fault("", 18, exchange),
    Fault("F1", 3, server_dies),
    Fault("F1", 1, dies_in_a_group),
    Fault("F2", 1, dies_before_reply),
    Fault("F5", 3, late_arrival),
    Fault("F9", 1, one_way_partition),
    Fault("F10", 2, clock_off),
    Fault("F11", 1, clock_turned_back),
    Fault("F12", 2, disk_refuses),
    Fault("F13", 1, storage_lost),
    Fault("F14", 1, app_killed),
    Fault("F15", 1, cloned),
    Fault("F16", 2, copied),
    Fault("F16", 2, set_back),
    Fault("F17", 2, backs_up),
    Fault("F17", 1, server_restored),
    Fault("I10", 1, sends_garbage),
)


def step(world: World, faults: Sequence[Fault] = FAULTS) -> None:
    """Some time passes, and something happens to somebody."""
    world.passes(world.random.randrange(1_000, 600_000))
    phone = world.random.choice(world.phones)
    fault = world.random.choices(faults, [fault.weight for fault in faults])[0]
    fault.happens(world, phone)
    if world.now_ms % COMPACTS_EVERY == 0:  # of steps one in so many
        compacts(world)


def compacts(world: World) -> None:
    """Old history is packed, now and then in the middle of a kill. It comes by the clock and draws no lots: the stories
    of seeds that failed once stay theirs."""
    operations = world.now_ms // COMPACTS_EVERY % OPERATIONS_MAX
    dies = operations % 2 == 0
    world.tell("the log is compacted" + (f"; a kill after {operations} operations" if dies else ""))
    if dies:
        world.server.disk.cut_power_after(operations, None)
    for server in (world.server, *(hub.server for hub in world.hubs.values())):
        server.compact()
    if dies:
        world.server.crash()
    world.quiet()
