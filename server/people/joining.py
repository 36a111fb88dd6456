"""A device joins: it shows a learner's code, proves that it holds its key, and becomes one of her devices.

Repeating a request whose reply was lost gives the same profile again.
"""

import base64
import binascii
from dataclasses import dataclass

from sqlalchemy import func
from sqlmodel import Session, col, select

from server import errors
from server.courses.release_keys import ReleaseKeys
from server.keys import KeyRing
from server.people.inviting import Inviting
from server.shapes.joining import Joined, JoinedLearner, JoinedOrganisation, JoinRequest
from server.tables import Device, JoinCode, Learner, Organisation, Profile
from server.tables.ids import now_ms
from sync import identity
from sync.errors import SyncError

PROFILES_MAX = 32  # of one phone; a phone shared by a class is a tablet, and gets a few of them


@dataclass(frozen=True, slots=True)
class Joining:
    """`push_key` is the VAPID public key, `epoch` names this life of the log; both go to the phone."""

    inviting: Inviting
    keys: KeyRing
    push_key: str
    epoch: bytes

    def join(self, session: Session, request: JoinRequest) -> Joined:
        public_key = _proven(request)
        code = self.inviting.open(session, request.code)
        device = _device(session, code, public_key, request.label)
        profile = _profile(session, code, device)
        return self._told(session, device, profile)

    def _told(self, session: Session, device: Device, profile: Profile) -> Joined:
        learner = session.get_one(Learner, profile.learner_id)
        organisation = session.get_one(Organisation, profile.organisation_id)
        keys = ReleaseKeys(self.keys, organisation.id)
        signer = keys.signer
        return Joined(
            device=device.id,
            profile=profile.number,
            learner=JoinedLearner(id=learner.id, name=learner.name, language=learner.language),
            organisation=JoinedOrganisation(
                id=organisation.id,
                name=organisation.name,
                release_key=_text(signer.public_key),
                release_key_id=signer.key_id,
                release_key_generation=keys.generation,
                next_release_key=_text(keys.following),
            ),
            push_key=self.push_key,
            epoch=self.epoch.hex(),
            server_time=now_ms(),
        )


def _proven(request: JoinRequest) -> bytes:
    """The public key, once the proof shows that its private half signed this code."""
    public_key = _bytes(request.public_key)
    statement = identity.join_statement(request.code.replace("-", "").upper())
    try:
        identity.verify(public_key, _bytes(request.proof), statement)
    except SyncError as exc:
        raise errors.BadKey("The proof does not fit the key. Update the app, then join again.") from exc
    return public_key


def _device(session: Session, code: JoinCode, public_key: bytes, label: str) -> Device:
    device_id = identity.device_id(public_key).hex()
    device = session.get(Device, device_id)
    if device is None:
        device = Device(id=device_id, organisation_id=code.organisation_id, public_key=public_key)
    if device.organisation_id != code.organisation_id or device.revoked_ms is not None:
        raise errors.BadKey("This phone's key is not welcome here. Join with a new one.")
    device.label = label or device.label
    session.add(device)
    session.flush()
    return device


def _profile(session: Session, code: JoinCode, device: Device) -> Profile:
    there = session.exec(
        select(Profile).where(Profile.device_id == device.id, Profile.learner_id == code.learner_id)
    ).first()
    if there:
        return there
    count = session.exec(select(func.count()).where(col(Profile.device_id) == device.id)).one()
    if count >= PROFILES_MAX:
        raise errors.BadKey(f"This phone has {PROFILES_MAX} learners already. Use another one.")
    profile = Profile(
        device_id=device.id, number=count + 1, organisation_id=code.organisation_id, learner_id=code.learner_id
    )
    code.uses += 1
    session.add_all((profile, code))
    session.flush()
    return profile


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as exc:
        raise errors.BadKey("The key or the proof is not base64url. Update the app, then join again.") from exc


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
