"""What a hub was told by its upstream, written into its own tables: who there is, and what they were told or wrote.

The upstream's word stands. What is only here, a device that joined at this hub a moment ago, is left as it is.
"""

import base64
from collections import defaultdict
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection
from sqlmodel import Session, col, delete, select

from server.bulk import insert_rows
from server.courses import releases
from server.courses.release_keys import ReleaseKeys
from server.hubs.sections import DEVICES, PEOPLE
from server.keys import KeyRing
from server.log.entries import LOG, lock_log
from server.shapes.hubs import HELD_MAX
from server.tables import (
    AdditionKind,
    Course,
    Device,
    Enrolment,
    HubAddition,
    JoinCode,
    Learner,
    Organisation,
    Profile,
    Upstream,
)
from sync.wire import DOCUMENTS, FrameKind

COLUMNS = (
    *("organisation_id", "learner_id", "course_id", "device_id", "profile", "kind"),
    *("hash", "actor", "seq", "body", "received_ms"),
)
Told = Mapping[str, Any]


def write_sections(session: Session, organisation_id: str, told: Told, ring: KeyRing) -> None:
    """In an order in which everything finds what it refers to. Releases are fetched, not written here."""
    if organisation := told.get("organisation"):
        ReleaseKeys(ring, organisation_id).follow(organisation["keys"])
        session.merge(Organisation(id=organisation_id, name=organisation["name"]))
    for course in told.get("courses", ()):
        session.merge(Course(organisation_id=organisation_id, id=course["id"], title=course["title"]))
    session.flush()
    for name, people in told.items():
        if name.startswith(f"{PEOPLE}/"):
            _write_people(session, organisation_id, people)
    session.flush()
    for name, devices in told.items():
        if name.startswith(f"{DEVICES}/"):
            _write_devices(session, organisation_id, devices)
    for code in told.get("codes", ()):
        session.merge(
            JoinCode(
                digest=code["digest"],
                organisation_id=organisation_id,
                learner_id=code["learner"],
                expires_ms=code["expires_ms"],
            )
        )


def _write_people(session: Session, organisation_id: str, people: Iterable[Told]) -> None:
    begun_here = _begun_here(session)
    for person in people:
        session.merge(
            Learner(id=person["id"], organisation_id=organisation_id, name=person["name"], language=person["language"])
        )
        session.flush()
        ended = delete(Enrolment).where(
            col(Enrolment.learner_id) == person["id"],
            col(Enrolment.course_id).not_in([*person["courses"], *begun_here[person["id"]]]),
        )
        session.exec(ended)
        for course in person["courses"]:
            session.merge(Enrolment(learner_id=person["id"], course_id=course, organisation_id=organisation_id))


def _begun_here(session: Session) -> Mapping[str, list[str]]:
    """By learner, courses that she began here, and the upstream does not know it yet, or will not have it."""
    upstream = session.get_one(Upstream, 1)
    query = select(HubAddition).where(HubAddition.kind == AdditionKind.ENROLMENT)
    found: defaultdict[str, list[str]] = defaultdict(list)
    for one in session.exec(query.where(HubAddition.delivered_epoch != upstream.epoch)):
        found[one.learner_id].append(one.subject)
    return found


def _write_devices(session: Session, organisation_id: str, devices: Iterable[Told]) -> None:
    for device in devices:
        session.merge(
            Device(
                id=device["id"],
                organisation_id=organisation_id,
                public_key=bytes.fromhex(device["public_key"]),
                label=device["label"],
                revoked_ms=device["revoked_ms"],
            )
        )
        session.flush()
        for number, learner in device["profiles"]:
            session.merge(
                Profile(device_id=device["id"], number=number, organisation_id=organisation_id, learner_id=learner)
            )


def held(told: Told) -> dict[str, int]:
    """Whom the upstream is to tell on apart, and from where: it goes on behind the damage without her."""
    found = dict(told.get("held", {}))
    if (lost := told.get("lost")) and len(found) < HELD_MAX:
        found[lost] = told["cursor"]
    return found


def write_entries(connection: Connection, organisation_id: str, entries: Iterable[Told]) -> int:
    """Says how many were new. What came here first, from the device itself, is not written twice."""
    lock_log(connection)
    rows = [row for entry in entries if (row := _new_row(connection, organisation_id, entry))]
    insert_rows(
        connection, LOG, COLUMNS, [tuple(row[name] for name in COLUMNS) for row in rows], "ON CONFLICT DO NOTHING"
    )
    return len(rows)


def _new_row(connection: Connection, organisation_id: str, entry: Told) -> dict[str, Any] | None:
    row = {
        "organisation_id": organisation_id,
        "learner_id": entry["learner"],
        "course_id": entry["course"],
        "device_id": entry["device"],
        "profile": entry["profile"],
        "kind": entry["kind"],
        "hash": bytes.fromhex(entry["hash"]),
        "actor": bytes.fromhex(entry["actor"]),
        "seq": entry["seq"],
        "body": base64.b64decode(entry["body"]),
        "received_ms": entry["received_ms"],
    }
    if entry["kind"] == FrameKind.RELEASE and not _has_release(connection, row):
        return None  # told to one learner; the whole course hears of it here once every byte has come
    if entry["kind"] in DOCUMENTS:
        return _new_change(connection, row)
    return None if _is_there(connection, row, row["hash"]) else row


def _new_change(connection: Connection, row: dict[str, Any]) -> dict[str, Any] | None:
    """A place in an actor's sequence is taken once: of a fork the half that came first stays, as at the upstream."""
    place = [LOG.c[name] == row[name] for name in ("learner_id", "course_id", "kind", "actor", "seq")]
    if connection.execute(select(LOG.c.position).where(*place)).first():
        return None
    if _is_there(connection, row, row["hash"]):  # the same bytes stand in another document: see `sync.admission`
        row["hash"] = sha256(f"{row['course_id']}/{row['kind']:d}/".encode() + row["hash"]).digest()
    return row


def _is_there(connection: Connection, row: dict[str, Any], digest: bytes) -> bool:
    here = [LOG.c[name] == row[name] for name in ("organisation_id", "learner_id")]
    return connection.execute(select(LOG.c.position).where(*here, LOG.c.hash == digest)).first() is not None


def _has_release(connection: Connection, row: dict[str, Any]) -> bool:
    with Session(connection) as session:
        return row["course_id"] in releases.newest_published(session, row["organisation_id"])
