"""Phones whose disk was copied or set back: they are found out, and neither lose work nor undo another's."""

from copy import deepcopy
from itertools import permutations

import pytest

from conflict.rules import LessonState
from server.tables.ids import now_ms
from sync.client import Replica
from sync.wire import DOCUMENTS
from tests.server.school import COURSE, School


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


def notes_of(replica: Replica, count: int) -> list[object]:
    return [replica.read(COURSE, f"n/lecture/n{place}").value for place in range(count)]


def test_what_one_of_two_copies_writes_reaches_the_other_that_writes_nothing(here: School) -> None:
    phone = here.device(here.learner())
    phone.note(COURSE, "lecture", "n0", "before the copy was made")
    here.exchange(phone)
    copy = copy_of(phone)
    copy.note(COURSE, "lecture", "n1", "on the copy")
    copy.reach(COURSE, "lecture", LessonState.COMPLETED)

    here.exchange(copy)
    here.exchange(phone)

    assert notes_of(phone, 2) == [("before the copy was made",), ("on the copy",)]
    assert phone.read(COURSE, "s/lecture").value == LessonState.COMPLETED


@pytest.mark.parametrize("order", sorted(set(permutations([0, 0, 1, 1]))))
def test_two_copies_that_both_go_on_agree_in_whatever_order_they_come(here: School, order: tuple[int, ...]) -> None:
    """Each writes before each of its exchanges; one of them forks, and becomes another actor of the same phone."""
    phone = here.device(here.learner())
    phone.note(COURSE, "lecture", "n9", "before the copy was made")
    here.exchange(phone)
    twins = (phone, copy_of(phone))
    for place, which in enumerate(order):
        twins[which].note(COURSE, "lecture", f"n{place}", f"written by {which}")
        here.exchange(twins[which])

    for twin in (*twins, *twins):
        here.exchange(twin)

    said = [(f"written by {which}",) for which in order]
    assert [notes_of(twin, len(order)) for twin in twins] == [said, said]
    assert all(twin.outbox.is_empty for twin in twins)


def test_what_a_phone_has_just_sent_is_not_sent_back_even_when_the_reply_was_lost(here: School) -> None:
    phone = here.device(here.learner())
    phone.note(COURSE, "lecture", "n0", "sent twice")
    lost = phone.request(now_ms())
    here.carry(lost)

    reply = here.exchange(phone)

    assert [frame for frame in reply.frames if frame.kind in DOCUMENTS] == []
    assert phone.outbox.is_empty
