"""Events come last and may stay away: which file they go to, and how many no phone had room for."""

import sqlite3
from datetime import UTC, datetime

import pytest

from server.reports import devices
from server.reports.devices import Question
from server.reports.paging import PageAsked
from server.shapes.administration import DeviceFilter
from server.tables import Quarantined
from server.tables.ids import now_ms
from server.xapi.paging import StatementQuery, find
from sync.client.outbox import EVENTS_KEPT
from sync.events import Event, Verb
from tests.server.school import COURSE, NOW_S, School, attempt


def test_what_a_phone_dropped_is_counted_once_however_often_it_says_so(here: School) -> None:
    phone = here.device(here.learner())
    for second in range(EVENTS_KEPT + 2):
        phone.happened(COURSE, Event(Verb.OPENED, "lecture", NOW_S + second, 0))
    earlier = phone.request(now_ms())
    phone.happened(COURSE, Event(Verb.OPENED, "exam", NOW_S, 0))
    here.exchange(phone)
    here.carry(earlier)  # by file, after the later one
    with here.database.reading() as session:
        asked = Question(show=DeviceFilter.DROPPING)
        [row] = devices.page(session, here.organisation.id, asked, PageAsked(0, 10)).items
    assert row.events_dropped == 3


def this_month() -> str:
    return f"{datetime.now(UTC):%Y-%m}"


def test_a_phone_that_lies_about_its_days_makes_no_file_of_days_that_cannot_be(here: School) -> None:
    phone = here.device(here.learner())
    for started in (0, 1_000_000_000, 4_000_000_000):  # 1970, 2001, 2096
        phone.happened(COURSE, Event(Verb.OPENED, "lecture", started, 0))
    around = [this_month()]
    here.exchange(phone)
    here.settle()
    around.append(this_month())
    first, last = [path.stem for path in here.service.analytics.months()]
    assert first == "2020-01"
    assert last in around
    assert sum(day["events"] for day in here.service.analytics.daily(here.organisation.id)) == 3


def stored(here: School) -> list[tuple[str, str, int]]:
    """Every statement: its id, its verb, and when it was stored."""
    here.settle()
    found = find(here.service.analytics, StatementQuery(here.organisation.id, limit=100, ascending=True))
    return [(row["statement"], row["verb"], row["stored_ms"]) for row in found.rows]


def test_what_comes_again_among_new_events_stays_as_it_was_stored(here: School) -> None:
    phone = here.device(here.learner())
    for second in range(2):
        phone.happened(COURSE, Event(Verb.OPENED, "lecture", NOW_S + second, 0))
    here.carry(phone.request(now_ms()))  # its reply is lost
    before = stored(here)
    phone.happened(COURSE, Event(Verb.OPENED, "exam", NOW_S, 0))
    here.exchange(phone)
    assert (len(before), len(stored(here))) == (2, 3)
    assert set(before) < set(stored(here))


def test_a_grade_that_was_not_given_is_no_statement(here: School) -> None:
    """Two attempts count; the third is over the limit, and its learner is told so."""
    phone = here.device(here.learner())
    for number in range(1, 4):
        phone.submit(attempt(number))
    here.exchange(phone)
    assert len(stored(here)) == 2
    here.exchange(phone)
    assert [grade["state"] for grade in phone.grades] == ["graded", "graded", "excess"]


def test_events_wait_for_a_disk_that_takes_them_and_are_not_set_aside(here: School) -> None:
    in_the_way = here.service.analytics.folder / "2020-09.db"
    in_the_way.mkdir()
    phone = here.device(here.learner())
    phone.happened(COURSE, Event(Verb.OPENED, "lecture", 1_600_000_000, 0))
    phone.submit(attempt())
    here.exchange(phone)
    with pytest.raises(sqlite3.OperationalError):
        here.settle()

    in_the_way.rmdir()
    here.settle()

    assert here.rows(Quarantined) == []
    assert sum(day["events"] for day in here.service.analytics.daily(here.organisation.id)) == 1
