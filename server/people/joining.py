"""A device joins: it shows a learner's code, proves that it holds its key, and becomes one of her devices.

Repeating a request whose reply was lost gives the same profile again.
"""

import base64
import binascii
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import func
from sqlmodel import Session, col, select

from offline_bundles import key_id
from server import errors
from server.courses.release_keys import ReleaseKeys
from server.keys import KeyRing
from server.people.inviting import Inviting
from server.shapes.hubs import CarriedJoin
from server.shapes.joining import Joined, JoinedLearner, JoinedOrganisation, JoinRequest
from server.tables import Device, HubJoin, JoinCode, Learner, Organisation, Profile
from server.tables.ids import now_ms
from sync import identity
from sync.errors import SyncError

HUB_NUMBERS_FROM, HUB_NUMBERS = 64, 16_320  # of profiles that join at a hub: two bytes on the wire at most
PROFILES_MAX = 32  # of one phone; a phone shared by a class is a tablet, and gets a few of them


@dataclass(frozen=True, slots=True)
class Joining:
    """`push_key` is the VAPID public key, `epoch` names this life of the log; both go to the phone."""

    inviting: Inviting
    keys: KeyRing
    push_key: str
    epoch: Callable[[], bytes]

    def join(self, session: Session, request: JoinRequest) -> Joined:
        public_key = _proven(request)
        code = self.inviting.open(session, request.code)
        device = _device(session, code, public_key, request.label)
        profile = _profile(session, code, device, self._number)
        if self.inviting.hub_of:
            _keep_for_upstream(session, profile, request)
        return self._told(session, device, profile, request.language)

    def join_at_hub(self, session: Session, request: CarriedJoin, organisation_id: str) -> None:
        """Takes a joining that one of our hubs saw, under the number that it gave. The code may have run out since:
        it was good when the phone showed it."""
        public_key = _proven(JoinRequest(**request.model_dump(exclude={"profile"})))
        code = self.inviting.find(session, request.code)
        if code is None or code.organisation_id != organisation_id:
            raise errors.CodeUnknown("No learner has this code.")
        device = _device(session, code, public_key, request.label)
        there = session.get(Profile, (device.id, request.profile))
        if there is None:
            _add_profile(session, code, device, request.profile)
        elif there.learner_id != code.learner_id:
            raise errors.AlreadyThere("Another learner of this phone has this number. Let her join again.")

    def _number(self, session: Session, device: Device) -> int:
        """Of a new profile. What else is on a phone a hub may not know: it takes a number that hardly anybody has."""
        if self.inviting.hub_of:
            return HUB_NUMBERS_FROM + secrets.randbelow(HUB_NUMBERS)
        return 1 + max(session.exec(select(Profile.number).where(Profile.device_id == device.id)), default=0)

    def _told(self, session: Session, device: Device, profile: Profile, phones_language: str) -> Joined:
        learner = session.get_one(Learner, profile.learner_id)
        organisation = session.get_one(Organisation, profile.organisation_id)
        keys = ReleaseKeys(self.keys, organisation.id)
        current = keys.current
        return Joined(
            device=device.id,
            profile=profile.number,
            learner=JoinedLearner(id=learner.id, name=learner.name, language=learner.language or phones_language),
            organisation=JoinedOrganisation(
                id=organisation.id,
                name=organisation.name,
                release_key=_text(current),
                release_key_id=key_id(current),
                release_key_generation=keys.generation,
                next_release_key=_text(keys.following),
            ),
            push_key=self.push_key,
            epoch=self.epoch().hex(),
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


def _profile(session: Session, code: JoinCode, device: Device, number: Callable[[Session, Device], int]) -> Profile:
    there = session.exec(
        select(Profile).where(Profile.device_id == device.id, Profile.learner_id == code.learner_id)
    ).first()
    return there or _add_profile(session, code, device, number(session, device))


def _add_profile(session: Session, code: JoinCode, device: Device, number: int) -> Profile:
    count = session.exec(select(func.count()).where(col(Profile.device_id) == device.id)).one()
    if count >= PROFILES_MAX:
        raise errors.BadKey(f"This phone has {PROFILES_MAX} learners already. Use another one.")
    profile = Profile(
        device_id=device.id, number=number, organisation_id=code.organisation_id, learner_id=code.learner_id
    )
    code.uses += 1
    session.add_all((profile, code))
    session.flush()
    return profile


def _keep_for_upstream(session: Session, profile: Profile, request: JoinRequest) -> None:
    """What the phone said and signed goes up as it is."""
    there = session.exec(
        select(HubJoin).where(HubJoin.device_id == profile.device_id, HubJoin.profile == profile.number)
    ).first()
    if there is None:
        words = request.model_dump()
        session.add(HubJoin(device_id=profile.device_id, profile=profile.number, **words))


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as exc:
        raise errors.BadKey("The key or the proof is not base64url. Update the app, then join again.") from exc


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
