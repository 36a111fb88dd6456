"""Whatever came too early is placed once what it builds on has come, by whatever road and from whatever phone."""

import pytest

from conflict.rules import fold
from server.consumers.documents import survivor_of
from server.tables import Attempt, LogEntry, Parcel, Parked, Quarantined, Survivor
from server.tables.ids import now_ms
from sync.client import Replica
from sync.codec import decode
from sync.exchange import evidence_statement
from sync.identity import verify
from sync.log import Evidence
from sync.submissions import FIRST, Chain
from sync.wire import Frame, FrameKind, Header, Reply, Verdict, items_of, read_reply, statement, write_request
from tests.server.school import COURSE, NOW_S, School, attempt, study


def note_on_server(here: School, note: str) -> object:
    key = f"n/lecture/{note}"
    return fold(key, [survivor_of(row) for row in here.rows(Survivor) if row.key == key]).value


def send_only(here: School, replica: Replica, *frames: Frame) -> Reply:
    """Some of what a device holds, signed by it, as a carrier brings it that was given no more."""
    header = Header(replica.key.device, replica.profile, sent_at=now_ms())
    signature = replica.key.sign(statement(header.write(), items_of(frames)))
    return read_reply(here.carry(write_request(header, frames, signature)))


def change_of(replica: Replica, text: str, note: str = "n1") -> Frame:
    """A change that the replica wrote now, as a frame; it leaves the outbox."""
    replica.note(COURSE, "lecture", note, text)
    replica.commit(NOW_S)
    [(course, kind, body)] = replica.outbox.changes.values()
    replica.outbox.acknowledge_change(course, body)
    return Frame(kind, bytes((len(course),)) + course.encode() + body)


def test_what_waits_for_another_phone_is_placed_when_that_phone_comes(here: School) -> None:
    amina = here.learner()
    first, second = here.device(amina), here.device(amina)
    begun = change_of(first, "Boil")
    second.document(COURSE, FrameKind.PROGRESS).apply(begun.content[1 + len(COURSE) :])
    went_on = change_of(second, "Boil for one minute")

    reply = send_only(here, second, went_on)
    assert [one.verdict for one in reply.verdicts] == [Verdict.PARKED]
    send_only(here, first, begun)
    here.settle()

    assert here.rows(Parked) == []
    assert note_on_server(here, "n1") == ("Boil for one minute",)
    placed = next(row for row in here.rows(LogEntry) if row.device_id == second.key.device.hex())
    parcel = next(row for row in here.rows(Parcel) if row.id == placed.parcel_id)
    signed = evidence_statement(Evidence(parcel.header, parcel.items, parcel.signature))
    verify(second.key.public_key, parcel.signature, signed)  # its own evidence went with it
    assert went_on.digest in parcel.items


def test_what_waits_for_one_of_several_is_placed_by_an_exchange_that_brings_nothing_else(here: School) -> None:
    """The change builds on one that the log has had for long, and on one that comes alone from elsewhere."""
    amina = here.learner()
    first, second = here.device(amina), here.device(amina)
    send_only(here, second, change_of(second, "mine", "n2"))
    begun = change_of(first, "Boil")
    second.document(COURSE, FrameKind.PROGRESS).apply(begun.content[1 + len(COURSE) :])
    joined = change_of(second, "both seen", "n2")
    assert len(decode(joined.content[1 + len(COURSE) :]).deps) == 2

    send_only(here, second, joined)
    send_only(here, first, begun)
    here.settle()

    assert here.rows(Parked) == []
    assert note_on_server(here, "n2") == ("both seen",)


@pytest.mark.parametrize("order", [(2, 1, 0), (2, 0, 1), (1, 2, 0), (1, 0, 2), (0, 2, 1)])
def test_three_changes_in_any_order_end_as_one_document(here: School, order: tuple[int, ...]) -> None:
    phone = here.device(here.learner())
    frames = [change_of(phone, text) for text in ("first", "second", "third")]
    for place in order:
        send_only(here, phone, frames[place])
    here.settle()
    assert here.rows(Parked) == []
    assert note_on_server(here, "n1") == ("third",)
    assert [row.seq for row in here.rows(LogEntry) if row.device_id] == [1, 2, 3]


