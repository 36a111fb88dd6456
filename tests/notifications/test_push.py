"""One push, end to end: encrypted for the browser alone, signed as this server, and not sent where it must not go."""

import base64
import json
from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

from notifications import EndpointRefused, Endpoints, KeysMalformed, Outcome, Push, Subscription, new_key
from tests.notifications.push_service import Browser, PushService, push_service
from tests.services.ports import free_port

CONTACT = "mailto:someone@example.org"


@pytest.fixture
def service() -> Iterator[PushService]:
    with push_service() as running:
        yield running


@pytest.fixture
def push() -> Iterator[Push]:
    sender = Push(new_key(), CONTACT, Endpoints(allow_local=True))
    yield sender
    sender.close()


def test_the_browser_reads_what_was_sent(service: PushService, push: Push) -> None:
    browser = Browser(f"{service.url}/amina")

    outcome = push.send(browser.subscription, '{"title":"وصلت نتيجتك"}')

    received = service.received.get_nowait()
    assert outcome is Outcome.SENT
    assert browser.read(received.body) == '{"title":"وصلت نتيجتك"}'
    assert received.headers["content-encoding"] == "aes128gcm"
    assert int(received.headers["ttl"]) > 0


def test_the_push_service_can_check_who_sent_it(service: PushService, push: Push) -> None:
    push.send(Browser(f"{service.url}/amina").subscription, "{}")

    scheme, _, fields = service.received.get_nowait().headers["authorization"].partition(" ")
    named = dict(part.split("=", 1) for part in fields.split(","))
    head, claims, signature = named["t"].split(".")
    _verify(named["k"], f"{head}.{claims}".encode(), _raw(signature))
    assert scheme == "vapid"
    assert named["k"] == push.public_key
    assert json.loads(_raw(claims))["aud"] == service.url
    assert json.loads(_raw(claims))["sub"] == CONTACT


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (404, Outcome.GONE),
        (410, Outcome.GONE),
        (429, Outcome.LATER),
        (503, Outcome.LATER),
        (400, Outcome.REFUSED),
        (413, Outcome.REFUSED),
    ],
)
def test_each_answer_has_its_outcome(service: PushService, push: Push, status: int, outcome: Outcome) -> None:
    service.answers["/amina"] = status

    assert push.send(Browser(f"{service.url}/amina").subscription, "{}") is outcome


def test_a_redirect_is_not_followed(service: PushService, push: Push) -> None:
    service.answers["/redirects"] = 307

    outcome = push.send(Browser(f"{service.url}/redirects").subscription, "{}")

    assert outcome is Outcome.REFUSED
    assert [service.received.get_nowait().path] == ["/redirects"]
    assert service.received.empty()


def test_a_service_that_is_away_is_tried_later(push: Push) -> None:
    gone = f"http://127.0.0.1:{free_port()}/amina"

    assert push.send(Browser(gone).subscription, "{}") is Outcome.LATER


def test_keys_that_cannot_encrypt_are_named(service: PushService, push: Push) -> None:
    with pytest.raises(KeysMalformed):
        push.send(Subscription(f"{service.url}/x", "AAAA", "AAAA"), "{}")

    assert service.received.empty()


def test_a_guarded_sender_does_not_reach_this_machine_by_any_name(service: PushService) -> None:
    guarded = Push(new_key(), CONTACT, Endpoints())
    port = service.url.rpartition(":")[2]

    for endpoint in (f"{service.url}/x", f"https://localhost:{port}/x", "https://localhost/x"):
        with pytest.raises(EndpointRefused):
            guarded.send(Browser(endpoint).subscription, "{}")

    assert service.received.empty()


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://example.org/x",
        "https://127.0.0.1/x",
        "https://10.1.2.3/x",
        "https://169.254.169.254/latest",
        "https://[::1]/x",
        "https://[::ffff:10.0.0.1]/x",
        "https://[64:ff9b::a00:1]/x",
        "https://[2002:0a00:0001::]/x",
        "https://100.64.0.1/x",
        "https://0.0.0.0/x",
        "https://224.0.0.1/x",
        "https://user:secret@example.org/x",
        "https://example.org:8443/x",
        "https://example.org:99999/x",
        "https://",
        "ftp://example.org/x",
        "https://example.org/" + "x" * 1100,
        "",
    ],
)
def test_an_endpoint_that_leads_inside_is_refused_before_any_look_up(endpoint: str) -> None:
    with pytest.raises(EndpointRefused):
        Endpoints().check_written(endpoint)


def test_an_address_on_the_public_internet_is_taken() -> None:
    Endpoints().check("https://1.1.1.1/push/abc")
    Endpoints().check("https://[2606:4700:4700::1111]/push/abc")


def test_a_name_that_resolves_inside_is_refused() -> None:
    with pytest.raises(EndpointRefused):
        Endpoints().check("https://localhost/x")


def _raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _verify(public: str, message: bytes, signature: bytes) -> None:
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _raw(public))
    numbers = (int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))
    key.verify(utils.encode_dss_signature(*numbers), message, ec.ECDSA(hashes.SHA256()))
