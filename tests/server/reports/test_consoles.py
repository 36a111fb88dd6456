"""What trainers and administrators may see and do, after real exchanges."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from conflict.rules import LessonState
from sync.submissions import Submission
from tests.offline_bundles.courses import course_folder
from tests.running import until
from tests.server.conftest import ADMINISTRATOR, TRAINER, Edge


def test_a_wrong_password_says_no_more_than_that(edge: Edge) -> None:
    with edge.client() as client:
        for name in ("grace", "nobody"):
            refused = client.post("/v1/sign-in", json={"name": name, "password": "wrong"})
            assert (refused.status_code, refused.json()["code"]) == (401, "wrong_password")


@pytest.mark.parametrize("path", ["/v1/me", "/v1/learners", "/v1/courses", "/v1/overview", "/v1/devices"])
def test_nothing_is_shown_to_whoever_is_not_signed_in(edge: Edge, path: str) -> None:
    with edge.client() as client:
        assert client.get(path).json()["code"] == "not_signed_in"


def described(tag: str, method: str, client: httpx.Client) -> Iterator[str]:
    """The addresses of one kind that the API describes, with names in them that nobody has."""
    for path, of_path in client.get("/v1/openapi.json").json()["paths"].items():
        if method in of_path and tag in of_path[method]["tags"]:
            yield re.sub(r"\{number\}", "1", re.sub(r"\{(?!number)\w+\}", "ab" * 8, path))


def test_what_is_the_administrators_is_not_the_trainers(edge: Edge) -> None:
    with edge.signed_in(TRAINER) as trainer, edge.signed_in(ADMINISTRATOR) as administrator:
        read = [*described("administrator", "get", trainer), "/v1/hubs"]
        done = [*described("administrator", "post", trainer), f"/v1/hubs/{'ab' * 8}/revoke"]
        assert len(read) >= 9
        assert {trainer.get(path).json()["code"] for path in read} == {"not_allowed"}
        assert {trainer.post(path, json={}).json()["code"] for path in done} == {"not_allowed"}
        assert {administrator.get(path).status_code for path in read if "ab" not in path} == {200}


def test_nothing_is_changed_by_whoever_is_not_signed_in(edge: Edge) -> None:
    with edge.client() as stranger:
        changes = [*described("trainer", "post", stranger), *described("administrator", "post", stranger)]
        assert {stranger.post(path, json={}).status_code for path in changes} <= {401, 422}
        assert "not_signed_in" in {stranger.post(path, json={}).json()["code"] for path in changes}


def test_a_change_asked_for_by_another_site_is_refused(edge: Edge) -> None:
    with edge.signed_in(TRAINER) as trainer:
        for headers in ({"origin": "https://elsewhere.example"}, {"sec-fetch-site": "cross-site"}):
            refused = trainer.post("/v1/learners", json={"name": "Eve"}, headers=headers)
            assert (refused.status_code, refused.json()["code"]) == (403, "cross_origin")


def test_the_trainer_sees_progress_answers_and_grade(edge: Edge) -> None:
    phone = edge.phone("Amina")
    phone.reach("small", "page", LessonState.COMPLETED)
    phone.note("small", "page", "n1", "Ask Grace")
    phone.submit(Submission("small", "exam", 1, 1, 1_790_000_000, 1_790_000_300, {"q1": "a", "q2": "٣٧٫٤"}))
    edge.exchange(phone)
    with edge.signed_in(TRAINER) as trainer:
        [row] = trainer.get("/v1/learners", params={"search": "Amina"}).json()["items"]

        def page() -> tuple[dict[str, Any], dict[str, Any]]:
            """What the trainer sees: the course, and its page that was read."""
            [course] = trainer.get(f"/v1/learners/{row['id']}").json()["courses"]
            [page] = [one for lesson in course["lessons"] for one in lesson["activities"] if one["id"] == "page"]
            return course, page

        until(lambda: page()[1]["notes"])  # behind the reply
        course, read = page()
    assert read["state"] == "completed"
    [attempt] = course["attempts"]
    assert (attempt["score"], attempt["score_max"], attempt["passed"], attempt["counts"]) == (2000, 2000, True, True)
    assert [question["answer"] for question in attempt["questions"]] == ["a", "٣٧٫٤"]
    [note] = read["notes"]
    assert note["texts"] == ["Ask Grace"]


def test_the_administrator_sees_each_device_and_can_revoke_it(edge: Edge) -> None:
    phone = edge.phone("Grace's learner")
    phone.status = {"app": "0.1.0", "releases": {"small": 1}, "stored": 7, "quota": 9, "language": "en"}
    edge.exchange(phone)
    with edge.signed_in(ADMINISTRATOR) as administrator:
        shown = administrator.get(f"/v1/devices/{phone.key.device.hex()}").json()
        assert shown["releases"][0]["held"] == 1
        assert shown["app"] == "0.1.0"
        assert administrator.post(f"/v1/devices/{phone.key.device.hex()}/revoke").status_code == 204
    with edge.client() as client:
        refused = client.post("/v1/exchange", content=phone.request(1))
    assert (refused.status_code, refused.json()["code"]) == (403, "device_revoked")


def test_a_second_release_reaches_the_phones_and_never_goes_back(edge: Edge) -> None:
    phone = edge.phone("Amina the second")
    folder = course_folder(edge.folder / "second")
    (folder / "pages" / "a.md").write_text("Changed\n")
    edge.server.command("pack", str(folder))
    with edge.signed_in(TRAINER) as trainer:
        assert trainer.post("/v1/courses/small/releases/2/publish").json()["number"] == 2
        refused = trainer.post("/v1/courses/small/releases/1/publish")
        assert (refused.status_code, refused.json()["code"]) == (409, "only_forward")
    edge.exchange(phone)
    assert phone.releases["small"]["number"] == 2


def test_every_organisation_sees_its_own_only(edge: Edge) -> None:
    add = ("--role", "administrator", "--password", "other words", "--organisation", "Elsewhere")
    edge.server.command("account", "add", "other", *add)
    phone = edge.phone("Nobody else's business")
    edge.exchange(phone)
    with edge.signed_in(TRAINER) as trainer, edge.signed_in(("other", "other words")) as other:
        [learner] = trainer.get("/v1/learners", params={"search": "Nobody else"}).json()["items"]
        named = {"learner": learner["id"], "device": phone.key.device.hex(), "course": "small", "activity": "exam"}
        assert [other.get(path).json()["total"] for path in ("/v1/learners", "/v1/devices", "/v1/reviews")] == [0, 0, 0]
        assert other.get("/v1/courses").json() == []
        assert len(other.get("/v1/devices.csv").text.splitlines()) == 1
        assert other.get("/v1/overview").json()["devices"] == 0
        for path in ("learners/{learner}", "devices/{device}", "courses/{course}/results"):
            assert other.get("/v1/" + path.format(**named)).status_code == 404
        changes: list[tuple[str, dict[str, object]]] = [
            ("devices/{device}/revoke", {}),
            ("learners/{learner}/join-codes", {}),
            ("learners/{learner}/enrolments", {"course": "small", "on": False}),
            ("courses/{course}/releases/1/publish", {}),
        ]
        for path, body in changes:
            assert other.post("/v1/" + path.format(**named), json=body).status_code == 404
        assert trainer.get(f"/v1/learners/{learner['id']}").json()["courses"][0]["course"] == "small"
    edge.exchange(phone)  # nobody revoked it


def test_a_session_is_kept_from_scripts_and_other_sites_and_a_changed_one_opens_nothing(edge: Edge) -> None:
    with edge.client() as client:
        signed_in = client.post("/v1/sign-in", json={"name": TRAINER[0], "password": TRAINER[1]})
        said = signed_in.headers["set-cookie"].lower()
        assert all(word in said for word in ("httponly", "samesite=strict", "path=/v1"))
        cookie = client.cookies["tiffin_session"]
        client.cookies.clear()
        for changed in (cookie[:-2], f"{cookie}AA", cookie[:4] + "A" + cookie[5:], "", "."):
            assert client.get("/v1/me", headers={"cookie": f"tiffin_session={changed}"}).status_code == 401
