"""Whether what follows the log has caught up, asked of the tables: asking the server would be work of its own."""

import time

from sqlalchemy import Connection, text

from server.consumers.analytics import Events, Scores
from server.consumers.documents import Documents
from server.consumers.grades import Grades
from server.database import Database
from server.notices import Notices

CONSUMERS = (Grades, Documents, Notices, Events, Scores)
SETTLE_SECONDS_MAX = 3_600
LOOK_SECONDS = 0.25


def wait_until_current(database: Database) -> None:
    """Until every consumer has seen all that is in the log."""
    deadline = time.monotonic() + SETTLE_SECONDS_MAX
    while is_behind(database):
        assert time.monotonic() < deadline, "the consumers do not catch up"
        time.sleep(LOOK_SECONDS)


def is_behind(database: Database) -> bool:
    with database.engine.connect() as connection:
        cursors = dict(connection.execute(text("SELECT name, position FROM consumer_cursor")).tuples().all())
        return any(_lies_after(connection, cursors.get(one.name, 0), one.kinds) for one in CONSUMERS)


def _lies_after(connection: Connection, cursor: int, kinds: frozenset[int]) -> bool:
    some = ", ".join(map(str, sorted(kinds)))
    query = f"SELECT 1 FROM log_entry WHERE position > :cursor AND kind IN ({some}) LIMIT 1"  # noqa: S608  # numbers
    return connection.execute(text(query), {"cursor": cursor}).first() is not None
