"""An administrator's lists: each phone under the states that it is in, and no number that its list does not show."""

import csv
import io
from typing import Any

import pytest
from sqlmodel import Session

from server.health import Standing
from server.reports import devices, files, quarantine
from server.reports.devices import Question
from server.reports.overview import overview
from server.reports.paging import PageAsked
from server.shapes.administration import DeviceFilter
from server.tables import (
    Device,
    DeviceContact,
    Learner,
    Parked,
    Profile,
    PushSubscription,
    Quarantined,
    Release,
    ReleaseState,
)
from server.tables.ids import now_ms
from tests.server.school import COURSE, School

DAY_MS = 86_400_000
ALL = PageAsked(0, 100)
SILENT = {"heard": 1, "silent_3": 4, "silent_7": 8, "silent_14": 20}  # days
STATES: dict[str, dict[str, Any]] = {
    "waiting": {"waiting_batched": 2},
    "full": {"stored_bytes": 95, "quota_bytes": 100},
    "dropping": {"events_dropped": 3},
    "behind": {"releases": {COURSE: 1, "unheard of": 9}},
}
WELL = Standing(checks_failing=0, disk_low=False)


def add_phone(session: Session, organisation: str, name: str, days: int = 0, **said: Any) -> None:
    """A phone that carries the name of its state, so that the lists can be read."""
    learner = Learner(id=f"learner {name}", organisation_id=organisation, name=f"Élodie {name}")
    device = Device(id=f"id {name}", organisation_id=organisation, public_key=b"", label=name)
    session.add_all((learner, device))
    session.flush()
    about: dict[str, Any] = {"device_id": device.id, "organisation_id": organisation, "learner_id": learner.id}
    session.add(Profile(number=1, **about))
    contact: dict[str, Any] = {"last_exchange_ms": now_ms() - days * DAY_MS, "releases": {}, **said}
    session.add(DeviceContact(profile=1, **about, **contact))


def published(organisation: str, number: int) -> Release:
    written: dict[str, Any] = {"root_bytes": 1, "signature": "", "key": "", "bytes_by_tier": {}, "report": {}}
    named: dict[str, Any] = {"root": "5f" * 32, "title": {"en": "Water"}, "state": ReleaseState.PUBLISHED}
    return Release(organisation_id=organisation, course_id=COURSE, number=number, **written, **named)


@pytest.fixture
def organisation(here: School) -> str:
    """With one phone in each state, among them one that is well."""
    with here.database.writing() as session:
        organisation = here.organisation.id
        session.add(published(organisation, 2))
        for name, days in SILENT.items():
            add_phone(session, organisation, name, days)
        for name, said in STATES.items():
            add_phone(session, organisation, name, **said)
        for name in ("quarantined", "parked", "push_failing", "revoked"):
            add_phone(session, organisation, name)
        frame: dict[str, Any] = {
            "organisation_id": organisation,
            "course_id": "",
            "profile": 1,
            "kind": 1,
            "body": b"\0",
            "seq": 1,
        }
        about: dict[str, Any] = {"learner_id": "learner quarantined", "device_id": "id quarantined"}
        session.add(Quarantined(hash=b"1", reason="malformed", **frame, **about))
        session.add(Parked(hash=b"1", actor=b"", learner_id="learner parked", device_id="id parked", **frame))
        endpoint: dict[str, Any] = {"endpoint": "https://push.example", "p256dh": "", "auth": "", "failures": 2}
        failing: dict[str, Any] = {
            "device_id": "id push_failing",
            "learner_id": "learner push_failing",
            "organisation_id": organisation,
        }
        session.add(PushSubscription(profile=1, **endpoint, **failing))
        session.get_one(Device, "id revoked").revoked_ms = now_ms()
    return organisation


def found(session: Session, organisation: str, asked: Question) -> list[str]:
    return [row.label for row in devices.page(session, organisation, asked, ALL).items]


def test_each_phone_is_listed_under_its_state_and_counted_there(here: School, organisation: str) -> None:
    alone = [name for name in (*SILENT, *STATES, "quarantined", "parked", "push_failing", "revoked") if name != "heard"]
    with here.database.reading() as session:
        told = overview(session, organisation, WELL)
        listed = {one: found(session, organisation, Question(show=one)) for one in DeviceFilter}
    assert {name: listed[DeviceFilter(name)] for name in alone} == {name: [name] for name in alone}
    numbers = [(one.link, one.count) for one in told.needs] + [(one.link, one.count) for one in told.silence]
    counts = {link.partition("filter=")[2]: count for link, count in numbers if "devices?filter=" in link}
    assert counts == {name: len(listed[DeviceFilter(name)]) for name in counts}
    assert sum(one.count for one in told.silence) == told.devices - 1  # the revoked one


def test_what_needs_a_person_comes_before_what_mends_itself(here: School, organisation: str) -> None:
    with here.database.reading() as session:
        told = overview(session, organisation, Standing(checks_failing=2, disk_low=True))
    urgent = [need.urgent for need in told.needs]
    assert urgent == sorted(urgent, reverse=True)
    assert [(need.code.value, need.count) for need in told.needs[:2]] == [("not_ready", 2), ("disk_low", 1)]


def test_phones_are_found_by_their_learner_in_whatever_case(here: School, organisation: str) -> None:
    with here.database.reading() as session:
        assert found(session, organisation, Question(search="ÉLODIE FULL")) == ["full"]
        assert found(session, organisation, Question(search="100%")) == []


def test_a_list_is_saved_whole_and_no_name_is_a_formula_there(here: School, organisation: str) -> None:
    with here.database.writing() as session:
        session.get_one(Device, "id full").label = '=HYPERLINK("https://elsewhere.example")'
    with here.database.reading() as session:
        phones = files.devices_file(session, organisation, Question())
        [set_aside] = saved(files.quarantine_file(session, organisation, quarantine.Question(search="élodie")))
    rows = {row["id"]: row for row in saved(phones)}
    assert len(rows) == len(SILENT) + len(STATES) + 4
    assert rows["id full"]["phone"] == '\'=HYPERLINK("https://elsewhere.example")'
    assert rows["id waiting"]["waiting_batched"] == "2"
    assert (set_aside["phone_id"], set_aside["reason"]) == ("id quarantined", "malformed")


def saved(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
