"""Who was enrolled at this hub, kept until the upstream has it, and after: like cargo, another life of the upstream's
log is given it again."""

from typing import Any

from sqlalchemy import Connection, Row, select

from server.hubs.asking.cargo import ADDITION, waits
from server.shapes.hubs import ADDITIONS_MAX
from server.tables import AdditionKind, JoinCode, Learner
from server.tables.core import table_of
from server.tables.ids import now_ms

LEARNER, CODE = table_of(Learner), table_of(JoinCode)


def batch(connection: Connection, epoch: bytes, after: int) -> list[Row[Any]]:
    """The next that one life of the upstream's log has not been given yet, in the order in which they were added."""
    query = (
        select(ADDITION, LEARNER.c.name.label("full_name"), LEARNER.c.language, CODE.c.expires_ms)
        .join(LEARNER, LEARNER.c.id == ADDITION.c.learner_id)
        .outerjoin(CODE, CODE.c.digest == ADDITION.c.subject)
        .where(waits(ADDITION, epoch), ADDITION.c.id > after)
    )
    return list(connection.execute(query.order_by(ADDITION.c.id).limit(ADDITIONS_MAX)))


def told(row: Row[Any]) -> dict[str, Any]:
    """One as the upstream reads it; see `server.shapes.hubs.Added`."""
    common = {"kind": row.kind, "name": row.name, "learner": row.learner_id}
    if row.kind == AdditionKind.LEARNER:
        return common | {"full_name": row.full_name, "language": row.language}
    if row.kind == AdditionKind.ENROLMENT:
        return common | {"course": row.subject}
    return common | {"digest": row.subject, "seconds_left": max(0, (row.expires_ms or 0) - now_ms()) // 1_000}
