"""The reference client by itself: what a learner did, she sees at once, and nothing of it replaces the rest."""

import pytest

from conflict.rules import LessonState
from sync.client import Replica
from sync.identity import DeviceKey

COURSE = "water-and-health"


@pytest.fixture
def phone() -> Replica:
    return Replica(DeviceKey.generate(), 1)


def test_what_was_just_done_is_read_before_any_exchange(phone: Replica) -> None:
    phone.note(COURSE, "lecture", "n1", "Boil")
    phone.bookmark(COURSE, "lecture", 42)
    assert phone.read(COURSE, "n/lecture/n1").value == ("Boil",)
    phone.bookmark(COURSE, "lecture", 42, on=False)
    assert phone.read(COURSE, "b/lecture/42").value is None


def test_two_stretches_watched_between_exchanges_are_both_kept(phone: Replica) -> None:
    phone.watch(COURSE, "lecture", [(0, 30)])
    phone.watch(COURSE, "lecture", [(60, 90)])
    phone.commit(1)
    assert phone.read(COURSE, "w/lecture").value == ((0, 30), (60, 90))


def test_opening_a_finished_lesson_again_before_the_exchange_takes_nothing_back(phone: Replica) -> None:
    phone.reach(COURSE, "lecture", LessonState.COMPLETED)
    phone.reach(COURSE, "lecture", LessonState.IN_PROGRESS)
    phone.commit(1)
    assert phone.read(COURSE, "s/lecture").value == LessonState.COMPLETED
