"""Sends what is noted, in a thread of its own: a slow push service delays nobody's exchange.

A crash between a sending and its record sends that one again; its tag lets the phone show it once.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, select

from notifications import NotificationError, Outcome, Push, Subscription, due_ms, gives_up
from server.database import Database
from server.tables import Notification, NotificationState, PushSubscription
from server.tables.ids import now_ms

AT_ONCE_MAX = 4  # sendings; each waits for the network, not for a processor
BATCH_MAX = 200  # read at a time: some 100 KB
LOOK_SECONDS = 2.0  # how soon a fresh notification is sent; nobody waits for it with a watch
log = logging.getLogger(__name__)
Due = tuple[Notification, PushSubscription | None]


class Delivery:
    def __init__(self, database: Database, push: Push, counted: Callable[[str], None]) -> None:
        self._database = database
        self._push = push
        self._counted = counted
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="delivery", daemon=True)
        self._pool = ThreadPoolExecutor(AT_ONCE_MAX, "push")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Finishes what is being sent; the rest waits in its rows for the next start."""
        self._ending.set()
        self._thread.join()
        self._pool.shutdown()
        self._push.close()

    def deliver_due(self) -> int:
        """Sends what is due now; gives how many were tried."""
        due = self._due()
        outcomes = list(self._pool.map(self._send, due))
        if due:
            self._record(due, outcomes)
        return len(due)

    def _run(self) -> None:
        while not self._ending.wait(LOOK_SECONDS):
            try:
                while self.deliver_due() and not self._ending.is_set():
                    pass
            except SQLAlchemyError:
                log.exception("delivery has no database; it is tried again")

    def _due(self) -> list[Due]:
        waiting = (
            select(Notification)
            .where(col(Notification.state) == NotificationState.WAITING)
            .order_by(col(Notification.attempts), col(Notification.id))
            .limit(BATCH_MAX)
        )
        with self._database.reading() as session:
            now = now_ms()
            due = [each for each in session.exec(waiting) if due_ms(each.created_ms, each.attempts) <= now]
            return [(each, session.get(PushSubscription, (each.device_id, each.profile))) for each in due]

    def _send(self, due: Due) -> Outcome:
        notification, to = due
        if to is None:
            return Outcome.GONE
        try:
            return self._push.send(Subscription(to.endpoint, to.p256dh, to.auth), notification.payload)
        except NotificationError as exc:
            log.warning("a push is refused here", extra={"notification": notification.id, "reason": str(exc)})
            return Outcome.REFUSED

    def _record(self, due: Sequence[Due], outcomes: Sequence[Outcome]) -> None:
        with self._database.writing() as session:
            for (notification, _), outcome in zip(due, outcomes, strict=True):
                self._counted(outcome.value)
                _settle(session, session.get_one(Notification, notification.id), outcome)


def _settle(session: Session, notification: Notification, outcome: Outcome) -> None:
    notification.attempts += 1
    if outcome is Outcome.SENT:
        notification.state, notification.sent_ms = NotificationState.SENT, now_ms()
    elif gives_up(outcome, notification.attempts):
        notification.state = NotificationState.FAILED
    session.add(notification)
    kept = session.get(PushSubscription, (notification.device_id, notification.profile))
    if kept is None:
        return
    if outcome is Outcome.GONE:
        session.delete(kept)
        return
    kept.failures = 0 if outcome is Outcome.SENT else kept.failures + 1
    session.add(kept)
