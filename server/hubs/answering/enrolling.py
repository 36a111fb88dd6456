"""Hubs come and go, at the upstream: an administrator adds one, it joins with a one-time code, it may be revoked."""

import hashlib
import hmac
from dataclasses import dataclass

from sqlmodel import Session, col, select, update

from server import errors
from server.courses.release_keys import ReleaseKeys
from server.hubs import signing
from server.hubs.answering import ended_keys
from server.keys import KeyRing
from server.people.inviting import new_code, normal, shown
from server.shapes.hubs import HubJoined, HubJoinRequest
from server.tables import Hub, JoinCode, Organisation
from server.tables.ids import now_ms
from sync.errors import BadSignature, SyncError, UnknownDevice
from sync.identity import verify

CODE_DAYS = 7  # the laptop is usually beside whoever adds it
HUBS_MAX = 1_000  # of one organisation: the fleet that this is made for has 50
NAME_CHARACTERS_MAX = 80


@dataclass(frozen=True, slots=True)
class Hubs:
    keys: KeyRing

    def add(self, session: Session, organisation: Organisation, name: str) -> str:
        """The code that the hub joins with, once. Adding a hub that is there gives it another code and ends its key:
        its laptop was replaced."""
        name = name.strip()[:NAME_CHARACTERS_MAX]
        code = new_code()
        hub = named(session, organisation.id, name)
        if (
            hub is None
            and len(session.exec(select(Hub).where(Hub.organisation_id == organisation.id)).all()) >= HUBS_MAX
        ):
            raise errors.DoesNotFit(f"An organisation has {HUBS_MAX} hubs at most.")
        hub = hub or Hub(organisation_id=organisation.id, name=name, code="", code_expires_ms=0)
        hub.code, hub.code_expires_ms = self._digest(code), now_ms() + CODE_DAYS * 86_400_000
        session.add(hub)
        session.flush()
        ended_keys.remember(session, hub)
        hub.public_key, hub.joined_ms, hub.revoked_ms = b"", None, None
        return shown(code)

    def join(self, session: Session, request: HubJoinRequest) -> HubJoined:
        """Raises `CodeUnknown`, `CodeExpired`, `BadKey` or `RevokedKeyShown`. A repeat whose reply was lost gives the
        same again."""
        hub = session.exec(select(Hub).where(Hub.code == self._digest(request.code))).first()
        if hub is None:
            raise errors.CodeUnknown("No hub has this code. Read it again, or make another: tiffin hub add NAME")
        if hub.code_expires_ms < now_ms():
            raise errors.CodeExpired("This code is too old. Make another: tiffin hub add NAME")
        public_key = _proven(request)
        ended_keys.check(session, public_key)
        if hub.public_key not in (b"", public_key):
            raise errors.CodeUnknown("This code was used by another machine. Make another: tiffin hub add NAME")
        hub.public_key, hub.joined_ms = public_key, hub.joined_ms or now_ms()
        session.add(hub)
        keys = ReleaseKeys(self.keys, hub.organisation_id)
        return HubJoined(hub=hub.id, name=hub.name, organisation=hub.organisation_id, release_keys=keys.public())

    def _digest(self, code: str) -> str:
        return hmac.new(self.keys.join_secret(), b"hub " + normal(code).encode(), hashlib.sha256).hexdigest()


def caller(session: Session, hub_id: str, path: str, body: bytes, signature: str) -> Hub:
    """The hub that signed this request. Raises `UnknownDevice`, `RevokedDevice` or `BadSignature`; where the key is one
    that was ended, one of `ended_keys.SHOWN`."""
    raw = _raw(signature)
    hub = session.get(Hub, hub_id[:64])
    if hub and hub.revoked_ms is None and _fits(hub.public_key, hub.id, path, body, raw):
        return hub
    for former in ended_keys.of(session, hub_id[:64]):
        if _fits(former.public_key, former.hub_id, path, body, raw):
            raise ended_keys.shown(former)
    if hub is None or not hub.public_key:
        raise UnknownDevice("This hub has not joined here. Add it, then join: tiffin hub join URL CODE")
    raise BadSignature("This is not signed by the hub's key. Join again: tiffin hub join URL CODE")


def _raw(signature: str) -> bytes:
    try:
        return bytes.fromhex(signature[:256])
    except ValueError:
        return b""


def _fits(public_key: bytes, hub_id: str, path: str, body: bytes, signature: bytes) -> bool:
    try:
        signing.check(public_key, hub_id, path, body, signature)
    except SyncError:
        return False
    return True


def revoke(session: Session, organisation_id: str, hub_id: str) -> None:
    """Ends a hub's right to ask, to bring and to add, and the codes that it made. What it brought stays."""
    hub = session.get(Hub, hub_id)
    if hub is None or hub.organisation_id != organisation_id:
        raise errors.NotFound("hub", hub_id)
    hub.revoked_ms = hub.revoked_ms or now_ms()
    session.add(hub)
    ended_keys.remember(session, hub)
    its_codes = (col(JoinCode.hub_id) == hub.id, col(JoinCode.expires_ms) > now_ms())
    session.exec(update(JoinCode).where(*its_codes).values(expires_ms=now_ms()))


def named(session: Session, organisation_id: str, name: str) -> Hub | None:
    return session.exec(select(Hub).where(Hub.organisation_id == organisation_id, col(Hub.name) == name)).first()


def _proven(request: HubJoinRequest) -> bytes:
    try:
        public_key, proof = bytes.fromhex(request.public_key), bytes.fromhex(request.proof)
        verify(public_key, proof, signing.join_statement(normal(request.code)))
    except (SyncError, ValueError) as exc:
        raise errors.BadKey("The proof does not fit the hub's key. Update this hub, then join again.") from exc
    return public_key
