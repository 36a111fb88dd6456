"""A learner begins the first page of two courses before one exchange: the same bytes twice, and two facts."""

import pytest

from conflict.rules import LessonState
from server.tables import Course, Enrolment, LogEntry, Parked, Quarantined
from server.tables.ids import now_ms
from sync.client import Replica
from sync.exchange import write_change
from sync.wire import Frame, FrameKind, Header, items_of, statement, write_request
from tests.server.school import COURSE, NOW_S, School

OTHER = "sums"


def begin_both(here: School) -> tuple[Replica, Replica]:
    amina = here.learner()
    with here.database.writing() as session:
        session.add(Course(organisation_id=here.organisation.id, id=OTHER, title={"en": "Sums"}))
        session.flush()
        session.add(Enrolment(learner_id=amina.id, course_id=OTHER, organisation_id=here.organisation.id))
    phone, tablet = here.device(amina), here.device(amina)
    for course in (COURSE, OTHER):
        phone.reach(course, "page-1", LessonState.IN_PROGRESS)
    return phone, tablet


def test_both_are_kept_and_reach_her_other_phone(here: School) -> None:
    phone, tablet = begin_both(here)

    here.exchange(phone)
    here.exchange(tablet)
    here.settle()

    bodies = [row.body for row in here.rows(LogEntry) if row.kind == FrameKind.MILESTONES]
    assert len(bodies) == 2
    assert bodies[0] == bodies[1], "or this test shows nothing"
    assert [tablet.read(course, "s/page-1").value for course in (COURSE, OTHER)] == [1, 1]
    assert phone.outbox.is_empty


def test_repeating_it_changes_nothing_and_both_go_on(here: School) -> None:
    phone, tablet = begin_both(here)
    here.carry(phone.request(1_790_000_000_000))
    here.exchange(phone)
    for course in (COURSE, OTHER):
        phone.reach(course, "page-1", LessonState.COMPLETED)

    reply = here.exchange(phone)
    here.exchange(tablet)

    assert not reply.verdicts
    assert [tablet.read(course, "s/page-1").value for course in (COURSE, OTHER)] == [2, 2]
    assert len([row for row in here.rows(LogEntry) if row.kind == FrameKind.MILESTONES]) == 4


@pytest.mark.parametrize("first", [COURSE, OTHER])
@pytest.mark.parametrize("repeats", [1, 2])
def test_both_are_kept_when_one_waits_while_the_other_comes_by_a_request_of_its_own(
    here: School, first: str, repeats: int
) -> None:
    """Each course goes up by itself, its second change before its first, as files may bring them."""
    phone, tablet = begin_both(here)
    phone.commit(NOW_S)
    begun = changes_of(phone)
    for course in (COURSE, OTHER):
        phone.reach(course, "page-1", LessonState.COMPLETED)
    phone.commit(NOW_S)
    done = [change for change in changes_of(phone) if change not in begun]
    assert done[0][1] == done[1][1], "or this test shows nothing"
    last = OTHER if first == COURSE else COURSE

    for course in (first, last) * repeats:
        carry_alone(here, phone, [change for change in done if change[0] == course])
    for course in (last, first) * repeats:
        carry_alone(here, phone, [change for change in begun if change[0] == course])
    here.exchange(tablet)
    here.settle()

    assert [tablet.read(course, "s/page-1").value for course in (COURSE, OTHER)] == [2, 2]
    assert len([row for row in here.rows(LogEntry) if row.kind == FrameKind.MILESTONES]) == 4
    assert here.rows(Parked) == here.rows(Quarantined) == []


def changes_of(phone: Replica) -> list[tuple[str, bytes]]:
    return [
        (course, body) for course in (COURSE, OTHER) for body in phone.document(course, FrameKind.MILESTONES).bodies
    ]


def carry_alone(here: School, phone: Replica, changes: list[tuple[str, bytes]]) -> None:
    frames = [Frame(FrameKind.MILESTONES, write_change(course, body)) for course, body in changes]
    header = Header(phone.key.device, phone.profile, sent_at=now_ms())
    here.carry(write_request(header, frames, phone.key.sign(statement(header.write(), items_of(frames)))))
