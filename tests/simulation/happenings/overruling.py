"""Two phones of one learner write at one place while apart; a trainer overrules what the rule made of it.

What she chose stands wherever the server dies under her word, and reaches every phone as any change does. What met
there is no longer the learner's alone to keep: `Ledger.overruled`.
"""

from contextlib import suppress

from sqlmodel import Session

from server.errors import Superseded
from server.tables import ConflictRecord
from tests.simulation.checks.records import settled_of
from tests.simulation.happenings.faults import Fault
from tests.simulation.happenings.trainers import REASON, says, trainer_of
from tests.simulation.machines.phones import Phone
from tests.simulation.machines.server import COURSES
from tests.simulation.world import World

LECTURE = "lecture"
APART = (("note", "words of the phone", "words of the tablet"), ("reach", 1, 2), ("place", 70, 40))


def work_apart(world: World) -> None:
    """On each learner's phones, before any of them meets a server: notes, states and places that contradict."""
    for number, phone in enumerate(world.phones):
        for what, *values in APART:
            world.does(phone, what, COURSES[0], LECTURE, values[number % len(values)])


def overrules_a_conflict(world: World, phone: Phone) -> None:
    """Chooses one of the values that met; where the learner wrote something newer there, nothing comes of it."""
    records = world.server.rows(ConflictRecord, "learner_id = ?", phone.learner)
    if not records:
        return
    row = world.random.choice(records)
    record = settled_of(row)
    chosen = world.random.randrange(len(record.survivors))

    def overrules(session: Session) -> None:
        with suppress(Superseded):
            world.parts.overrule(session, trainer_of(phone), record.id, chosen, REASON)
            world.ledgers[phone.learner].overruled[row.course_id, record.key] |= {one.value for one in record.survivors}

    says(world, f"of {phone.learner}'s {record.key}: the value {chosen} of {len(record.survivors)} stands", overrules)


OVERRULERS = (Fault("", 12, overrules_a_conflict),)
