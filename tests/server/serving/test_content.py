"""Objects and updates as phones fetch them: by range, compressed, unchanging; and the API's own description."""

import json
from hashlib import sha256
from pathlib import Path

import pytest

from offline_bundles import read_update
from tests.server.conftest import Edge

PROJECT = Path(__file__).parents[3]


def root_of(edge: Edge) -> str:
    return str(edge.phone("Reader").releases["small"]["root"])


def test_an_object_is_its_name(edge: Edge) -> None:
    root = root_of(edge)
    with edge.client() as client:
        reply = client.get(f"/v1/objects/{root}")
        assert sha256(reply.content).hexdigest() == root
        assert "immutable" in reply.headers["cache-control"]
        assert client.get(f"/v1/objects/{root}", headers={"if-none-match": f'"{root}"'}).status_code == 304


@pytest.mark.parametrize(("ending", "kind"), [("pdf", "application/pdf"), ("docx", "application/octet-stream")])
def test_a_file_of_any_kind_has_an_address(edge: Edge, ending: str, kind: str) -> None:
    with edge.client() as client:
        reply = client.get(f"/v1/objects/{root_of(edge)}.{ending}")
    assert (reply.status_code, reply.headers["content-type"]) == (200, kind)
    assert "sandbox" in reply.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("asked", "status", "part"),
    [("bytes=0-9", 206, slice(0, 10)), ("bytes=5-", 206, slice(5, None)), ("bytes=-4", 206, slice(-4, None))],
)
def test_a_range_gives_these_bytes(edge: Edge, asked: str, status: int, part: slice) -> None:
    root = root_of(edge)
    with edge.client() as client:
        whole = client.get(f"/v1/objects/{root}").content
        reply = client.get(f"/v1/objects/{root}", headers={"range": asked})
    assert (reply.status_code, reply.content) == (status, whole[part])
    assert reply.headers["content-range"].endswith(f"/{len(whole)}")


def test_a_range_beyond_the_object_says_how_long_it_is(edge: Edge) -> None:
    root = root_of(edge)
    with edge.client() as client:
        refused = client.get(f"/v1/objects/{root}", headers={"range": "bytes=9999999-"})
    assert refused.status_code == 416
    assert refused.headers["content-range"].startswith("bytes */")


def test_what_is_not_there_is_said(edge: Edge) -> None:
    with edge.client() as client:
        for path in (f"/v1/objects/{'0' * 64}", f"/v1/releases/{'0' * 64}", f"/v1/releases/{'0' * 64}/small"):
            assert client.get(path).json()["code"] == "not_found", path


def test_a_refused_exchange_says_what_is_wrong(edge: Edge) -> None:
    phone = edge.phone("Forger")
    request = phone.request(1)
    forged = request[:10] + bytes([request[10] ^ 1]) + request[11:]
    cases = [
        (b"", 400, "truncated"),
        (b"\x09" + request[1:], 400, "unsupported_version"),
        (forged, 401, "bad_signature"),
    ]
    with edge.client() as client:
        for body, status, code in cases:
            refused = client.post("/v1/exchange", content=body)
            assert (refused.status_code, refused.json()["code"]) == (status, code)
        assert client.post("/v1/exchange", content=bytes(3 << 20)).status_code == 413


def test_probes_and_metrics_answer(edge: Edge) -> None:
    with edge.client() as client:
        assert client.get("/livez").json() == {"alive": True}
        assert client.get("/readyz").json()["ready"] is True
        metrics = client.get("/metrics").text
    for name in (
        "tiffin_exchanges_total",
        "tiffin_consumer_lag_entries",
        "tiffin_devices",
        "tiffin_events_dropped_total",
        "process_cpu_seconds_total",
    ):
        assert name in metrics


def test_the_description_in_the_repository_is_the_servers_own(edge: Edge) -> None:
    described = json.loads(edge.server.command("openapi"))
    assert described == json.loads((PROJECT / "pwa/src/api/openapi.json").read_text()), "run `make types`"
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            assert operation.get("summary") or operation.get("description"), f"{method} {path} is not described"


def test_pages_may_load_and_run_only_what_is_ours(edge: Edge) -> None:
    with edge.client() as client:
        for path in ("/", "/trainer", "/admin/devices"):
            policy = client.get(path).headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
        assert client.get("/assets/../../pyproject.toml").status_code == 404


def test_an_update_comes_in_one_reply_without_names_and_the_same_when_prepared_or_composed(edge: Edge) -> None:
    root = root_of(edge)
    with edge.client() as client:
        replies = [
            client.get(f"/v1/releases/{root}/update", headers={"accept-encoding": encoding})
            for encoding in ("br", "gzip", "identity")
        ]
        assert (edge.server.home / "updates" / root / "first").is_file()
        assert [reply.headers.get("content-encoding") for reply in replies] == ["br", "gzip", None]
        texts = dict(read_update(replies[0].content))
        assert all(dict(read_update(reply.content)) == texts for reply in replies)
        assert all(client.get(f"/v1/objects/{name}").content == text for name, text in texts.items())
        assert root in texts
        assert client.get(f"/v1/releases/{root}/update", params={"since": root}).content == b""
        assert client.get(f"/v1/releases/{root}/update", params={"since": "0" * 64}).content == replies[0].content
        assert client.get(f"/v1/releases/{'0' * 64}/update").json()["code"] == "not_found"


def test_small_objects_come_in_a_row_by_any_range_of_it(edge: Edge) -> None:
    address = f"/v1/releases/{root_of(edge)}/small"
    with edge.client() as client:
        whole = client.get(address)
        part = client.get(address, headers={"range": "bytes=7-19", "if-range": whole.headers["etag"]})
        other = client.get(address, headers={"range": "bytes=7-19", "if-range": '"of another"'})
        beyond = client.get(address, headers={"range": f"bytes={len(whole.content)}-"})
    assert whole.content.endswith(b"to print")
    assert "immutable" in whole.headers["cache-control"]
    assert (part.status_code, part.content) == (206, whole.content[7:20])
    assert (other.status_code, other.content) == (200, whole.content)
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{len(whole.content)}")
