"""What a lost phone wrote is brought by her other phone, where the server lost it too: the last that holds it."""

import pytest

from server.tables import LogEntry, Parked, Quarantined
from sync.client import Replica
from tests.server.exchange.test_late_replies import lose
from tests.server.school import COURSE, School


@pytest.fixture
def phones(here: School) -> tuple[Replica, Replica]:
    """One that wrote a note, and her sister's, on which she went on with it."""
    amina = here.learner()
    first, second = here.device(amina), here.device(amina)
    first.note(COURSE, "lecture", "n1", "Boil")
    here.exchange(first)
    here.exchange(second)
    return first, second


def everyone_reads(here: School, phone: Replica, note: str) -> tuple[str, ...]:
    """What a phone reads, and what one that knows nothing is told."""
    fresh = Replica(phone.key, phone.profile)
    fresh.send_mine = True
    for replica in (phone, fresh):
        here.exchange(replica)
    assert fresh.read(COURSE, f"n/lecture/{note}").value == phone.read(COURSE, f"n/lecture/{note}").value
    return tuple(sorted(fresh.read(COURSE, f"n/lecture/{note}").value))


def test_a_restored_server_gets_it_from_the_phone_that_had_only_read_it(
    here: School, phones: tuple[Replica, Replica]
) -> None:
    _, second = phones
    lose(here)

    here.exchange(second)  # it meets another epoch
    here.exchange(second)

    assert everyone_reads(here, second, "n1") == ("Boil",)
    assert second.outbox.is_empty


def test_a_server_that_does_not_know_what_it_lost_gets_it_with_what_builds_on_it(
    here: School, phones: tuple[Replica, Replica]
) -> None:
    _, second = phones
    lose(here, epoch=here.service.epoch)
    second.note(COURSE, "lecture", "n1", "Boil for one minute")

    reply = here.exchange(second)
    assert [one.reason for one in reply.verdicts] == ["missing_dependencies"]
    here.exchange(second)

    assert here.rows(Parked) == []
    assert everyone_reads(here, second, "n1") == ("Boil for one minute",)


def test_the_phone_that_wrote_it_comes_back_and_goes_on_under_its_own_name(
    here: School, phones: tuple[Replica, Replica]
) -> None:
    first, second = phones
    lose(here)
    for _ in range(2):
        here.exchange(second)
    actor = first.actor
    first.note(COURSE, "lecture", "n1", "Boil, then cool")
    for _ in range(2):
        here.exchange(first)

    assert first.actor == actor
    assert here.rows(Quarantined) == []
    assert len([row for row in here.rows(LogEntry) if row.actor]) == 2, "nothing is there twice"
    assert everyone_reads(here, second, "n1") == ("Boil, then cool",)


def test_where_its_place_was_taken_meanwhile_it_is_written_again_with_what_builds_on_it(
    here: School, phones: tuple[Replica, Replica]
) -> None:
    """The server is set back, and so is the phone, which then writes something else in the lost change's place."""
    first, second = phones
    set_back = Replica(first.key, first.profile)
    set_back.actor = first.actor
    set_back.send_mine = True
    here.exchange(set_back)
    upto = max(row.position for row in here.rows(LogEntry))
    first.note(COURSE, "lecture", "n2", "lost with the phone")
    here.exchange(first)
    here.exchange(second)
    second.note(COURSE, "lecture", "n2", "lost with the phone, and more")
    lose(here, positions_from=upto + 1)
    set_back.note(COURSE, "lecture", "n3", "in its place")
    for _ in range(2):
        here.exchange(set_back)

    before = second.actor
    for _ in range(3):
        here.exchange(second)

    assert second.actor != before
    assert second.outbox.is_empty
    assert here.rows(Parked) == []
    assert everyone_reads(here, second, "n1") == ("Boil",)
    assert everyone_reads(here, second, "n2") == ("lost with the phone, and more",)
    assert everyone_reads(here, second, "n3") == ("in its place",)
