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
