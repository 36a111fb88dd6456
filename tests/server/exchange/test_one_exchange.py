"""One request and one reply: what comes home, what comes back, and what repeating it changes."""

import json
import secrets
from contextlib import suppress
from dataclasses import replace

import pytest

from server.exchange.service import AT_ONCE_BYTES_MAX
from server.tables import Attempt, ConflictRecord, DeviceContact, LogEntry, Parcel, Quarantined, Survivor
from server.tables.ids import now_ms
from sync.errors import BadSignature, Malformed, RevokedDevice, SyncError, Truncated, UnknownDevice
from sync.events import Event, Verb
from sync.identity import DeviceKey
from sync.wire import FrameKind, read_reply, read_request
from tests.server.school import COURSE, NOW_S, School, attempt, study


def test_everything_comes_home_and_the_grade_comes_back_in_one_round_trip(here: School) -> None:
    phone = here.device(here.learner())
    study(phone)
    phone.submit(attempt())
    phone.happened(COURSE, Event(Verb.PLAYED, "lecture", NOW_S, 120))

    reply = here.exchange(phone)

    assert phone.outbox.is_empty
    assert not reply.verdicts
    assert [(grade["score"], grade["max"], grade["passed"]) for grade in phone.grades] == [(2000, 2000, True)]
    kinds = [FrameKind(row.kind) for row in here.rows(LogEntry) if row.device_id]
    assert kinds == [FrameKind.SUBMISSIONS, FrameKind.MILESTONES, FrameKind.PROGRESS, FrameKind.EVENTS], "tier order"


def test_repeating_an_exchange_changes_nothing(here: School) -> None:
    phone = here.device(here.learner())
    study(phone)
    phone.submit(attempt())
    request = phone.request(now_ms())
    here.carry(request)
    here.settle()
    before = [here.rows(model) for model in (LogEntry, Attempt, Survivor, ConflictRecord, Parcel)]

    for _ in range(3):
        here.carry(request)
    here.settle()

    assert [here.rows(model) for model in (LogEntry, Attempt, Survivor, ConflictRecord, Parcel)] == before


def test_a_lost_reply_costs_a_repeat_and_nothing_else(here: School) -> None:
    phone = here.device(here.learner())
    study(phone)
    phone.submit(attempt())
    phone.happened(COURSE, Event(Verb.OPENED, "lecture", NOW_S, 0))
    here.carry(phone.request(now_ms()))  # the reply never arrives

    phone.bookmark(COURSE, "lecture", 77)
    phone.submit(attempt(2))
    phone.happened(COURSE, Event(Verb.PLAYED, "lecture", NOW_S + 5, 60))
    here.exchange(phone)
    here.settle()

    assert phone.outbox.is_empty
    assert [row.number for row in here.rows(Attempt)] == [1, 2]
    assert len(phone.grades) == 2
    assert [
        (day["verb"].rpartition("/")[2], day["events"]) for day in here.service.analytics.daily(here.organisation.id)
    ] == [("opened", 1), ("played", 1)]


def test_nothing_new_is_a_short_exchange_that_leaves_no_trace_in_the_log(here: School) -> None:
    phone = here.device(here.learner())
    study(phone)
    here.exchange(phone)
    before = here.rows(LogEntry)

    request = phone.request(now_ms())
    reply = here.carry(request)

    assert here.rows(LogEntry) == before
    assert (len(request), len(reply)) < (130, 40)


def test_a_request_cut_at_any_byte_is_refused_and_nothing_of_it_is_kept(here: School) -> None:
    phone = here.device(here.learner())
    study(phone)
    phone.submit(attempt())
    request = phone.request(now_ms())

    for end in range(len(request)):
        with pytest.raises((Truncated, Malformed, BadSignature)):
            here.carry(request[:end])

    assert here.rows(LogEntry) == []
    assert here.carry(request)


