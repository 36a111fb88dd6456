"""What learners did, as statements that other systems read: real exchanges in, xAPI 1.0.3 out."""

import json
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlite_utils

from server.consumers.analytics import STATEMENTS, Analytics, statement_id
from server.xapi import StatementQuery, find
from server.xapi.paging import LOOKED_AT_MAX, page_query
from sync.client import Replica
from sync.events import Event, Verb
from sync.submissions import Submission
from tests.running import until
from tests.server.conftest import ADMINISTRATOR, TRAINER, Edge

PATH = "/v1/xapi/statements"
DAY_S = 86_400
SEPTEMBER_S = 1_790_000_000  # 2026-09-21


def statements(client: httpx.Client, **asked: Any) -> list[dict[str, Any]]:
    """All there are, page after page."""
    reply = client.get(PATH, params=asked).raise_for_status().json()
    found = reply["statements"]
    while reply["more"]:
        reply = client.get(reply["more"]).raise_for_status().json()
        found += reply["statements"]
    return list(found)


def learner_who_did_all(edge: Edge, name: str) -> tuple[Replica, str]:
    """A phone that brought one event of each verb and a graded attempt; with the learner's id, once all are told."""
    phone = edge.phone(name)
    for verb in Verb:
        phone.happened("small", Event(verb, "page", SEPTEMBER_S + 60 * verb, 30 * verb))
    phone.submit(Submission("small", "exam", 1, 1, SEPTEMBER_S, SEPTEMBER_S + 300, {"q1": "a", "q2": "37.4"}))
    edge.exchange(phone)
    with edge.signed_in(TRAINER) as trainer:
        [row] = trainer.get("/v1/learners", params={"search": name}).json()["items"]
    learner = str(row["id"])
    with edge.signed_in(ADMINISTRATOR) as client:  # what follows the log comes behind the reply
        until(lambda: len(statements(client, agent=agent(edge, learner))) == len(Verb) + 1)
    return phone, learner


def agent(edge: Edge, learner: str) -> str:
    return json.dumps({"account": {"homePage": edge.server.url, "name": learner}})


def test_each_deed_is_a_statement_and_so_is_the_grade(edge: Edge) -> None:
    _, learner = learner_who_did_all(edge, "Amina")
    with edge.signed_in(ADMINISTRATOR) as client:
        found = statements(client, agent=agent(edge, learner), ascending=True)
    words = {one["verb"]["display"]["en"]: one for one in found}
    assert set(words) == {"launched", "played", "experienced", "attempted", "downloaded", "scored"}
    assert words["played"]["result"] == {"duration": "PT60S"}
    assert words["scored"]["result"]["score"] == {"raw": 2.0, "min": 0.0, "max": 2.0, "scaled": 1.0}
    assert words["scored"]["context"]["revision"] == "1"
    assert len({one["context"]["registration"] for one in found}) == 1


def test_who_reads_twice_reads_the_same(edge: Edge) -> None:
    phone, learner = learner_who_did_all(edge, "Baraka")
    with edge.signed_in(ADMINISTRATOR) as client:
        first = statements(client, agent=agent(edge, learner))
        assert statements(client, agent=agent(edge, learner), limit=1) == first
        ids = {one["id"] for one in first}
        assert {statement_id(phone.key.device.hex(), phone.profile, number) for number in range(5)} < ids
        assert client.get(PATH, params={"statementId": first[0]["id"]}).json() == first[0]


def test_a_reader_is_given_only_what_she_asks_for(edge: Edge) -> None:
    _, learner = learner_who_did_all(edge, "Chipo")
    hers = {"agent": agent(edge, learner)}
    with edge.signed_in(ADMINISTRATOR) as client:
        [played] = statements(client, **hers, verb="https://w3id.org/xapi/video/verbs/played")
        [scored] = statements(client, **hers, activity=f"{edge.server.url}/xapi/courses/small/activities/exam")
        assert scored["verb"]["id"].endswith("/scored")
        assert played["object"]["id"].endswith("/courses/small/activities/page")
        assert statements(client, **hers, since=played["stored"], until=played["stored"]) == []
        assert played in statements(client, **hers, until=played["stored"])
        assert statements(client, verb="http://adlnet.gov/expapi/verbs/voided") == []
        assert statements(client, agent='{"mbox":"mailto:amina@example.org"}') == []


def test_a_reply_says_its_version_and_how_far_it_is_whole(edge: Edge) -> None:
    with edge.signed_in(ADMINISTRATOR) as client:
        reply = client.get(PATH)
    assert reply.headers["x-experience-api-version"] == "1.0.3"
    assert datetime.fromisoformat(reply.headers["x-experience-api-consistent-through"]) <= datetime.now(UTC)


@pytest.mark.parametrize(
    "asked", [{"registration": str(uuid.UUID(int=1))}, {"limit": "-1"}, {"since": "soon"}, {"after": "1.2"}]
)
def test_what_cannot_be_answered_is_refused(edge: Edge, asked: dict[str, str]) -> None:
    with edge.signed_in(ADMINISTRATOR) as client:
        assert client.get(PATH, params=asked).status_code == 422


def test_statements_are_for_administrators_by_session_or_by_password(edge: Edge) -> None:
    with edge.client() as client:
        assert client.get(PATH).json()["code"] == "not_signed_in"
        assert client.get(PATH, auth=TRAINER).json()["code"] == "not_allowed"
        assert client.get(PATH, auth=("ada", "wrong")).json()["code"] == "wrong_password"
        assert client.get(PATH, auth=ADMINISTRATOR).status_code == 200


