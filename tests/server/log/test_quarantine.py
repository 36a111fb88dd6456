"""What is in quarantine is tried again, handed on, and never lost; what still does not fit stays as it is."""

import base64
from collections.abc import Sequence

import pytest
from sqlalchemy import Connection

from server.consumers.documents import Documents
from server.consumers.running import Consumer, Follower
from server.errors import NotFound
from server.log.entries import Logged
from server.log.quarantine import Outcome, Released, exported, listed, release, release_what_has_its_course
from server.tables import Attempt, Course, LogEntry, Parcel, Parked, Quarantined, Survivor
from server.tables.ids import now_ms
from sync.client import Replica
from sync.events import Event, Verb
from sync.exchange import evidence_statement
from sync.identity import verify
from sync.log import Evidence
from sync.submissions import FIRST, Chain
from sync.wire import Frame, FrameKind
from tests.server.exchange.test_nothing_wedges import change_of, send_only
from tests.server.school import COURSE, NOW_S, School, attempt, study

NEW_COURSE = "safe-birth"


def tried(here: School, number: int, **consumers: Consumer) -> Outcome:
    with here.database.engine.execution_options(writing=True).begin() as connection:
        return release(
            connection,
            here.organisation.id,
            number,
            epoch=here.service.epoch,
            consumers=here.service.consumers | consumers,
        )


def numbers(here: School) -> list[int]:
    return [row.id for row in here.rows(Quarantined)]


def add_course(here: School) -> None:
    with here.database.writing() as session:
        session.add(Course(organisation_id=here.organisation.id, id=NEW_COURSE, title={"en": "Safe birth"}))


def test_work_in_a_course_that_comes_later_is_placed_by_itself_with_all_that_waited_for_it(here: School) -> None:
    phone = here.device(here.learner())
    phone.note(NEW_COURSE, "page", "n1", "first")
    phone.happened(NEW_COURSE, Event(Verb.READ, "page", NOW_S, 60))
    here.exchange(phone)
    assert {row.reason for row in here.rows(Quarantined)} == {"unknown_course"}
    phone.note(NEW_COURSE, "page", "n1", "second")
    later = phone.request(now_ms())

    add_course(here)
    here.carry(later)
    here.settle()

    assert (here.rows(Quarantined), here.rows(Parked)) == ([], [])
    assert [row.key for row in here.rows(Survivor)] == ["n/page/n1"]
    assert [day["events"] for day in here.service.analytics.daily(here.organisation.id)] == [1]
    parcels = {row.id for row in here.rows(Parcel)}
    assert {row.parcel_id for row in here.rows(LogEntry) if row.device_id} <= parcels, "each kept its evidence"


def test_what_waited_for_its_course_and_still_does_not_fit_says_why_and_is_not_tried_for_ever(here: School) -> None:
    phone = here.device(here.learner())
    copy = Replica(phone.key, phone.profile)
    copy.actor = phone.actor
    for writer, text in ((phone, "on the phone"), (copy, "on the copy")):
        writer.note(NEW_COURSE, "page", "n1", text)
        here.carry(writer.request(now_ms()))
    assert len(here.rows(Quarantined)) == 2
    add_course(here)
    here.settle()
    assert [row.reason for row in here.rows(Quarantined)] == ["actor_forked"]
    with here.database.engine.execution_options(writing=True).begin() as connection:
        assert not release_what_has_its_course(connection, epoch=here.service.epoch)
    assert len([row for row in here.rows(LogEntry) if row.device_id]) == 1


def test_items_may_be_released_in_any_order(here: School) -> None:
    phone = here.device(here.learner())
    for text in ("first", "second", "third"):
        phone.note(NEW_COURSE, "page", "n1", text)
        phone.commit(NOW_S)
    here.exchange(phone)
    here.service.stop()  # or it would do it first
    add_course(here)

    outcomes = [tried(here, number).released for number in reversed(numbers(here))]

    assert outcomes == [Released.PARKED, Released.PARKED, Released.PLACED]
    assert (here.rows(Quarantined), here.rows(Parked)) == ([], [])
    assert [row.seq for row in here.rows(LogEntry) if row.device_id] == [1, 2, 3]


def test_an_attempt_whose_chain_was_broken_counts_once_the_one_before_it_is_here(here: School) -> None:
    phone = here.device(here.learner())
    for number in (1, 2):
        phone.submit(attempt(number))
    records, hashes = phone.outbox.records, phone.outbox.hashes
    copy = Replica(phone.key, phone.profile)
    copy.submit(attempt(1, right=False))
    here.exchange(copy)
    send_only(here, phone, Frame(FrameKind.SUBMISSIONS, Chain(1, hashes[0], (records[1],)).write()))
    [number] = numbers(here)
    assert tried(here, number) == Outcome(Released.STAYS, "chain_broken")

    send_only(here, phone, Frame(FrameKind.SUBMISSIONS, Chain(0, FIRST, (records[0],)).write()))
    assert tried(here, number).released is Released.PLACED
    here.settle()
    assert sorted(row.number for row in here.rows(Attempt)) == [1, 1, 2]


