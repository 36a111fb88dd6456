"""How a phone becomes a learner's, and what a wrong code, a wrong key and too many tries are told."""

import base64
import csv

import pytest

from sync.identity import DeviceKey, join_statement
from tests.server.conftest import TRAINER, Edge


def asked(code: str, key: DeviceKey, *, proof_by: DeviceKey | None = None) -> dict[str, str]:
    proof = (proof_by or key).sign(join_statement(code.replace("-", "")))
    return {"code": code, "public_key": text(key.public_key), "proof": text(proof), "label": "Phone", "language": "en"}


def text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def test_a_code_makes_a_phone_one_of_the_learners(edge: Edge) -> None:
    code, key = edge.code("Amina"), DeviceKey.generate()
    with edge.client() as client:
        joined = client.post("/v1/join", json=asked(code, key))
        assert joined.status_code == 201
        assert joined.json()["device"] == key.device.hex()
        assert joined.json()["learner"]["name"] == "Amina"
        again = client.post("/v1/join", json=asked(code, key)).json()
        assert again["profile"] == joined.json()["profile"], "a lost reply costs a repeat"


def test_a_shared_phone_has_a_profile_for_each_learner(edge: Edge) -> None:
    key = DeviceKey.generate()
    with edge.client() as client:
        profiles = [client.post("/v1/join", json=asked(edge.code(name), key)).json()["profile"] for name in ("A", "B")]
    assert profiles == [1, 2]


@pytest.mark.parametrize(("given", "spoken"), [("", "ar-EG"), ("sw", "sw")])
def test_her_app_speaks_what_her_trainer_said_else_what_her_phone_speaks(edge: Edge, given: str, spoken: str) -> None:
    with edge.signed_in(TRAINER) as trainer:
        invited = trainer.post("/v1/learners", json={"name": "Amina", "language": given}).json()
    with edge.client() as client:
        request = asked(invited["invitation"]["code"], DeviceKey.generate()) | {"language": "ar-EG"}
        assert client.post("/v1/join", json=request).json()["learner"]["language"] == spoken


def test_a_class_is_made_from_its_list_and_each_code_lets_its_learner_join(edge: Edge) -> None:
    with edge.signed_in(TRAINER) as trainer:
        page = trainer.post("/v1/class-lists/preview", content="Salma,ar\nرحمة\n,en".encode()).raise_for_status().json()
        members = [{"name": one["name"], "language": one["language"]} for one in page["listed"]]
        sheet = trainer.post("/v1/class-lists", json={"members": members, "courses": ["small"]}).json()
        again = trainer.post("/v1/class-lists", json={"members": members, "courses": ["small"]}).json()
    assert [(one["line"], one["reason"]) for one in page["odd"]] == [(3, "no_name")]
    assert (again["cards"], again["left_out"]) == ([], ["Salma", "رحمة"]), "a lost reply makes nobody twice"
    names = ["Salma", "رحمة"]
    for name, card in zip(names, sheet["cards"], strict=True):
        with edge.client() as client:
            joined = client.post("/v1/join", json=asked(card["invitation"]["code"], DeviceKey.generate())).json()
        assert joined["learner"]["name"] == name


def test_who_is_here_already_is_shown_and_made_again_only_as_another_person(edge: Edge) -> None:
    with edge.signed_in(TRAINER) as trainer:
        first = trainer.post("/v1/learners", json={"name": "Khadija Musa"}).json()["learner"]["id"]
        listed = trainer.post("/v1/class-lists/preview", content=b"KHADIJA  musa\nKhadija Musa").json()["listed"]
        asked_for = [{"name": "Khadija Musa", **each} for each in ({}, {"same_as": first}, {"another": True})]
        sheet = trainer.post("/v1/class-lists", json={"members": asked_for, "courses": ["small"]}).json()
        [row] = trainer.get(f"/v1/learners/{first}").json()["courses"]
    assert [[one["id"] for one in each["namesakes"]] for each in listed] == [[first], [first]]
    assert [one["twice"] for one in listed] == [None, 1]
    same, another = sheet["cards"]
    assert (same["learner"]["id"], same["is_new"], row["course"]) == (first, False, "small")
    assert another["is_new"] and another["learner"]["id"] != first
    assert sheet["left_out"] == ["Khadija Musa"]


def test_a_class_on_the_command_line_has_its_codes_in_a_new_file_and_nobody_twice(edge: Edge) -> None:
    names, codes = edge.folder / "class.csv", edge.folder / "codes.csv"
    names.write_text("name,course\nTatu,small\nSubira,\n=1+1,\n")

    edge.server.command("learner", "add-list", str(names), "--yes", "--to", str(codes))

    head, *rows = csv.reader(codes.read_text("utf-8-sig").splitlines())
    assert head == ["name", "code", "address", "good until"]
    assert [name for name, *_ in rows] == ["Tatu", "Subira"]
    with edge.client() as client:
        joined = client.post("/v1/join", json=asked(rows[1][1], DeviceKey.generate())).json()
    assert joined["learner"]["name"] == "Subira"
    with pytest.raises(AssertionError, match="Tatu is here already"):
        edge.server.command("learner", "add-list", str(names), "--yes", "--to", str(codes))


def test_a_class_of_which_anything_does_not_fit_is_not_begun(edge: Edge) -> None:
    with edge.signed_in(TRAINER) as trainer:
        new = {"members": [{"name": "Tausi"}, {"name": "Bahati", "courses": ["algebra"]}]}
        assert trainer.post("/v1/class-lists", json=new).json()["code"] == "not_found"
        assert trainer.post("/v1/class-lists/preview", content=b"PK\x03\x04").json()["code"] == "does_not_fit"
        assert trainer.get("/v1/learners", params={"search": "Tausi"}).json()["total"] == 0


@pytest.mark.parametrize("code", ["K7QM-2XHP", "aaaa-aaaa"])
def test_a_wrong_code_says_what_to_do(edge: Edge, code: str) -> None:
    with edge.client() as client:
        refused = client.post("/v1/join", json=asked(code.upper(), DeviceKey.generate()))
    assert (refused.status_code, refused.json()["code"]) == (404, "code_unknown")
    assert "Read it again" in refused.json()["detail"]
    assert refused.headers["content-type"] == "application/problem+json"


def test_a_proof_by_another_key_is_refused(edge: Edge) -> None:
    code, key = edge.code("Amina"), DeviceKey.generate()
    with edge.client() as client:
        refused = client.post("/v1/join", json=asked(code, key, proof_by=DeviceKey.generate()))
    assert (refused.status_code, refused.json()["code"]) == (422, "bad_key")


@pytest.mark.parametrize("broken", [{"public_key": "AAAA"}, {"public_key": "*"}, {"proof": "AAAA"}])
def test_a_broken_key_is_refused(edge: Edge, broken: dict[str, str]) -> None:
    with edge.client() as client:
        refused = client.post("/v1/join", json=asked(edge.code("Amina"), DeviceKey.generate()) | broken)
    assert refused.status_code == 422


def test_whoever_guesses_codes_is_made_to_wait_and_right_codes_are_not_counted(edge: Edge) -> None:
    with edge.client() as client:
        for _ in range(70):
            refused = client.post("/v1/join", json=asked("0000-0000", DeviceKey.generate()))
            if refused.status_code == 429:
                break
        assert refused.json()["code"] == "too_many_tries"
        assert int(refused.headers["retry-after"]) > 0
