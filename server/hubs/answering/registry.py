"""What a hub is told of the organisation: who learns what, on which phones, and which releases are published.

It is cut into sections, each named by the digest of its content: a hub says which it holds, and gets the others whole.
People and devices lie in sixteen sections each, so that one joining costs a sixteenth.
"""

from collections import defaultdict
from collections.abc import Mapping
from hashlib import sha256

from sqlmodel import Session, col, select

from server.courses import releases
from server.courses.release_keys import ReleaseKeys
from server.hubs.sections import DEVICES, PEOPLE, Content, digest
from server.keys import KeyRing
from server.people.inviting import sealed
from server.tables import Course, Device, Enrolment, JoinCode, Learner, Organisation, Profile
from server.tables.ids import now_ms

DIGITS = "0123456789abcdef"


def sections(session: Session, organisation_id: str, ring: KeyRing, push_key: str) -> dict[str, Content]:
    organisation = session.get_one(Organisation, organisation_id)
    keys = ReleaseKeys(ring, organisation_id).public()
    return {
        "organisation": {"id": organisation.id, "name": organisation.name, "push_key": push_key, "keys": keys},
        "courses": _courses(session, organisation_id),
        "releases": _releases(session, organisation_id),
        "codes": codes(session, organisation_id, ring),
        **_people(session, organisation_id),
        **_devices(session, organisation_id),
    }


def _digit(name: str) -> str:
    return sha256(name.encode()).hexdigest()[0]


def changed(here: Mapping[str, Content], have: Mapping[str, str]) -> dict[str, Content]:
    return {name: content for name, content in here.items() if have.get(name) != digest(content)}


def _courses(session: Session, organisation_id: str) -> Content:
    found = session.exec(select(Course).where(Course.organisation_id == organisation_id).order_by(Course.id))
    return [{"id": one.id, "title": one.title} for one in found]


def _releases(session: Session, organisation_id: str) -> Content:
    """The newest published one of each course: what phones are told of."""
    newest = releases.newest_published(session, organisation_id)
    return [
        {
            "course": one.course_id,
            "number": one.number,
            "root": one.root,
            "root_bytes": one.root_bytes,
            "signature": one.signature,
            "key": one.key,
        }
        for _, one in sorted(newest.items())
    ]


def codes(session: Session, organisation_id: str, ring: KeyRing) -> Content:
    """Open ones, by the digest that is slow to make."""
    secret = ring.join_secret()
    open_codes = select(JoinCode).where(
        JoinCode.organisation_id == organisation_id, JoinCode.carried != "", JoinCode.expires_ms > now_ms()
    )
    return [
        {"digest": sealed(secret, one.digest, one.carried), "learner": one.learner_id, "expires_ms": one.expires_ms}
        for one in session.exec(open_codes.order_by(JoinCode.digest))
    ]


def _people(session: Session, organisation_id: str) -> dict[str, Content]:
    courses: dict[str, list[str]] = defaultdict(list)
    of_here = select(Enrolment.learner_id, Enrolment.course_id).where(Enrolment.organisation_id == organisation_id)
    for learner, course in session.exec(of_here.order_by(Enrolment.course_id)):
        courses[learner].append(course)
    found: dict[str, list[Content]] = {digit: [] for digit in DIGITS}
    for one in session.exec(select(Learner).where(Learner.organisation_id == organisation_id).order_by(Learner.id)):
        person = {"id": one.id, "name": one.name, "language": one.language, "courses": courses[one.id]}
        found[_digit(one.id)].append(person)
    return {f"{PEOPLE}/{digit}": content for digit, content in found.items()}


def _devices(session: Session, organisation_id: str) -> dict[str, Content]:
    profiles: dict[str, list[Content]] = defaultdict(list)
    of_here = select(Profile).where(Profile.organisation_id == organisation_id)
    for one in session.exec(of_here.order_by(Profile.device_id, col(Profile.number))):
        profiles[one.device_id].append([one.number, one.learner_id])
    found: dict[str, list[Content]] = {digit: [] for digit in DIGITS}
    for device in session.exec(select(Device).where(Device.organisation_id == organisation_id).order_by(Device.id)):
        found[_digit(device.id)].append(
            {
                "id": device.id,
                "public_key": device.public_key.hex(),
                "label": device.label,
                "revoked_ms": device.revoked_ms,
                "profiles": profiles[device.id],
            }
        )
    return {f"{DEVICES}/{digit}": content for digit, content in found.items()}
