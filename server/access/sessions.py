"""The session cookie: signed, never stored. It names the account and the password it was opened with, so that a new
password, or a disabled account, ends every session.
"""

import hashlib
from dataclasses import dataclass

from itsdangerous import BadData, URLSafeTimedSerializer
from starlette.responses import Response

from server import errors
from server.tables import Account

COOKIE = "tiffin_session"
SESSION_SECONDS_MAX = 12 * 3600  # a working day: a trainer's laptop is shared, too
STAMP_CHARACTERS = 16


@dataclass(frozen=True, slots=True)
class Claim:
    account_id: str
    stamp: str


def stamp_of(account: Account) -> str:
    return hashlib.sha256(account.password_hash.encode()).hexdigest()[:STAMP_CHARACTERS]


class Cookies:
    def __init__(self, secret: bytes) -> None:
        self._serializer = URLSafeTimedSerializer(secret, salt="tiffin-session-1")

    def sign(self, account: Account) -> str:
        return str(self._serializer.dumps([account.id, stamp_of(account)]))

    def read(self, cookie: str) -> Claim:
        try:
            account_id, stamp = self._serializer.loads(cookie, max_age=SESSION_SECONDS_MAX)
        except (BadData, ValueError, TypeError) as exc:
            raise errors.NotSignedIn("You are not signed in, or not any more. Sign in.") from exc
        return Claim(str(account_id), str(stamp))


def give(response: Response, cookie: str, *, secure: bool) -> None:
    response.set_cookie(
        COOKIE, cookie, max_age=SESSION_SECONDS_MAX, httponly=True, samesite="strict", secure=secure, path="/v1"
    )


def take_back(response: Response) -> None:
    response.delete_cookie(COOKIE, path="/v1", httponly=True, samesite="strict")
