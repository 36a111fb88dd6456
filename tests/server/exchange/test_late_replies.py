"""Several requests of one phone are on their way at once, by network and in files; replies come late, or never."""

from hashlib import sha256

from server.tables import Attempt, LogEntry, Parked
from server.tables.ids import now_ms
from sync.client import Replica
from sync.events import Event, Verb
from sync.wire import FrameKind
from tests.server.school import COURSE, NOW_S, School, attempt, study

TABLES_OF_A_LIFE = ("log_entry", "parcel", "attempt", "survivor", "consumer_cursor", "parked")


def lose(here: School, *, positions_from: int = 0, epoch: bytes = b"restored") -> None:
    """What a restore takes away: everything in the log from a position on, and what was made of all of it."""
    with here.database.engine.execution_options(writing=True).begin() as connection:
        for table in TABLES_OF_A_LIFE[1:]:
            connection.exec_driver_sql(f"delete from {table}")  # noqa: S608
        connection.exec_driver_sql(f"delete from log_entry where position >= {positions_from}")  # noqa: S608
    here.service.epoch = epoch


def test_a_reply_that_comes_after_newer_ones_takes_nothing_back_and_leaves_nothing_out(here: School) -> None:
    amina = here.learner()
    phone, tablet = here.device(amina), here.device(amina)
    study(phone)
    carried = phone.request(now_ms())
    phone.submit(attempt())
    tablet.note(COURSE, "lecture", "n2", "from the tablet")
    here.exchange(tablet)
    late = here.carry(carried)

    here.exchange(phone)
    cursor = phone.cursor
    phone.bookmark(COURSE, "lecture", 99)
    phone.accept(late, sha256(carried).digest())

    assert phone.cursor == cursor
    assert not phone.outbox.is_empty or phone.has_unwritten
    assert phone.read(COURSE, "n/lecture/n2").value == ("from the tablet",)
    here.exchange(phone)
    here.settle()
    assert len(here.rows(Attempt)) == 1
    assert phone.outbox.is_empty


def test_what_a_carried_request_held_is_acknowledged_by_its_own_reply_alone(here: School) -> None:
    phone = here.device(here.learner())
    phone.note(COURSE, "lecture", "n1", "carried")
    carried = phone.request(now_ms())
    reply = here.carry(carried)
    phone.note(COURSE, "lecture", "n1", "written since")
    phone.request(now_ms())  # by network, and lost on the way

    phone.accept(reply, sha256(carried).digest())

    assert len(phone.outbox.changes) == 1, "the newer change is still to be sent"
    here.exchange(phone)
    assert [row.seq for row in here.rows(LogEntry) if row.device_id] == [1, 2]


def test_a_reply_of_a_life_that_the_log_has_left_behind_acknowledges_nothing(here: School) -> None:
    phone = here.device(here.learner())
    here.exchange(phone)
    study(phone)
    carried = phone.request(now_ms())
    reply = here.carry(carried)
    lose(here)
    here.exchange(phone)

    phone.accept(reply, sha256(carried).digest())
    here.exchange(phone)

    assert phone.epoch == b"restored"
    kinds = {row.kind for row in here.rows(LogEntry) if row.device_id}
    assert kinds == {FrameKind.MILESTONES, FrameKind.PROGRESS}


def test_a_server_that_lost_what_a_change_builds_on_and_does_not_know_it_is_offered_all_of_it(here: School) -> None:
    """A copy of the home was put back by hand, so the epoch is the same: only the parked change tells."""
    phone = here.device(here.learner())
    phone.note(COURSE, "lecture", "n1", "first")
    phone.submit(attempt())
    here.exchange(phone)
    lose(here, epoch=here.service.epoch)
    phone.note(COURSE, "lecture", "n1", "second")
    phone.submit(attempt(2))

    reply = here.exchange(phone)
    assert {one.reason for one in reply.verdicts} == {"missing_dependencies"}
    here.exchange(phone)
    here.settle()

    assert here.rows(Parked) == []
    assert phone.outbox.is_empty
    assert sorted(row.number for row in here.rows(Attempt)) == [1, 2]


def test_a_phone_that_once_forked_offers_a_restored_server_what_it_wrote_under_both_names(here: School) -> None:
    amina = here.learner()
    phone = here.device(amina)
    copy = Replica(phone.key, phone.profile)
    copy.actor = phone.actor
    phone.note(COURSE, "lecture", "n1", "first")
    here.exchange(phone)
    copy.note(COURSE, "lecture", "n2", "on the copy")
    for _ in range(3):
        here.exchange(copy)
    lose(here)

    for _ in range(2):
        here.exchange(copy)
    fresh = here.device(amina)
    here.exchange(fresh)

    assert fresh.read(COURSE, "n/lecture/n1").value == ("first",)
    assert fresh.read(COURSE, "n/lecture/n2").value == ("on the copy",)
    assert here.rows(Parked) == []


def test_a_restored_server_is_offered_events_again_and_counts_each_once(here: School) -> None:
    phone = here.device(here.learner())
    for minute in range(3):
        phone.happened(COURSE, Event(Verb.PLAYED, "lecture", NOW_S + 60 * minute, 60))
        here.exchange(phone)
    here.settle()
    lose(here)

    here.exchange(phone)
    here.exchange(phone)
    here.settle()

    assert [day["events"] for day in here.service.analytics.daily(here.organisation.id)] == [3]
    assert [row.kind for row in here.rows(LogEntry) if row.device_id] == [FrameKind.EVENTS]
