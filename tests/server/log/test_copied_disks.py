"""Phones whose disk was copied or set back: they are found out, and neither lose work nor undo another's."""

from copy import deepcopy

from conflict.rules import LessonState
from sync.client import Replica
from tests.server.log.school import COURSE, School


def copy_of(phone: Replica) -> Replica:
    return deepcopy(phone, {id(phone.key): phone.key})


def test_what_a_copy_writes_again_replaces_nothing_that_it_had_not_seen(here: School) -> None:
    amina = here.learner()
    phone, tablet = here.device(amina), here.device(amina)
    copy = copy_of(phone)
    phone.reach(COURSE, "page", LessonState.IN_PROGRESS)
    here.exchange(phone)
    tablet.reach(COURSE, "lecture", LessonState.COMPLETED)
    tablet.note(COURSE, "lecture", "n1", "on the tablet")
    here.exchange(tablet)
    copy.reach(COURSE, "lecture", LessonState.IN_PROGRESS)
    copy.note(COURSE, "lecture", "n1", "on the copy")

    for replica in (copy, copy, tablet):
        here.exchange(replica)

    for replica in (copy, tablet):
        assert replica.read(COURSE, "s/lecture").value == LessonState.COMPLETED
        assert set(replica.read(COURSE, "n/lecture/n1").value) == {"on the tablet", "on the copy"}


def test_a_phone_that_was_set_back_takes_what_another_built_on_its_forgotten_work(here: School) -> None:
    amina = here.learner()
    phone, tablet = here.device(amina), here.device(amina)
    copy = copy_of(phone)
    phone.note(COURSE, "lecture", "n1", "Boil")
    here.exchange(phone)
    here.exchange(tablet)
    tablet.note(COURSE, "lecture", "n1", "Boil for one minute")
    here.exchange(tablet)

    here.exchange(copy)
    here.exchange(copy)

    assert copy.read(COURSE, "n/lecture/n1").value == ("Boil for one minute",)
