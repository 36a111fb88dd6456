"""Carries a replica's requests over HTTP. Headers are few: on a 2G link each costs as much as a quiz answer."""

import base64
from typing import Any

import httpx

from sync.client.replica import Replica
from sync.errors import Busy, RequestRefused, UnknownDevice
from sync.identity import DeviceKey, join_statement
from sync.wire import Reply

EXCHANGE = "/v1/exchange"
TIMEOUT_SECONDS = 60.0
MORE_MAX = 64  # pages of one exchange; 16 MB is more than a learner ever wrote
WAIT_SECONDS = 30


def join(client: httpx.Client, code: str, label: str, language: str = "en") -> Replica:
    """Enrols a new device with a join code. Raises `RequestRefused` with what the server says."""
    key = DeviceKey.generate()
    return Replica(key, _enrol(client, key, code, label, language))


def rejoin(client: httpx.Client, replica: Replica, code: str, label: str, language: str = "en") -> None:
    """Enrols a device that is not known any more, with all that it holds. Raises `RequestRefused`."""
    replica.join_again(_enrol(client, replica.key, code, label, language))


def _enrol(client: httpx.Client, key: DeviceKey, code: str, label: str, language: str) -> int:
    """Gives the number of the device's profile."""
    plain = code.replace("-", "").upper()
    body = {
        "code": code,
        "public_key": _base64url(key.public_key),
        "proof": _base64url(key.sign(join_statement(plain))),
        "label": label,
        "language": language,
    }
    joined = _checked(client.post("/v1/join", json=body)).json()
    return int(joined["profile"])


def exchange(client: httpx.Client, replica: Replica, now_ms: int) -> Reply:
    """One exchange; more round trips only where the reply says that there is more."""
    for _ in range(MORE_MAX):
        reply = replica.accept(post(client, replica.request(now_ms)))
        if not reply.more:
            return reply
    return reply


def post(client: httpx.Client, body: bytes) -> bytes:
    request = client.build_request("POST", EXCHANGE, content=body)
    request.headers = httpx.Headers({"host": request.url.netloc.decode(), "content-length": str(len(body))})
    return _checked(client.send(request)).content


def _checked(response: httpx.Response) -> httpx.Response:
    if response.is_success:
        return response
    problem = _problem(response)
    if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
        raise Busy(int(response.headers.get("retry-after", WAIT_SECONDS)))
    if problem.get("code") == "device_unknown":
        raise UnknownDevice(problem["detail"])
    raise RequestRefused(problem.get("detail") or f"The server answered {response.status_code}.")


def _problem(response: httpx.Response) -> dict[str, Any]:
    try:
        fields = response.json()
    except ValueError:
        return {}
    return fields if isinstance(fields, dict) else {}


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
