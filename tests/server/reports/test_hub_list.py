"""The administrator's hubs: those that need somebody come first, and the overview counts what its links lead to."""

from typing import Any

import pytest
from sqlmodel import Session

from server.health import Standing
from server.reports import hubs
from server.reports.hubs import Question
from server.reports.overview import overview
from server.reports.paging import PageAsked
from server.shapes.hubs import HubFilter, HubOrder
from server.tables import Hub, HubEndedKey, HubIncident
from server.tables.ids import now_ms
from tests.server.school import School

ALL = PageAsked(0, 100)
HOUR_MS = 3_600_000
# As an administrator wants to see them: how many hours ago each joined and was heard, and what else is known of it.
HUBS: dict[str, tuple[int | None, int, dict[str, Any]]] = {
    "Garissa knocked": (900, 1, {}),
    "Wajir altered": (900, 2, {}),
    "Lodwar silent for weeks": (900, 500, {"waiting": 3}),
    "Dadaab Élan, silent for days": (900, 80, {}),
    "Kilifi refused": (900, 3, {"refused": 2}),
    "Moyale not joined": (None, 0, {}),
    "Isiolo waiting": (900, 4, {"waiting": 9}),
    "Athi well": (900, 71, {}),
    "Bura revoked": (900, 600, {"revoked_ms": 1}),
}


@pytest.fixture
def organisation(here: School) -> str:
    organisation = here.organisation.id
    with here.database.writing() as session:
        for name, (joined, heard, said) in HUBS.items():
            times = {"joined_ms": ago(joined), "last_uplink_ms": ago(heard)} if joined else {}
            session.add(
                Hub(id=name, organisation_id=organisation, name=name, code="", code_expires_ms=0, **times, **said)
            )
        session.flush()
        about: dict[str, Any] = {
            "organisation_id": organisation,
            "device_id": "",
            "reason": "bad_signature",
            "body": b"",
        }
        session.add(HubIncident(hub_id="Wajir altered", hash=b"1", **about))
        session.add(HubEndedKey(public_key=b"1", hub_id="Garissa knocked", revoked=True, knocked_ms=now_ms()))
    return organisation


def ago(hours: int) -> int:
    return now_ms() - hours * HOUR_MS


def names(session: Session, organisation: str, asked: Question, at: PageAsked = ALL) -> list[str]:
    return [row.name for row in hubs.page(session, organisation, asked, at).items]


def test_hubs_that_need_somebody_come_first_and_of_the_silent_the_longest(here: School, organisation: str) -> None:
    with here.database.reading() as session:
        pages = [names(session, organisation, Question(), PageAsked(start, 4)) for start in (0, 4, 8)]
        assert [name for page in pages for name in page] == list(HUBS)
        assert names(session, organisation, Question(order=HubOrder.NAME)) == sorted(HUBS)
        by_waiting = names(session, organisation, Question(order=HubOrder.WAITING, descending=True))
        assert by_waiting[:2] == ["Isiolo waiting", "Lodwar silent for weeks"]


def test_hubs_are_found_by_name_and_counted_where_they_are_listed(here: School, organisation: str) -> None:
    with here.database.reading() as session:
        assert names(session, organisation, Question(search="éLAN")) == ["Dadaab Élan, silent for days"]
        assert names(session, organisation, Question(search="silent", show=HubFilter.WAITING)) == [
            "Lodwar silent for weeks"
        ]
        needs = overview(session, organisation, Standing(checks_failing=0, disk_low=False)).needs
        of_hubs = {
            need.link.partition("filter=")[2]: need.count for need in needs if need.link.startswith("/admin/hubs")
        }
        behind = {one: len(names(session, organisation, Question(show=HubFilter(one)))) for one in of_hubs}
    assert of_hubs == behind == {"altered": 1, "silent": 2}
