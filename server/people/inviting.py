"""Join codes: eight characters that let a phone join as one learner, and the QR code that carries them.

Crockford's base32 has no I, L, O and U; what a person reads as one of these is taken for 1 or 0. The server keeps a
keyed digest only, so that a stolen database opens no door. A code stays good until it expires: a learner may join with
a second phone, or again after her storage was lost.
"""

import hashlib
import hmac
import io
import secrets
from dataclasses import dataclass

import segno
from sqlmodel import Session, select

from server import errors
from server.shapes.learners import Invitation
from server.tables import Hub, JoinCode, Learner
from server.tables.ids import now_ms

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_CHARACTERS = 8
VALID_DAYS = 30  # a trainer's round through the villages takes up to four weeks
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


@dataclass(frozen=True, slots=True)
class Inviting:
    """Makes and reads codes with the server's secret, for phones that reach it at `address`."""

    secret: bytes
    address: str
    hub_of: str = ""  # the organisation, where this is a hub: codes are the upstream's

    def invite(self, session: Session, learner: Learner) -> Invitation:
        code = new_code()
        has_hubs = session.exec(select(Hub.id).where(Hub.organisation_id == learner.organisation_id)).first()
        expires_ms = now_ms() + VALID_DAYS * 86_400_000
        session.add(
            JoinCode(
                digest=self._digest(code),
                organisation_id=learner.organisation_id,
                learner_id=learner.id,
                expires_ms=expires_ms,
                carried=slow_digest(code, learner.organisation_id) if has_hubs else "",
            )
        )
        url = self.join_url(code)
        return Invitation(code=shown(code), join_url=url, qr_svg=qr_svg(url), expires_ms=expires_ms)

    def open(self, session: Session, code: str) -> JoinCode:
        """The kept code; raises `CodeUnknown` or `CodeExpired`."""
        kept = self.find(session, code)
        if kept is None:
            raise errors.CodeUnknown("No learner has this code. Read it again, or ask your trainer for a new one.")
        if kept.expires_ms < now_ms():
            raise errors.CodeExpired("This code is too old. Ask your trainer for a new one.")
        return kept

    def find(self, session: Session, code: str) -> JoinCode | None:
        return session.get(JoinCode, slow_digest(code, self.hub_of) if self.hub_of else self._digest(code))

    def join_url(self, code: str) -> str:
        # Behind the #, the code reaches no server log on its way.
        return f"{self.address}/#/join/{shown(code)}"

    def _digest(self, code: str) -> str:
        return hmac.new(self.secret, normal(code).encode(), hashlib.sha256).hexdigest()


def slow_digest(code: str, organisation_id: str) -> str:
    """scrypt (RFC 7914): some 20 ms and 8 MB a try, so that 2^40 codes take centuries."""
    return hashlib.scrypt(normal(code).encode(), salt=organisation_id.encode(), n=1 << 13, r=8, p=1, dklen=32).hex()


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
