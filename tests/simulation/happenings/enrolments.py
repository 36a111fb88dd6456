"""Learners enrolled at a hub where no network is, as a trainer does it there, with the hub's own code for each.

I16: whoever was enrolled at a hub that lives is enrolled at the upstream, once, with the phones that joined there.
"""

import base64
from typing import Any, cast

from server.courses.outline import Outlines
from server.keys import KeyRing
from server.people import enrolling, learners
from server.people.inviting import Inviting, normal
from server.shapes.joining import JoinRequest
from server.shapes.learners import NewLearner
from server.tables import AdditionKind, Enrolment, HubAdded, HubAddition, JoinCode, Learner, Profile
from sync.identity import join_statement
from tests.simulation.happenings.deeds import Enrolled
from tests.simulation.machines.hubs import Hub
from tests.simulation.machines.phones import Phone
from tests.simulation.machines.server import COURSES
from tests.simulation.story import holds
from tests.simulation.world import World

FULL_NAMES = ("Amina", "Halima")  # so few that hubs enrol namesakes
PHONES_OF_STRANGERS_MAX = 4
NO_OUTLINES = cast(Outlines, None)  # nothing is published, so nobody is told of a release


def enrol_at(hub: Hub, world: World) -> Phone:
    """Somebody new, who joins with her phone at once."""
    full_name = world.random.choice(FULL_NAMES)
    with hub.server.database.writing() as session:
        learner = learners.add(session, hub.organisation, NewLearner(name=full_name, language="en"))
        enrolling.enrol(session, learner, COURSES, NO_OUTLINES)
        code = normal(hub.inviting.invite(session, learner).code)
        one = Enrolled(learner.id, full_name, hub.name, code)
    world.enrolled[one.learner] = one
    world.knows(one.learner, hub.organisation)
    world.tell(f"{full_name} is enrolled at hub {hub.name}, as {one.learner}")
    return join_at(hub, world, one)


def join_at(hub: Hub, world: World, one: Enrolled) -> Phone:
    """With a key of its own, and the number that the hub gives it."""
    key = world.new_key()
    words = {"public_key": _text(key.public_key), "proof": _text(key.sign(join_statement(one.code)))}
    with hub.server.database.writing() as session:
        joined = hub.joining.join(session, JoinRequest(code=one.code, **words))
    phone = world.begins(one.learner, key, joined.profile)
    phone.hub = hub.name
    world.story.add(f"{phone.name} joins there")
    return phone


def join_again(world: World, learner: str) -> Phone:
    """Her storage is gone, and her key with it: she joins where she is known, with another."""
    if not is_known(world, learner) and (hub := _who_knows(world, learner)):
        return join_at(hub, world, world.enrolled[learner])
    take_in_strangers(world)
    return world.join(learner)


def is_known(world: World, learner: str) -> bool:
    """At the upstream."""
    return bool(world.server.rows(Learner, "id = ?", learner))


def _who_knows(world: World, learner: str) -> Hub | None:
    living = (hub for hub in world.hubs.values() if not hub.is_revoked)
    return next((hub for hub in living if hub.server.rows(HubAddition, "learner_id = ?", learner)), None)


def take_in_strangers(world: World) -> None:
    """The hub that enrolled them is gone before it could say so: the main server has them from the trainer's paper."""
    for learner in world.enrolled:
        if not _who_knows(world, learner):
            if not is_known(world, learner):
                world.tell(f"{learner} is enrolled at the main server, from paper")
                world.server.enrol(world.organisations[learner], learner)
            for phone in world.phones:
                if phone.learner == learner:
                    world.server.join(phone.organisation, learner, phone.key, phone.profile)


def expect_enrolled_once(world: World) -> None:
    """In the end."""
    added = world.server.rows(HubAdded)
    enrolled = {(row.learner_id, row.course_id) for row in world.server.rows(Enrolment)}
    for one in world.enrolled.values():
        holds("I16", is_known(world, one.learner), f"{one.full_name}, {one.learner}, is enrolled nowhere")
        missing = [course for course in COURSES if (one.learner, course) not in enrolled]
        holds("I16", not missing, f"{one.learner} was enrolled in {missing}, and is not")
    _no_one_twice(world, added)
    for hub in world.hubs.values():
        if not hub.is_revoked:
            refused = [row for row in hub.server.rows(HubAddition) if row.refused]
            holds("I16", not refused, f"of what hub {hub.name} added {len(refused)} things were refused")
    profiles = {(row.device_id, row.number): row.learner_id for row in world.server.rows(Profile)}
    for phone in world.phones:
        holds("I16", profiles.get(phone.author) == phone.learner, f"{phone.name} is not {phone.learner}'s upstream")


def _no_one_twice(world: World, added: list[Any]) -> None:
    here = [row.id for row in world.server.rows(Learner)]
    strangers = set(here) - set(world.organisations)
    holds("I16", not strangers, f"{len(strangers)} learners are enrolled whom nobody enrolled")
    made = [row for row in added if row.kind == AdditionKind.LEARNER]
    holds("I16", len(made) == len({row.learner_id for row in made}), "a learner was added twice")
    for full_name in FULL_NAMES:
        named = [row for row in made if world.enrolled[row.learner_id].full_name == full_name]
        firsts = [row for row in named if not row.namesake_id]
        holds("I16", len(firsts) <= 1, f"{len(firsts)} are the first {full_name} here")


def expect_codes_known(world: World) -> None:
    """A code made at a hub opens the same at the upstream while the hub is trusted, and nothing once it is not."""
    for one in world.enrolled.values():
        hub = world.hubs.get(one.hub)
        if hub is None or not hub.server.rows(JoinCode, "learner_id = ?", one.learner):
            continue
        with world.server.database.reading() as session:
            kept = upstreams_codes(world).find(session, one.code)
            opens = kept.learner_id if kept and kept.expires_ms > world.now_ms else ""
        expected = "" if hub.is_revoked else one.learner
        holds("I16", opens == expected, f"the code of {one.learner} opens {opens or 'nothing'}")


def upstreams_codes(world: World) -> Inviting:
    return Inviting(KeyRing(world.root / "keys").join_secret(), "")


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
