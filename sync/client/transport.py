"""Carries a replica's requests over HTTP. Headers are few: on a 2G link each costs as much as a quiz answer.

Whoever answers may be anybody: of an answer no more is read than one may have, and for no longer than one may take.
"""

import base64
import json
import re
import time
from typing import Any

import httpx

from sync.client.replica import Replica
from sync.errors import Busy, Malformed, RequestRefused, SyncError, TooLarge, UnknownDevice
from sync.identity import DeviceKey, join_statement
from sync.limits import REPLY_READ_BYTES_MAX
from sync.wire import Reply

EXCHANGE = "/v1/exchange"
JOIN = "/v1/join"
TIMEOUT_SECONDS = 60.0  # without a byte: the link is gone
ANSWER_SECONDS_MAX = 120.0  # the largest request and reply take some 60 s of 2G
JSON_BYTES_MAX = 64 << 10  # of what is said beside exchanges: of a joining, of why not
MORE_MAX = 64  # pages of one exchange; 16 MB is more than a learner ever wrote
WAIT_SECONDS = 30  # where a busy server does not say
SECONDS = re.compile(r"[0-9]{1,5}")  # of `Retry-After`: up to a day; longer is no answer to a request


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
    request = client.build_request("POST", JOIN, json=body, headers={"accept-encoding": "identity"})
    try:
        return int(_fields(_answered(client, request, JSON_BYTES_MAX))["profile"])
    except (KeyError, TypeError, ValueError) as error:
        raise Malformed("What answered the code is no Tiffin server. Is there something between you and it?") from error


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
    return _answered(client, request, REPLY_READ_BYTES_MAX)


def _answered(client: httpx.Client, request: httpx.Request, bytes_max: int) -> bytes:
    request.extensions["timeout"] = httpx.Timeout(TIMEOUT_SECONDS).as_dict()
    response = client.send(request, stream=True)
    try:
        if response.is_success:
            return _read(response, bytes_max)
        raise _refusal(response, _fields(_read(response, JSON_BYTES_MAX)))
    finally:
        response.close()


def _read(response: httpx.Response, bytes_max: int) -> bytes:
    """As it came, for what is packed may be a thousand times as much. Raises `TooLarge`."""
    over_at = time.monotonic() + ANSWER_SECONDS_MAX
    body = bytearray()
    for chunk in response.iter_raw():
        body += chunk
        if len(body) > bytes_max:
            raise TooLarge(f"The server answered with more than {bytes_max} bytes. Is it a Tiffin server?")
        if time.monotonic() > over_at:
            raise httpx.ReadTimeout("The answer comes too slowly. Try again later.", request=response.request)
    return bytes(body)


def _refusal(response: httpx.Response, problem: dict[str, Any]) -> SyncError:
    if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
        said = response.headers.get("retry-after", "")
        return Busy(int(said) if SECONDS.fullmatch(said) else WAIT_SECONDS)
    detail = str(problem.get("detail") or f"The server answered {response.status_code}.")
    return UnknownDevice(detail) if problem.get("code") == "device_unknown" else RequestRefused(detail)


def _fields(body: bytes) -> dict[str, Any]:
    """None of what is no JSON object."""
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return fields if isinstance(fields, dict) else {}


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
