"""Join codes: eight characters that let a phone join as one learner, and the QR code that carries them.

Crockford's base32 has no I, L, O and U; what a person reads as one of these is taken for 1 or 0. A code stays good
until it expires: a learner may join with a second phone, or again after her storage was lost.

A server keeps digests only, and what it keeps opens no door without its secret. Hubs, which do not have that secret,
know a code by another digest, slow to make. It is kept for each code from the start, sealed: so a code works at a hub
that did not exist when it was made. A hub makes codes for learners that it enrolled itself, and hands on their slow
digests.
"""

import hashlib
import hmac
import io
import secrets
from dataclasses import dataclass

import segno
from sqlmodel import Session, select

from server import errors
from server.people import upward
from server.shapes.learners import Invitation
from server.tables import AdditionKind, JoinCode, Learner
from server.tables.ids import now_ms

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_CHARACTERS = 8
VALID_DAYS = 30  # a trainer's round through the villages takes up to four weeks
DAY_MS = 86_400_000
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


@dataclass(frozen=True, slots=True)
class FreshCode:
    """A code that is nobody's yet, and what is kept of it."""

    invitation: Invitation
    digest: str
    carried: str


@dataclass(frozen=True, slots=True)
class Inviting:
    """Makes and reads codes with the server's secret, for phones that reach it at `address`."""

    secret: bytes
    address: str
    hub_of: str = ""  # the organisation, where this is a hub: codes are the upstream's

    def invite(self, session: Session, learner: Learner) -> Invitation:
        return self.give(session, learner, self.fresh(learner.organisation_id))

    def fresh(self, organisation_id: str) -> FreshCode:
        """Takes some 25 ms: for a whole class they are made before the transaction that gives them."""
        code = new_code()
        digest, carried = self._digests(code, organisation_id)
        url = self.join_url(code)
        expires_ms = now_ms() + VALID_DAYS * DAY_MS
        told = Invitation(code=shown(code), join_url=url, qr_svg=qr_svg(url), expires_ms=expires_ms)
        return FreshCode(told, digest, carried)

    def give(self, session: Session, learner: Learner, fresh: FreshCode) -> Invitation:
        """Raises `OnlyUpstream` where she may not be invited here."""
        if not self.may_invite(session, learner.id):
            raise errors.OnlyUpstream("She was not enrolled at this hub: her codes are made at the main server.")
        kept = JoinCode(
            digest=fresh.digest,
            organisation_id=learner.organisation_id,
            learner_id=learner.id,
            expires_ms=fresh.invitation.expires_ms,
            carried=fresh.carried,
        )
        session.add(kept)
        upward.note(session, AdditionKind.CODE, learner.id, kept.digest)
        return fresh.invitation

    def may_invite(self, session: Session, learner_id: str) -> bool:
        """A hub invites whom it enrolled: else it could let in a phone of its own as anybody."""
        return not self.hub_of or upward.was_added_here(session, learner_id)

    def take_from_hub(self, session: Session, hub_id: str, learner: Learner, slow: str, seconds_left: int) -> None:
        """A code that a hub made. How long it is good is bounded here: a hub's clock may be wrong.

        Raises `AlreadyThere` for another's.
        """
        milliseconds = min(1_000 * seconds_left, VALID_DAYS * DAY_MS)
        digest = self._named(slow)
        if session.get(JoinCode, digest):
            raise errors.AlreadyThere("This code is another learner's.")
        session.add(
            JoinCode(
                digest=digest,
                organisation_id=learner.organisation_id,
                learner_id=learner.id,
                expires_ms=now_ms() + milliseconds,
                carried=sealed(self.secret, digest, slow),
                hub_id=hub_id,
            )
        )

    def open(self, session: Session, code: str) -> JoinCode:
        """The kept code; raises `CodeUnknown` or `CodeExpired`."""
        kept = self.find(session, code)
        if kept is None:
            raise errors.CodeUnknown("No learner has this code. Read it again, or ask your trainer for a new one.")
        if kept.expires_ms < now_ms():
            raise errors.CodeExpired("This code is too old. Ask your trainer for a new one.")
        return kept

    def find(self, session: Session, code: str) -> JoinCode | None:
        if self.hub_of:
            return session.get(JoinCode, slow_digest(code, self.hub_of))
        return session.get(JoinCode, self._digest(code)) or self._made_at_a_hub(session, code)

    def _made_at_a_hub(self, session: Session, code: str) -> JoinCode | None:
        organisations = session.exec(select(JoinCode.organisation_id).where(JoinCode.hub_id != "").distinct()).all()
        found = (session.get(JoinCode, self._named(slow_digest(code, one))) for one in organisations)
        return next((kept for kept in found if kept), None)

    def join_url(self, code: str) -> str:
        # Behind the #, the code reaches no server log on its way.
        return f"{self.address}/#/join/{shown(code)}"

    def _digests(self, code: str, organisation_id: str) -> tuple[str, str]:
        """What a code is kept as here, and what hubs are given of it, sealed."""
        slow = slow_digest(code, organisation_id)
        if self.hub_of:
            return slow, ""
        digest = self._digest(code)
        return digest, sealed(self.secret, digest, slow)

    def _digest(self, code: str) -> str:
        return _keyed(self.secret, normal(code)).hex()

    def _named(self, slow: str) -> str:
        """What a code is kept as that is known by its slow digest alone."""
        return _keyed(self.secret, f"made at a hub {slow}").hex()


def slow_digest(code: str, organisation_id: str) -> str:
    """scrypt (RFC 7914): some 20 ms and 8 MB a try, so that 2^40 codes take centuries."""
    return hashlib.scrypt(normal(code).encode(), salt=organisation_id.encode(), n=1 << 13, r=8, p=1, dklen=32).hex()


def sealed(secret: bytes, digest: str, slow: str) -> str:
    """Hides a code's slow digest under its other one, or shows it again: a pad of its own for each code."""
    pad = _keyed(secret, f"carried {digest}")
    return bytes(one ^ other for one, other in zip(bytes.fromhex(slow), pad, strict=True)).hex()


def _keyed(secret: bytes, text: str) -> bytes:
    return hmac.new(secret, text.encode(), hashlib.sha256).digest()


def new_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_CHARACTERS))


def normal(code: str) -> str:
    return code.upper().translate(_READ_AS)


def shown(code: str) -> str:
    plain = normal(code)
    return f"{plain[:4]}-{plain[4:]}"


def qr_svg(text: str) -> str:
    image = io.BytesIO()
    segno.make(text, error="m").save(image, kind="svg", scale=4, border=2, xmldecl=False, light="#fff")
    return image.getvalue().decode()


def qr_terminal(text: str) -> str:
    lines = io.StringIO()
    segno.make(text, error="l").terminal(lines, compact=True, border=1)
    return lines.getvalue()