def test_what_is_offered_again_while_it_waits_is_kept_once(here: School) -> None:
    phone = here.device(here.learner())
    frames = [change_of(phone, text) for text in ("first", "second")]
    send_only(here, phone, frames[1])
    send_only(here, phone, frames[1])
    assert len(here.rows(Parked)) == 1
    send_only(here, phone, *frames)
    assert (len(here.rows(Parked)), len([row for row in here.rows(LogEntry) if row.device_id])) == (0, 2)


def test_an_attempt_whose_chain_has_a_gap_waits_and_is_graded_once_the_gap_is_filled(here: School) -> None:
    phone = here.device(here.learner())
    for number in (1, 2):
        phone.submit(attempt(number))
    records, hashes = phone.outbox.records, phone.outbox.hashes
    later = Frame(FrameKind.SUBMISSIONS, Chain(1, hashes[0], (records[1],)).write())

    reply = send_only(here, phone, later)
    assert [(one.verdict, one.reason) for one in reply.verdicts] == [(Verdict.PARKED, "missing_dependencies")]
    here.settle()
    assert here.rows(Attempt) == []

    send_only(here, phone, Frame(FrameKind.SUBMISSIONS, Chain(0, FIRST, (records[0],)).write()))
    here.settle()
    assert [(row.number, row.state.value) for row in here.rows(Attempt)] == [(1, "graded"), (2, "graded")]
    assert here.rows(Parked) == []


def test_an_attempt_that_follows_one_that_nobody_has_is_kept_for_a_person(here: School) -> None:
    phone = here.device(here.learner())
    phone.submit(attempt())
    here.exchange(phone)
    stray = Frame(FrameKind.SUBMISSIONS, Chain(1, b"?" * 32, (attempt(2).write(),)).write())
    reply = send_only(here, phone, stray)
    assert [one.reason for one in reply.verdicts] == ["chain_broken"]
    [kept] = here.rows(Quarantined)
    assert (kept.seq, kept.previous, kept.body) == (1, b"?" * 32, attempt(2).write())


def test_what_was_written_on_top_of_a_fork_does_not_wait_for_it(here: School) -> None:
    """A copy of a phone wrote twice before it came: neither change can be placed, both are written again."""
    amina = here.learner()
    phone = here.device(amina)
    study(phone)
    copy = Replica(phone.key, phone.profile)
    copy.actor = phone.actor
    here.exchange(phone)
    copy.note(COURSE, "lecture", "n2", "on the copy")
    copy.commit(NOW_S)
    copy.note(COURSE, "lecture", "n3", "on the copy, later")

    reply = here.exchange(copy)
    assert {one.reason for one in reply.verdicts} == {"actor_forked"}
    assert here.rows(Parked) == []
    here.exchange(copy)
    here.settle()
    assert (note_on_server(here, "n2"), note_on_server(here, "n3")) == (("on the copy",), ("on the copy, later",))
    assert copy.outbox.is_empty


def test_what_can_never_be_placed_stops_waiting_and_is_shown(here: School) -> None:
    """The place for which a change waited was taken by another change of the same actor: by a copy of the phone."""
    amina = here.learner()
    phone = here.device(amina)
    copy = Replica(phone.key, phone.profile)
    copy.actor = phone.actor
    change_of(copy, "never arrives")
    waits = change_of(copy, "builds on it")
    send_only(here, copy, waits)
    assert len(here.rows(Parked)) == 1
    for text in ("first", "second"):
        send_only(here, phone, change_of(phone, text))
    assert here.rows(Parked) == []
    [kept] = here.rows(Quarantined)
    assert (kept.reason, kept.body) == ("actor_forked", waits.content[1 + len(COURSE) :])
