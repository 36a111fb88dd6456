"""A learner begins the first page of two courses before one exchange: the same bytes twice, and two facts."""

from conflict.rules import LessonState
from server.tables import Course, Enrolment, LogEntry
from sync.client import Replica
from sync.wire import FrameKind
from tests.server.log.school import COURSE, School

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
