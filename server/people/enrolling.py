"""Who takes which course. Each change is told to the learner's phones through the log."""

import json
from collections.abc import Iterable

from sqlmodel import Session, select

from server import errors
from server.courses import releases
from server.courses.outline import Outlines
from server.courses.publishing import announcement
from server.log.entries import append_server_entry
from server.people import upward
from server.shapes.learners import EnrolmentChange
from server.tables import AdditionKind, Enrolment, Learner, Profile
from server.tables.ids import now_ms
from sync.wire import FrameKind


def enrol(session: Session, learner: Learner, courses: Iterable[str], outlines: Outlines) -> None:
    for course_id in dict.fromkeys(courses):
        change(session, learner, EnrolmentChange(course=course_id, on=True), outlines)


def change(session: Session, learner: Learner, wanted: EnrolmentChange, outlines: Outlines) -> None:
    """Begins or ends an enrolment; what is so already stays untold. A hub only begins them."""
    releases.course(session, learner.organisation_id, wanted.course)
    there = session.get(Enrolment, (learner.id, wanted.course))
    if (there is not None) == wanted.on:
        return
    if there is not None:
        _end(session, there)
    else:
        session.add(Enrolment(learner_id=learner.id, course_id=wanted.course, organisation_id=learner.organisation_id))
        upward.note(session, AdditionKind.ENROLMENT, learner.id, wanted.course)
    session.flush()
    _tell(session, learner, wanted)
    if wanted.on and _has_phone(session, learner):
        _tell_release(session, learner, wanted.course, outlines)


def _end(session: Session, enrolment: Enrolment) -> None:
    if upward.is_hub(session):
        raise errors.OnlyUpstream("This is a hub: an enrolment ends at the main server. Ask an administrator.")
    session.delete(enrolment)


def _tell(session: Session, learner: Learner, wanted: EnrolmentChange) -> None:
    # The moment stands in it because the log keeps the same words only once, and an enrolment may begin twice.
    body = {"course": wanted.course, "on": wanted.on, "at": now_ms()}
    _append(session, learner, wanted.course, FrameKind.ENROLMENT, json.dumps(body, separators=(",", ":")).encode())


def _tell_release(session: Session, learner: Learner, course_id: str, outlines: Outlines) -> None:
    """A phone whose cursor is past the course's release would never hear of it: it is told to this learner anew."""
    if newest := releases.newest_published(session, learner.organisation_id).get(course_id):
        _append(session, learner, course_id, FrameKind.RELEASE, announcement(newest, outlines))


def _has_phone(session: Session, learner: Learner) -> bool:
    return session.exec(select(Profile).where(Profile.learner_id == learner.id)).first() is not None


def _append(session: Session, learner: Learner, course_id: str, kind: FrameKind, body: bytes) -> None:
    append_server_entry(
        session.connection(),
        organisation=learner.organisation_id,
        learner=learner.id,
        course=course_id,
        kind=kind,
        body=body,
    )
