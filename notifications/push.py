"""The one door to web push: encrypts for a subscription (RFC 8291), signs as this server (VAPID, RFC 8292), sends.

No redirect is followed, no proxy is taken from the environment, and of the answer only the status is read.
"""

import base64
import ssl
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpcore
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from py_vapid import Vapid02  # type: ignore[import-untyped]
from pywebpush import WebPusher

from notifications.endpoints import Endpoints, GuardedBackend
from notifications.errors import EndpointRefused, KeysMalformed
from notifications.policy import Outcome

SECONDS_MAX = 10.0  # for each of connecting, writing, reading; push services answer in well under one
TTL_SECONDS = 3 * 86_400  # as long as news stay news; a phone without power over the weekend still hears them
TOKEN_SECONDS = 12 * 3600  # RFC 8292 allows 24 hours
POINT_BYTES, AUTH_BYTES = 65, 16


@dataclass(frozen=True, slots=True)
class Subscription:
    """Where and for whom to encrypt, as the browser gave it; both keys base64url."""

    endpoint: str
    p256dh: str
    auth: str


def new_key() -> bytes:
    """A VAPID private key: PEM of a fresh P-256 key."""
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


class Push:
    """Sends to push services as one server. Used from several threads; call `close` at the end."""

    def __init__(self, key: bytes, contact: str, endpoints: Endpoints) -> None:
        self._vapid = Vapid02.from_pem(key)
        self._contact = contact
        self._endpoints = endpoints
        self._pool = httpcore.ConnectionPool(
            ssl_context=ssl.create_default_context(), network_backend=GuardedBackend(endpoints)
        )

    @property
    def public_key(self) -> str:
        """What browsers subscribe with: base64url of the uncompressed point."""
        point = self._vapid.public_key.public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        return base64.urlsafe_b64encode(point).rstrip(b"=").decode()

    def send(self, to: Subscription, payload: str) -> Outcome:
        """One attempt. Raises `EndpointRefused` or `KeysMalformed`; everything else is an outcome."""
        self._endpoints.check_written(to.endpoint)
        body = encrypted(to, payload)
        headers: dict[bytes | str, bytes | str] = {
            "TTL": str(TTL_SECONDS),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "Urgency": "normal",
            **self._authorization(to.endpoint),
        }
        waits = dict.fromkeys(("connect", "read", "write", "pool"), SECONDS_MAX)
        try:
            with self._pool.stream(
                "POST", to.endpoint, headers=headers, content=body, extensions={"timeout": waits}
            ) as response:
                return outcome_of(response.status)
        except EndpointRefused:
            raise
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, OSError):
            return Outcome.LATER

    def _authorization(self, endpoint: str) -> dict[bytes | str, bytes | str]:
        parts = urlsplit(endpoint)
        claims = {
            "aud": f"{parts.scheme}://{parts.netloc}",
            "sub": self._contact,
            "exp": int(time.time()) + TOKEN_SECONDS,
        }
        return {str(name): str(value) for name, value in self._vapid.sign(claims).items()}

    def close(self) -> None:
        self._pool.close()


def check_keys(to: Subscription) -> None:
    """Raises `KeysMalformed` unless both keys are what RFC 8291 asks for."""
    try:
        point, auth = _decoded(to.p256dh), _decoded(to.auth)
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError as exc:
        raise KeysMalformed("p256dh is no point of P-256") from exc
    if (len(point), len(auth)) != (POINT_BYTES, AUTH_BYTES):
        raise KeysMalformed("p256dh must have 65 bytes, auth 16")


def encrypted(to: Subscription, payload: str) -> bytes:
    check_keys(to)
    keys = {"endpoint": to.endpoint, "keys": {"p256dh": to.p256dh, "auth": to.auth}}
    return bytes(WebPusher(keys).encode(payload.encode())["body"])


def outcome_of(status: int) -> Outcome:
    if 200 <= status < 300:
        return Outcome.SENT
    if status in (404, 410):
        return Outcome.GONE
    if status == 429 or status >= 500:
        return Outcome.LATER
    return Outcome.REFUSED


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
