"""A trainer enrols learners where there is no network: here at once, at home after the next round."""

from typing import Any

import httpx
import pytest

from tests.running import until
from tests.server.hubs.conftest import Pair, exchange_at, phone_at, study

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("hubs")]


def enrolled(trainer: httpx.Client, name: str) -> tuple[str, str]:
    """A new learner of the course, and her code."""
    told = trainer.post("/v1/learners", json={"name": name, "courses": ["small"]}).raise_for_status().json()
    return told["learner"]["id"], told["invitation"]["code"]


def test_a_learner_enrolled_at_the_hub_studies_there_and_her_grade_comes_back(pair: Pair) -> None:
    pair.sync()  # what other tests left behind
    with pair.trainer() as trainer:
        learner, code = enrolled(trainer, "Halima")
        phone = phone_at(pair.hub, code)
        study(phone)
        exchange_at(pair.hub, phone)
        [waits] = until(lambda: attempts(trainer, learner))

        said = pair.sync()
        exchange_at(pair.hub, phone)

        [graded] = attempts(trainer, learner)
        [row] = [one for one in results(trainer) if one["learner"]["id"] == learner]
        here = trainer.get("/v1/hub").raise_for_status().json()

    assert (said.added, said.joins, said.refused) == (3, 1, {})
    assert (waits["state"], waits["reason"]) == ("waiting", "at_upstream")
    assert [grade["state"] for grade in phone.grades] == ["graded"]
    assert (graded["state"], graded["counts"], graded["score"]) == ("graded", True, phone.grades[0]["score"])
    assert row["cells"][0]["score"] == graded["score"]
    assert points(waits) == [("a", 0, 0), (None, 0, 0)], "what it is worth the main server says"
    assert points(graded) == [("a", 1000, 1000), (None, 0, 1000)]
    assert (here["waiting"], here["added"], here["last_error"]) == (0, [], "")
    with pair.administrator() as client:
        there = client.get(f"/v1/learners/{learner}").raise_for_status().json()
        audit = client.get("/v1/hubs").raise_for_status().json()["enrolled"]
    assert (there["name"], [course["course"] for course in there["courses"]]) == ("Halima", ["small"])
    assert (audit[0]["learner"]["name"], audit[0]["hub"], audit[0]["namesake"]) == ("Halima", "Grace's laptop", None)
    assert pair.sync().added == 0


def attempts(client: httpx.Client, learner: str) -> list[dict[str, Any]]:
    detail = client.get(f"/v1/learners/{learner}").raise_for_status().json()
    return [attempt for course in detail["courses"] for attempt in course["attempts"]]


def points(attempt: dict[str, Any]) -> list[tuple[str | None, int, int]]:
    """What was answered to each question, and what it is worth."""
    return [(one["answer"], one["points"], one["points_max"]) for one in attempt["questions"]]


def results(client: httpx.Client) -> list[dict[str, list[dict[str, object]]]]:
    return list(client.get("/v1/courses/small/results").raise_for_status().json()["items"])


def test_her_code_opens_the_main_server_too_and_what_she_sends_there_is_seen_at_the_hub(pair: Pair) -> None:
    with pair.trainer() as trainer:
        learner, code = enrolled(trainer, "Zuhura")
        pair.sync()
        phone = phone_at(pair.upstream, code)
        study(phone)
        exchange_at(pair.upstream, phone)
        pair.sync()
        [graded] = until(lambda: attempts(trainer, learner))

        study(phone, 2)
        for _ in range(2):
            exchange_at(pair.hub, phone)  # it offers this hub all that it has
        pair.sync()
        both = until(lambda: answered(attempts(trainer, learner)))

    assert (graded["state"], graded["number"]) == ("graded", 1)
    assert points(graded) == [(None, 1000, 1000), (None, 0, 1000)], "what she answered went past this hub"
    assert [(one["number"], one["state"]) for one in both] == [(1, "graded"), (2, "graded")]


def answered(shown: list[dict[str, object]]) -> list[dict[str, object]]:
    """Both attempts, once they are graded and their answers are here as well."""
    whole = [one for one in shown if one["questions"] and one["state"] == "graded"]
    return whole if len(whole) == len(shown) == 2 else []


def test_the_command_line_enrols_as_well_and_a_hub_changes_nobody(pair: Pair) -> None:
    assert "joins with the code" in pair.hub.command("learner", "add", "Rehema", "--course", "small")
    pair.code("Fatuma")
    pair.sync()

    with pair.trainer() as trainer:
        [fatuma] = trainer.get("/v1/learners?search=fatuma").raise_for_status().json()["items"]
        address = f"/v1/learners/{fatuma['id']}"
        ending = trainer.post(f"{address}/enrolments", json={"course": "small", "on": False})
        inviting = trainer.post(f"{address}/join-codes")

    assert [(one.status_code, one.json()["code"]) for one in (ending, inviting)] == [(409, "only_upstream")] * 2
    with pair.administrator() as client:
        assert client.get("/v1/learners?search=rehema").json()["total"] == 1


@pytest.mark.parametrize("words", [("pack", "."), ("publish", "small", "1")])
def test_a_hub_makes_no_releases_and_says_who_does(pair: Pair, words: tuple[str, ...]) -> None:
    with pytest.raises(AssertionError, match="ublish at the main server"):
        pair.hub.command(*words)


def test_a_code_that_is_older_than_every_hub_opens_one(pair: Pair) -> None:
    assert phone_at(pair.hub, pair.older_code).releases["small"]["number"] == 1
