"""One learner's page: each activity as all her phones agree on it, her attempts, conflicts and devices."""

from collections.abc import Sequence
from typing import Any

from sqlmodel import Session, col, select

from conflict.intervals import total_seconds
from conflict.rules import Folded, LessonState
from server.courses.outline import ActivityOutline, Outlines
from server.reports import attempts as attempt_rows
from server.reports import conflicts
from server.reports.progress import Progress, folded, of_learners
from server.shapes.common import Waiting
from server.shapes.learners import (
    ActivityRow,
    ConflictRow,
    LearnerCourse,
    LearnerDetail,
    LearnerDevice,
    LessonRow,
    Note,
)
from server.tables import Device, DeviceContact, Learner, Profile, Survivor

CONFLICTS_SHOWN_MAX = 200  # of one learner; the administrator's list pages through all
_STATES: dict[int, Any] = {LessonState.IN_PROGRESS: "in_progress", LessonState.COMPLETED: "completed"}
Document = dict[str, Folded]


def detail(session: Session, learner: Learner, outlines: Outlines) -> LearnerDetail:
    known = of_learners(session, learner.organisation_id, [learner.id], outlines)
    records = conflicts.of_learners(session, [learner.id], CONFLICTS_SHOWN_MAX)
    return LearnerDetail(
        id=learner.id,
        name=learner.name,
        language=learner.language,
        created_ms=learner.created_ms,
        courses=[_course(session, learner, course, known, records) for course in _courses(learner, known)],
        devices=_devices(session, learner.id),
    )


def _courses(learner: Learner, known: Progress) -> list[str]:
    """Those she is enrolled in, then those that she worked in before an enrolment ended."""
    enrolled = known.enrolled.get(learner.id, [])
    worked_in = {course for _, course in (*known.completed, *known.attempts)}
    return [*enrolled, *sorted(worked_in - set(enrolled))]


def _course(
    session: Session, learner: Learner, course_id: str, known: Progress, records: Sequence[ConflictRow]
) -> LearnerCourse:
    outline = known.outline(course_id)
    document = _documents(session, learner.id, course_id)
    lessons = [
        LessonRow(id=each.id, title=each.title, activities=[_activity(one, document) for one in each.activities])
        for each in outline.lessons
    ]
    tried = known.attempts.get((learner.id, course_id), [])
    return LearnerCourse(
        **known.in_course(learner.id, course_id).model_dump(),
        release=outline.number or None,
        lessons=lessons,
        attempts=attempt_rows.shapes(session, tried, outline, known.outlines),
        conflicts=[record for record in records if record.course == course_id],
    )


def _documents(session: Session, learner_id: str, course_id: str) -> Document:
    """Both documents as one: their keys differ in the first letter."""
    rows = session.exec(select(Survivor).where(Survivor.learner_id == learner_id, Survivor.course_id == course_id))
    return folded(rows)


def _activity(activity: ActivityOutline, document: Document) -> ActivityRow:
    state = document.get(f"s/{activity.id}")
    position = document.get(f"p/{activity.id}")
    watched = document.get(f"w/{activity.id}")
    return ActivityRow(
        id=activity.id,
        kind=activity.kind,
        quiz=activity.quiz.quiz if activity.quiz else None,
        title=activity.title,
        state=_STATES.get(state.value if state else 0, "not_started"),
        duration_seconds=activity.duration_seconds,
        position_seconds=position.value if position else None,
        watched_seconds=total_seconds(watched.value or ()) if watched else 0,
        notes=[Note(id=name, texts=list(each.value)) for name, each in _under(f"n/{activity.id}/", document)],
        bookmarks=sorted(float(second) for second, _ in _under(f"b/{activity.id}/", document) if second.isdecimal()),
    )


def _under(prefix: str, document: Document) -> list[tuple[str, Folded]]:
    """What stands below a key and can be read, by the rest of its name."""
    return sorted(
        (key.removeprefix(prefix), each)
        for key, each in document.items()
        if key.startswith(prefix) and each.value is not None
    )


def _devices(session: Session, learner_id: str) -> list[LearnerDevice]:
    rows = session.exec(select(Profile, Device).where(Profile.learner_id == learner_id, Profile.device_id == Device.id))
    contacts = session.exec(select(DeviceContact).where(col(DeviceContact.learner_id) == learner_id))
    heard = {(contact.device_id, contact.profile): contact for contact in contacts}
    return [_device(profile, device, heard.get((device.id, profile.number))) for profile, device in rows]


def _device(profile: Profile, device: Device, heard: DeviceContact | None) -> LearnerDevice:
    return LearnerDevice(
        id=device.id,
        label=device.label,
        profile=profile.number,
        joined_ms=profile.joined_ms,
        revoked_ms=device.revoked_ms,
        last_exchange_ms=heard.last_exchange_ms if heard else None,
        waiting=waiting(heard),
    )


def waiting(contact: DeviceContact | None) -> Waiting:
    if contact is None:
        return Waiting()
    return Waiting(
        immediate=contact.waiting_immediate, batched=contact.waiting_batched, eventual=contact.waiting_eventual
    )
