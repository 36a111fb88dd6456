"""Photographs that answer a question: they come piece by piece after their attempt, by network, by a hub or by file.

A phone that was told that one is whole will not bring it again, so that is a promise (I1); what is kept is what was
sealed (I12); and in the end all of them that are still on a phone are at the upstream.
"""

import json
from hashlib import sha256
from typing import Any

from server.exchange.carried import apply
from server.tables import Attempt, Picture, PictureState
from sync.carried import read_carried
from sync.errors import SyncError
from sync.pictures import DIGEST_BYTES
from tests.simulation.happenings.deeds import Deed
from tests.simulation.happenings.faults import FAULTS, OPERATIONS_MAX, Fault
from tests.simulation.machines.camera import UNREADABLE_EVERY, photograph
from tests.simulation.machines.node import NodeClient
from tests.simulation.machines.phones import Phone
from tests.simulation.machines.server import COURSES, Server
from tests.simulation.story import holds
from tests.simulation.world import World


def photographs(world: World, phone: Phone) -> None:
    """No fault: she answers with one."""
    world.does(phone, "photograph", COURSES[0], "poster", 0)


def goes_by_file(world: World, phone: Phone) -> None:
    """A trainer carries a file to the upstream and its answers back. Either way it may be damaged, and power may go."""
    if not isinstance(phone.client, NodeClient):
        return
    before = phone.client.view()
    file = phone.client.writes_file(1000 * phone.clock(world.now_s()))
    how = world.random.choice(("", "", "the file is cut", "the answers are lost", "power is cut"))
    world.tell(f"{phone.name} goes by file" + (f"; {how}" if how else ""))
    if how == "the file is cut":
        file = file[: world.random.randrange(len(file))]
    if how == "power is cut":
        world.server.disk.cut_power_after(world.random.randrange(OPERATIONS_MAX), world.random)
    replies = _applied(world.server, file)
    if how == "power is cut":
        lost = world.server.disk.image is not None
        world.server.crash()
        replies = b"" if lost else replies
    if replies and how != "the answers are lost":
        phone.client.hears_file(replies)
        world.note_promises(phone, before.actor, before.unsent, direct=True)
    world.quiet()


def _applied(server: Server, file: bytes) -> bytes:
    """Nothing for what is no file any more."""
    try:
        parts = read_carried(file).parts
    except SyncError:
        return b""
    return server.run(apply(server.running, server.database, parts)).replies


WITH_PICTURES = (
    *(fault for fault in FAULTS if fault.happens.__name__ != "dies_in_a_group"),
    Fault("", 24, photographs),
    Fault("", 8, goes_by_file),
)


def check_pictures(world: World) -> None:
    """After every step, here and at the hubs."""
    for server in (world.server, *(hub.server for hub in world.hubs.values())):
        rows = server.rows(Picture)
        whole = {(row.learner_id, row.digest) for row in rows if _is_whole(row)}
        holds("I1", server.whole <= whole, "a photograph that was said to be whole is not there")
        for row in rows:
            if _is_whole(row):
                holds("I12", sha256(row.body).digest() == row.digest, "a photograph is not what was sealed")


def expect_pictures(world: World) -> None:
    """In the end."""
    whole = {(row.learner_id, row.digest): row for row in world.server.rows(Picture) if _is_whole(row)}
    named = {(row.learner_id, digest) for row in world.server.rows(Attempt) for digest in _named(row)}
    holds("I13", set(whole) <= named, "there is a photograph that no attempt of hers names")
    for phone in world.phones:
        for deed in phone.held:
            if deed.what == "photograph":
                row = whole.get((phone.learner, sha256(photograph(deed.number)).digest()))
                holds("I1", row is not None, f"the photograph {deed.number} of {phone.name} did not arrive")
                _is_shown(deed, row)


def _is_shown(deed: Deed, row: Any) -> None:
    is_picture = deed.number % UNREADABLE_EVERY != 0
    holds("I12", bool(row.shown) == is_picture, f"the photograph {deed.number} is shown as {len(row.shown)} bytes")


def _is_whole(row: Any) -> bool:
    return row.state in (PictureState.KEPT.name, PictureState.UNREADABLE.name)


def _named(row: Any) -> list[bytes]:
    return [bytes.fromhex(name) for name in json.loads(row.answers).values() if len(name) == 2 * DIGEST_BYTES]
