"""The reference client by itself: what a learner did, she sees at once, and nothing of it replaces the rest."""

import json

import pytest

from conflict.rules import LessonState
from sync.client import Replica
from sync.client.outbox import EVENTS_KEPT
from sync.events import Batch, Event, Verb
from sync.identity import DeviceKey
from sync.submissions import Submission
from sync.wire import FrameKind, read_request

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


def happenings(first: int, count: int) -> list[Event]:
    return [Event(Verb.OPENED, "lecture", 1_790_000_000 + number, 0) for number in range(first, first + count)]


def test_events_alone_make_room_the_oldest_first_and_what_went_is_counted(phone: Replica) -> None:
    phone.submit(Submission(COURSE, "exam", 1, 1, 1, 2, {"q1": "a"}))
    for event in happenings(0, EVENTS_KEPT + 3):
        phone.happened(COURSE, event)
    request = read_request(phone.request(1_790_000_000_000))
    frames = {frame.kind: frame for frame in reversed(request.frames)}
    assert Batch.read(frames[FrameKind.EVENTS].content).first == 3
    assert len(frames[FrameKind.SUBMISSIONS].chain.records) == 1
    assert json.loads(frames[FrameKind.STATUS].content) == {"dropped": 3}


def test_who_dropped_nothing_says_nothing_of_it(phone: Replica) -> None:
    for event in happenings(0, EVENTS_KEPT):
        phone.happened(COURSE, event)
    phone.outbox.acknowledge_events(EVENTS_KEPT)
    for event in happenings(EVENTS_KEPT, EVENTS_KEPT):
        phone.happened(COURSE, event)
    kinds = {frame.kind for frame in read_request(phone.request(1_790_000_000_000)).frames}
    assert kinds == {FrameKind.EVENTS}, "the oldest of those that are left out had arrived"
