"""How a phone becomes a learner's, and what a wrong code, a wrong key and too many tries are told."""

import base64

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
