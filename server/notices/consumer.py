"""Follows grades and releases, and notes who is to be told of them, in the transaction that moves the cursor.

Nothing is sent here: a notification is a row first, so that each is told once, whatever dies when.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, or_, select

from notifications import News, Told, Topic, payload, worth_telling
from server.bulk import ask
from server.log.entries import Logged, insert_once
from server.tables import Course, DeviceContact, Enrolment, Learner, Notification, NotificationState, PushSubscription
from server.tables.core import table_of
from server.tables.ids import now_ms
from sync.wire import FrameKind

SUBSCRIPTION, ENROLMENT, LEARNER = table_of(PushSubscription), table_of(Enrolment), table_of(Learner)
CONTACT, COURSE, NOTIFICATION = table_of(DeviceContact), table_of(Course), table_of(Notification)
DAY_MS = 86_400_000
Profile = tuple[str, int]


class Notices:
    name = "notices"
    kinds = frozenset({int(FrameKind.GRADE), int(FrameKind.RELEASE)})

    def consume(self, connection: Connection, entries: Sequence[Logged]) -> None:
        listening = _listening(connection, entries)
        for entry in entries:
            told = entry.kind == FrameKind.RELEASE or entry.learner_id in listening
            if told and (news := _news(connection, entry)):
                _note(connection, entry, news)


def _listening(connection: Connection, entries: Sequence[Logged]) -> set[str]:
    """The learners of these entries who have a subscribed phone: of everyone else there is nothing to find out."""
    query = "SELECT DISTINCT s.learner_id FROM {asked} JOIN push_subscription s ON s.learner_id = asked.column1"
    return {learner for (learner,) in ask(connection, query, [(name,) for name in {e.learner_id for e in entries}])}


def _news(connection: Connection, entry: Logged) -> News | None:
    said = json.loads(entry.body)
    if entry.kind == FrameKind.RELEASE:
        return News(
            Topic.RELEASE_OUT, f"{said['course']}:{said['number']}", said["course"], said["title"], entry.received_ms
        )
    if said["state"] != "graded":
        return None  # what a person still has to decide is no result yet, and an excuse is none
    where = (COURSE.c.organisation_id == entry.organisation_id, COURSE.c.id == said["course"])
    title = connection.execute(select(COURSE.c.title).where(*where)).scalar() or {"en": said["course"]}
    return News(Topic.GRADE_IN, said["submission"], said["course"], title, entry.received_ms)


def _note(connection: Connection, entry: Logged, news: News) -> None:
    listeners = connection.execute(_listeners(entry)).all()
    told = _told(connection, entry.organisation_id, news) if listeners else {}
    now = now_ms()
    rows = [
        _row(listener, news, now)
        for listener in listeners
        if worth_telling(news, told.get((listener.device_id, listener.profile), ()), now)
    ]
    insert_once(connection, NOTIFICATION, rows)


def _listeners(entry: Logged) -> Select[Any]:
    """Subscribed profiles that the entry concerns, with the language that their phone speaks."""
    contact = and_(CONTACT.c.device_id == SUBSCRIPTION.c.device_id, CONTACT.c.profile == SUBSCRIPTION.c.profile)
    found = (
        select(SUBSCRIPTION, LEARNER.c.language, CONTACT.c.language.label("shown_in"))
        .join(LEARNER, LEARNER.c.id == SUBSCRIPTION.c.learner_id)
        .outerjoin(CONTACT, contact)
        .where(SUBSCRIPTION.c.organisation_id == entry.organisation_id)
    )
    if entry.learner_id:
        return found.where(SUBSCRIPTION.c.learner_id == entry.learner_id)
    enrolled = select(ENROLMENT.c.learner_id).where(ENROLMENT.c.course_id == entry.course_id)
    return found.where(SUBSCRIPTION.c.learner_id.in_(enrolled))


def _told(connection: Connection, organisation_id: str, news: News) -> dict[Profile, list[Told]]:
    """What was told in the last day, and whether this was told ever, by profile."""
    rows = connection.execute(
        select(NOTIFICATION).where(
            NOTIFICATION.c.organisation_id == organisation_id,
            or_(NOTIFICATION.c.created_ms > now_ms() - DAY_MS, NOTIFICATION.c.subject == news.subject),
        )
    )
    told: defaultdict[Profile, list[Told]] = defaultdict(list)
    for row in rows:
        told[row.device_id, row.profile].append(Told(row.topic, row.subject, row.created_ms))
    return told


def _row(listener: Row[Any], news: News, now: int) -> dict[str, Any]:
    return {
        "organisation_id": listener.organisation_id,
        "learner_id": listener.learner_id,
        "device_id": listener.device_id,
        "profile": listener.profile,
        "topic": news.topic.value,
        "subject": news.subject,
        "payload": payload(news, listener.shown_in or listener.language),
        "state": NotificationState.WAITING,
        "attempts": 0,
        "created_ms": now,
    }