def test_one_changed_bit_anywhere_is_refused_or_says_the_very_same(here: School) -> None:
    """DEFLATE can spell one payload in several ways; what it says is what is signed."""
    phone = here.device(here.learner())
    phone.submit(attempt())
    request = phone.request(now_ms())

    for place in range(8 * len(request)):
        forged = bytearray(request)
        forged[place // 8] ^= 1 << place % 8
        with suppress(SyncError):
            here.carry(bytes(forged))
            assert read_request(bytes(forged)) == read_request(request)

    assert [row.body for row in here.rows(LogEntry) if row.device_id] in ([], [attempt().write()])


def test_a_device_that_never_joined_is_told_so(here: School) -> None:
    stranger = here.device(here.learner())
    stranger.key = DeviceKey.generate()
    with pytest.raises(UnknownDevice, match="Join with a code"):
        here.exchange(stranger)


def test_a_device_cannot_speak_for_another_profile(here: School) -> None:
    phone = here.device(here.learner())
    phone.profile = 2
    with pytest.raises(UnknownDevice):
        here.exchange(phone)


def test_a_revoked_device_is_told_whom_to_ask(here: School) -> None:
    phone = here.device(here.learner())
    here.exchange(phone)
    with here.database.engine.execution_options(writing=True).begin() as connection:
        connection.exec_driver_sql("update device set revoked_ms = 1")
    here.service.devices.forget()
    with pytest.raises(RevokedDevice, match="trainer"):
        here.exchange(phone)


def test_what_is_said_to_a_course_reaches_its_learners_and_nobody_else(here: School) -> None:
    amina, other = here.learner("Amina"), here.learner("Grace")
    phone = here.device(amina)
    words = json.dumps({"course": "another-course", "number": 1}).encode()
    mine = json.dumps({"course": COURSE, "number": 2}).encode()
    here.service.append(organisation=here.organisation.id, kind=FrameKind.RELEASE, body=words, course="another-course")
    here.service.append(organisation=here.organisation.id, kind=FrameKind.RELEASE, body=mine, course=COURSE)
    here.service.append(
        organisation=here.organisation.id, kind=FrameKind.MESSAGE, body=b'{"text":"Well done"}', learner=other.id
    ).result()

    reply = here.exchange(phone)

    assert [frame.content for frame in reply.frames] == [mine]
    assert here.exchange(phone).frames == ()


def test_a_contact_tells_what_waits_on_the_device_and_what_it_holds(here: School) -> None:
    phone = here.device(here.learner())
    phone.status = {"app": "0.1.0", "releases": {COURSE: 1}, "stored": 5_000, "quota": 9_000, "language": "ar"}
    here.exchange(phone)
    [contact] = here.rows(DeviceContact)
    assert (contact.app, contact.releases, contact.stored_bytes, contact.language) == (
        "0.1.0",
        {COURSE: 1},
        5_000,
        "ar",
    )
    assert contact.received_bytes > 100


def test_an_unreadable_attempt_is_kept_for_a_person(here: School) -> None:
    phone = here.device(here.learner())
    phone.outbox.seal(b"\xff not json")
    phone.outbox.seal(b'{"course":"water-and-health"}')
    phone.submit(attempt())
    here.exchange(phone)
    states = {row.state.value: row.reason for row in here.rows(Attempt)}
    assert set(states) == {"review", "graded"}
    assert len(here.rows(Attempt)) == 3
    assert phone.outbox.is_empty


def test_an_attempt_at_a_quiz_that_nobody_knows_goes_to_a_person(here: School) -> None:
    phone = here.device(here.learner())
    phone.submit(replace(attempt(), activity="no-such-quiz"))
    here.exchange(phone)
    [row] = here.rows(Attempt)
    assert (row.state.value, row.reason) == ("review", "no such quiz in this release")


def test_bytes_that_cannot_be_read_are_quarantined_and_the_rest_is_taken(here: School) -> None:
    phone = here.device(here.learner())
    study(phone)
    phone.outbox.changes[b"broken"] = (COURSE, FrameKind.PROGRESS, b"this is no change")
    phone.submit(attempt())

    request = phone.request(now_ms())
    reply = here.carry(request)

    assert [verdict.reason for verdict in read_reply(reply).verdicts] == ["malformed"]
    [kept] = here.rows(Quarantined)
    assert kept.body.endswith(b"this is no change")
    assert len(here.rows(Attempt)) == 1


def test_a_large_request_and_a_large_reply_are_as_good_as_small_ones(here: School) -> None:
    amina = here.learner()
    first, second = here.device(amina), here.device(amina)
    for name in ("one", "two", "three"):
        first.note(COURSE, "lecture", name, secrets.token_urlsafe(AT_ONCE_BYTES_MAX // 3 + 1_000))
    assert len(first.request(now_ms())) > AT_ONCE_BYTES_MAX

    assert not here.exchange(first).verdicts
    here.exchange(second)

    assert [document.heads for document in second.documents.values()] == [
        document.heads for document in first.documents.values()
    ]
