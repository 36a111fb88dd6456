"""What trainers and administrators may see and do, after real exchanges."""

import pytest

from conflict.rules import LessonState
from sync.submissions import Submission
from tests.offline_bundles.courses import course_folder
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


@pytest.mark.parametrize(
    "path", ["/v1/overview", "/v1/devices", "/v1/conflicts", "/v1/quarantine", "/v1/activity/daily"]
)
def test_what_is_the_administrators_is_not_the_trainers(edge: Edge, path: str) -> None:
    with edge.signed_in(TRAINER) as trainer, edge.signed_in(ADMINISTRATOR) as administrator:
        assert trainer.get(path).json()["code"] == "not_allowed"
        assert administrator.get(path).status_code == 200


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
        detail = trainer.get(f"/v1/learners/{row['id']}").json()
    [course] = detail["courses"]
    states = {one["id"]: one["state"] for lesson in course["lessons"] for one in lesson["activities"]}
    assert states["page"] == "completed"
    [attempt] = course["attempts"]
    assert (attempt["score"], attempt["score_max"], attempt["passed"], attempt["counts"]) == (2000, 2000, True, True)
    assert [question["answer"] for question in attempt["questions"]] == ["a", "٣٧٫٤"]
    [note] = [note for lesson in course["lessons"] for one in lesson["activities"] for note in one["notes"]]
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
    edge.server.command("account", "add", "other", "--password", "other words", "--organisation", "Elsewhere")
    edge.phone("Nobody else's business")
    with edge.signed_in(("other", "other words")) as other:
        assert other.get("/v1/learners").json()["total"] == 0
        assert other.get("/v1/courses").json() == []
