"""Up to when the statements are whole: what was received until then is in the store."""

from sqlmodel import Session, col, func, select

from server.consumers.analytics import Events, Scores
from server.consumers.grades import Grades
from server.health import Lag
from server.tables import LogEntry

FOLLOWED = (Events.name, Grades.name, Scores.name)  # what statements come of


def consistent_through_ms(session: Session, lag: Lag) -> int:
    """Just before the last entry that all of them took. `lag`: by consumer, positions between it and the log's head.

    The clock would promise too much: a request that was received may not be written yet.
    """
    head = session.exec(select(func.max(LogEntry.position))).one() or 0
    behind = lag()  # asked after the head, which may have moved on: then this says too little, never too much
    taken = head - max(behind[name] for name in FOLLOWED)
    last = select(LogEntry.received_ms).where(col(LogEntry.position) <= taken).order_by(col(LogEntry.position).desc())
    return max(0, (session.exec(last.limit(1)).first() or 0) - 1)
