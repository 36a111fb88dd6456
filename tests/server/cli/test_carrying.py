"""Work that comes in a file: to the trainer's console, and to the command line beside a running server."""

import base64
from http.client import HTTPConnection
from pathlib import Path

import pytest

from conflict.rules import LessonState
from sync.carried import MAGIC, CarriedReply, Kind, Outcome, write_carried
from sync.client import Replica, take_replies, write_requests
from sync.submissions import Submission
from tests.running import REPLY_SECONDS_MAX
from tests.server.cli.test_command_line import refused
from tests.server.clock import now_ms
from tests.server.conftest import TRAINER, Edge

pytestmark = pytest.mark.slow


def worked(edge: Edge, name: str) -> Replica:
    phone = edge.phone(name)
    phone.reach("small", "lecture", LessonState.COMPLETED)
    started = now_ms() // 1000 - 600
    phone.submit(Submission("small", "exam", 1, 1, started, started + 60, {"q1": "a"}))
    return phone


def test_a_trainer_brings_a_file_and_carries_the_replies_back(edge: Edge) -> None:
    phones = [worked(edge, name) for name in ("Amina", "Grace")]
    file = write_requests(phones, now_ms())

    with edge.signed_in(TRAINER) as client:
        report = client.post("/v1/carried", content=file).raise_for_status().json()
        again = client.post("/v1/carried", content=file).raise_for_status().json()

    assert [(one["learner"]["name"], one["new"], one["refused"]) for one in by_name(report)] == [
        ("Amina", 2, []),
        ("Grace", 2, []),
    ]
    assert [one["new"] for one in again["devices"]] == [0, 0]
    assert (report["is_whole"], report["damaged"], report["unanswered"]) == (True, 0, 0)
    for phone in phones:
        take_replies(phone, base64.b64decode(report["replies"]))
        assert phone.outbox.is_empty
        assert len(phone.grades) == 1


def by_name(report: dict[str, list[dict[str, dict[str, str]]]]) -> list[dict[str, dict[str, str]]]:
    return sorted(report["devices"], key=lambda one: one["learner"]["name"])


def test_only_who_is_signed_in_brings_files_and_only_from_the_console(edge: Edge) -> None:
    file = write_carried(Kind.REQUESTS, [])
    with edge.client() as stranger:
        assert stranger.post("/v1/carried", content=file).status_code == 401
    with edge.signed_in(TRAINER) as client:
        answer = client.post("/v1/carried", content=file, headers={"origin": "https://elsewhere.example"})
    assert (answer.status_code, answer.json()["code"]) == (403, "cross_origin")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"a letter", 400, "not_carried"),
        (MAGIC + b"\x09\x01", 400, "unsupported_version"),
        (write_carried(Kind.REPLIES, [b"x"]), 400, "not_carried"),
    ],
)
def test_what_is_no_file_of_requests_is_refused_with_what_to_do(
    edge: Edge, body: bytes, status: int, code: str
) -> None:
    with edge.signed_in(TRAINER) as client:
        answer = client.post("/v1/carried", content=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_file_that_says_it_is_too_large_is_refused_before_it_is_read(edge: Edge) -> None:
    with edge.signed_in(TRAINER) as client:
        [(name, cookie)] = client.cookies.items()
    asking = HTTPConnection("localhost", edge.server.port, timeout=REPLY_SECONDS_MAX)
    asking.putrequest("POST", "/v1/carried")
    for header in (("Cookie", f"{name}={cookie}"), ("Origin", edge.server.url), ("Content-Length", str(1 << 40))):
        asking.putheader(*header)
    asking.endheaders()
    assert asking.getresponse().status == 413
    asking.close()


def test_the_command_line_applies_files_beside_the_running_server(edge: Edge, tmp_path: Path) -> None:
    phones = [worked(edge, name) for name in ("Zainab", "Fatima")]
    cards = [tmp_path / "one.tiffin", tmp_path / "two.tiffin"]
    for phone, card in zip(phones, cards, strict=True):
        card.write_bytes(write_requests([phone], now_ms()))
    replies = tmp_path / "replies.tiffin"

    shown = edge.server.command("carry", "show", *map(str, cards))
    said = edge.server.command("carry", "apply", *map(str, cards), "--replies", str(replies))
    again = edge.server.command("carry", "apply", str(cards[0]))

    assert shown.count("1 submissions, 1 milestones") == 2
    assert "Zainab" in said
    assert "2 phones, 4 new." in said
    assert "1 phones, 0 new." in again
    for phone in phones:
        take_replies(phone, replies.read_bytes())
        assert (phone.outbox.is_empty, len(phone.grades)) == (True, 1)
    assert "all is durable; brings" in edge.server.command("carry", "show", str(replies))
    assert "is there already" in refused(edge.server, "carry", "apply", str(cards[0]), "--replies", str(replies))
    edge.exchange(phones[0])


def test_what_a_strangers_file_says_moves_no_cursor(edge: Edge, tmp_path: Path) -> None:
    file = tmp_path / "stranger.tiffin"
    told = CarriedReply(b"d" * 16, 1, b"r" * 32, Outcome.REFUSED, b"\x1b[2Jgone")
    file.write_bytes(write_carried(Kind.REPLIES, [told.write()]))
    said = edge.server.command("carry", "show", str(file))
    assert "\x1b" not in said
    assert "[2Jgone" in said


def test_a_file_that_was_cut_or_is_none_is_said(edge: Edge, tmp_path: Path) -> None:
    card, letter = tmp_path / "card.tiffin", tmp_path / "letter.txt"
    card.write_bytes(write_requests([worked(edge, "Mariam")], now_ms())[:-40])
    letter.write_text("Dear Grace")
    assert "the end is missing. Copy it again" in edge.server.command("carry", "apply", str(card))
    assert "no carried file" in refused(edge.server, "carry", "apply", str(letter))
    assert "none is not there" in refused(edge.server, "carry", "show", str(tmp_path / "none"))
