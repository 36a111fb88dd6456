"""What may be wrong with an exchange as a whole; what is wrong with one frame is a verdict in the reply instead.

SyncError
├── RequestRefused
│   ├── Truncated            the bytes end before what they announce
│   ├── Malformed            the bytes are no exchange
│   ├── UnsupportedVersion   a version this server does not speak
│   ├── TooLarge             over a named limit
│   └── NotCarried           the file is no carried exchange
├── NotAuthentic
│   ├── UnknownDevice        no device of this id has joined here
│   ├── RevokedDevice        the device was revoked
│   └── BadSignature         the signature does not fit the device's key
├── Busy                     the queue is full; `wait_seconds` says when to come again
└── BadPublicKey             no point of P-256
"""


class SyncError(Exception):
    """The root of this package's errors."""


class RequestRefused(SyncError):
    """The request cannot be read; nothing of it is kept."""


class Truncated(RequestRefused):
    """The bytes end before what they announce: send the whole request again."""


class Malformed(RequestRefused):
    """The bytes are not an exchange as docs/protocol.md defines it."""


class UnsupportedVersion(RequestRefused):
    """A version of the exchange that is not spoken here: update the app or the server."""


class TooLarge(RequestRefused):
    """Over a limit: send less at a time."""


class NotCarried(RequestRefused):
    """The file does not begin as a carried file does: copy it again."""


class NotAuthentic(SyncError):
    """Whoever asked is not who the request says."""


class UnknownDevice(NotAuthentic):
    """No device of this id, or no such profile on it, has joined here: join with a code."""


class RevokedDevice(NotAuthentic):
    """The device was revoked: ask the trainer, then join again."""


class BadSignature(NotAuthentic):
    """The signature was not made by the device's key over these bytes."""


class Busy(SyncError):
    """Too much is under way; nothing was kept."""

    def __init__(self, wait_seconds: int) -> None:
        super().__init__(f"The server is busy. Come again in {wait_seconds} seconds; nothing is lost.")
        self.wait_seconds = wait_seconds


class BadPublicKey(SyncError):
    """The bytes are no uncompressed point of P-256."""