def test_a_fork_stays_as_it_is_with_its_reason(here: School) -> None:
    phone = here.device(here.learner())
    copy = Replica(phone.key, phone.profile)
    copy.actor = phone.actor
    send_only(here, phone, change_of(phone, "on the phone"))
    send_only(here, copy, change_of(copy, "on the copy"))
    before = here.rows(Quarantined)

    assert tried(here, numbers(here)[0]) == Outcome(Released.STAYS, "actor_forked")

    assert here.rows(Quarantined) == before
    assert here.rows(Parked) == []


def test_what_cannot_be_read_stays_and_what_came_by_another_road_leaves(here: School) -> None:
    phone = here.device(here.learner())
    phone.outbox.changes[b"broken"] = (COURSE, FrameKind.PROGRESS, b"this is no change")
    phone.note(NEW_COURSE, "page", "n1", "first")
    here.exchange(phone)
    add_course(here)
    again = Replica(phone.key, phone.profile)
    [(_, document)] = [pair for pair in phone.documents.items() if pair[0][0] == NEW_COURSE]
    again.outbox.add_change(NEW_COURSE, FrameKind.PROGRESS, document.bodies[0])
    here.exchange(again)
    here.settle()

    [number] = numbers(here)
    assert tried(here, number) == Outcome(Released.STAYS, "malformed")
    assert len([row for row in here.rows(LogEntry) if row.device_id]) == 1
    assert [row.reason for row in here.rows(Quarantined)] == ["malformed"]


def test_an_item_that_nothing_can_be_made_of_holds_nobody_up(here: School) -> None:
    phone = here.device(here.learner())
    for name in ("n1", "n2", "n3"):
        phone.note(NEW_COURSE, "page", name, "first")
        here.exchange(phone)
    spoil = "UPDATE quarantined SET body = 'text where bytes belong' WHERE id = (SELECT max(id) FROM quarantined)"
    with here.database.writing() as session:
        session.connection().exec_driver_sql(spoil)
    add_course(here)

    here.settle()

    [spoilt] = here.rows(Quarantined)
    assert spoilt.reason.startswith("malformed")
    assert len([row for row in here.rows(LogEntry) if row.device_id]) == 2


class Stumbling:
    """A consumer that cannot take what it is given, as one with a fault cannot."""

    name = "documents"
    kinds = Documents.kinds

    def consume(self, connection: Connection, entries: Sequence[Logged]) -> None:
        raise ValueError("a fault of ours")


def test_what_a_consumer_could_not_take_is_given_to_it_again_once_it_is_mended(here: School) -> None:
    phone = here.device(here.learner())
    study(phone)
    here.exchange(phone)
    here.settle()
    with here.database.engine.execution_options(writing=True).begin() as connection:
        connection.exec_driver_sql("delete from survivor")
        connection.exec_driver_sql("delete from consumer_cursor where name = 'documents'")
        while Follower(Stumbling()).step(connection):
            pass
    assert {row.reason for row in here.rows(Quarantined)} == {"consumer_documents"}
    [still, *_] = numbers(here)
    assert tried(here, still, documents=Stumbling()) == Outcome(Released.STAYS, "consumer_documents: a fault of ours")

    assert {tried(here, number).released for number in numbers(here)} == {Released.PLACED}
    assert here.rows(Quarantined) == []
    assert {row.key.partition("/")[0] for row in here.rows(Survivor)} == {"s", "p", "w", "b", "n"}


def test_an_export_holds_the_bytes_and_proves_who_sent_them(here: School) -> None:
    phone = here.device(here.learner("Amina"))
    phone.note(NEW_COURSE, "page", "n1", "still mine")
    here.exchange(phone)
    with here.database.engine.connect() as connection:
        [row] = listed(connection, here.organisation.id)
        fields = exported(connection, row)
    assert (row.learner_name, fields["reason"], fields["course"]) == ("Amina", "unknown_course", NEW_COURSE)
    assert b"still mine" in base64.b64decode(fields["body"])
    evidence = Evidence(**{name: base64.b64decode(text) for name, text in fields["evidence"].items()})
    verify(phone.key.public_key, evidence.signature, evidence_statement(evidence))


def test_another_organisations_items_are_not_there(here: School) -> None:
    phone = here.device(here.learner())
    phone.note(NEW_COURSE, "page", "n1", "still mine")
    here.exchange(phone)
    [number] = numbers(here)
    with here.database.engine.connect() as connection:
        assert listed(connection, "elsewhere") == []
    with (
        pytest.raises(NotFound, match="tiffin quarantine list"),
        here.database.engine.execution_options(writing=True).begin() as connection,
    ):
        release(connection, "elsewhere", number, epoch=here.service.epoch, consumers={})
    assert numbers(here) == [number]