def test_another_organisation_reads_nothing_of_it(edge: Edge) -> None:
    _, learner = learner_who_did_all(edge, "Dalila")
    command = ("account", "add", "far", "--password", "far words", "--organisation", "Far", "--role", "administrator")
    edge.server.command(*command)
    with edge.signed_in(ADMINISTRATOR) as client:
        [one, *_] = statements(client, agent=agent(edge, learner))
    with edge.client() as client:
        assert client.get(PATH, auth=("far", "far words")).json() == {"statements": [], "more": ""}
        assert client.get(PATH, auth=("far", "far words"), params={"statementId": one["id"]}).status_code == 404


def test_statements_have_the_members_of_the_conformance_suite_and_no_others(edge: Edge, shared_data: Path) -> None:
    """The suite's parts say which members there are; xAPI 1.0.3 refuses any other."""
    _, learner = learner_who_did_all(edge, "Esi")
    templates = shared_data / "xapi-statement-templates"

    def members(part: str) -> set[str]:
        return set(json.loads((templates / part).read_text()))

    expected = json.loads((shared_data / "events-openedx" / "xapi-expected" / "play_video.json").read_text())
    with edge.signed_in(ADMINISTRATOR) as client:
        for one in statements(client, agent=agent(edge, learner)):
            assert set(one["actor"]) <= members("agents/account.json")
            assert set(one["actor"]["account"]) == {"homePage", "name"}
            assert set(one["verb"]) == members("verbs/default.json")
            assert set(one["object"]) <= members("activities/default.json")
            assert set(one["result"]) <= members("results/default.json")
            context = members("contexts/default.json") | {"contextActivities"}
            assert set(one["context"]) <= context
            assert set(one) - {"stored", "authority"} == set(expected)
            assert set(one["actor"]) == set(expected["actor"])
            assert uuid.UUID(one["id"]).version == 5


def rows(count: int, first: int = 0, *, stored_ms: int = 0) -> list[dict[str, Any]]:
    """Events of one learner, one a minute, each stored a millisecond after the one before."""
    return [
        {
            "device": "d",
            "profile": 1,
            "sequence": number,
            "organisation": "o",
            "actor": "rare" if number == 0 else "a",
            "verb": "http://adlnet.gov/expapi/verbs/played",
            "course": "c",
            "object": "lecture",
            "timestamp": (moment := datetime.fromtimestamp(SEPTEMBER_S + 60 * number, UTC)).isoformat(),
            "day": moment.date().isoformat(),
            "duration_s": 60,
            "stored_ms": stored_ms + number,
            "statement": statement_id("d", 1, number),
        }
        for number in range(first, first + count)
    ]


@pytest.mark.parametrize("ascending", [True, False])
def test_pages_follow_the_order_of_storing_through_an_index(tmp_path: Path, ascending: bool) -> None:
    Analytics(tmp_path).add(rows(10))
    [month] = Analytics(tmp_path).months()
    for table in ("events", "scores"):
        query = "explain query plan " + page_query(table, ascending=ascending)
        with sqlite_utils.Database(month) as database:
            plan = [step["detail"] for step in database.query(query, ["o", 0, "", 9, "", 5])]
        assert len(plan) == 1, "nothing is sorted"
        assert plan[0].startswith(f"SEARCH {table} USING INDEX")
        assert "stored_ms" in plan[0]


def test_a_page_of_a_filter_that_fits_little_is_bounded_and_goes_on(tmp_path: Path) -> None:
    store = Analytics(tmp_path)
    store.add(rows(2 * LOOKED_AT_MAX + 1))
    asked = StatementQuery("o", limit=5, actor="rare")
    pages = [find(store, asked)]
    while place := pages[-1].more:
        pages.append(find(store, StatementQuery("o", limit=5, actor="rare", after=place)))
    assert [len(page.rows) for page in pages] == [0, 0, 1]


@pytest.mark.parametrize("ascending", [True, False])
def test_pages_over_many_months_miss_nothing_and_repeat_nothing(tmp_path: Path, ascending: bool) -> None:
    store = Analytics(tmp_path)
    late = [{**row, "day": f"2026-0{1 + number % 9}-01"} for number, row in enumerate(rows(100))]
    store.add(late)
    seen: list[int] = []
    page = find(store, StatementQuery("o", limit=7, ascending=ascending))
    seen += [row["sequence"] for row in page.rows]
    while page.more:
        page = find(store, StatementQuery("o", limit=7, ascending=ascending, after=page.more))
        seen += [row["sequence"] for row in page.rows]
    assert seen == (list(range(100)) if ascending else list(reversed(range(100))))


def test_a_month_from_before_statements_had_ids_is_brought_up(tmp_path: Path) -> None:
    [row] = rows(1)
    earlier = {name: value for name, value in row.items() if name not in ("stored_ms", "statement")}
    with sqlite_utils.Database(tmp_path / "2026-09.db") as database:
        database.table("events").insert(earlier, pk=("device", "profile", "sequence"))
    [brought] = find(Analytics(tmp_path), StatementQuery("o", limit=5)).rows
    assert (brought["statement"], brought["stored_ms"]) == (row["statement"], SEPTEMBER_S * 1000)


def test_a_statements_id_is_its_places_name_in_version_5() -> None:
    assert statement_id("phone", 1, 17) == str(uuid.uuid5(STATEMENTS, "phone/1/17"))
