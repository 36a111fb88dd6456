"""What the machine found of each question of an old attempt, packed: the longest thing that a week leaves here.

Rows are deleted and inserted again, as those of the log are (`server.log.compacting`). A ruling that comes later writes
its attempt anew as it always does, and unpacked.
"""

from collections.abc import Sequence

from sqlalchemy import Connection

from server.bulk import ask, decoded, insert_rows, run_many
from server.grading.attempts import ATTEMPT
from server.tables.packed import packed

COLUMNS = tuple(column.name for column in ATTEMPT.columns)
QUESTIONS = COLUMNS.index("questions")
_ALL = ", ".join(f"a.{name}" for name in COLUMNS)
THESE = f"SELECT {_ALL} FROM {{asked}} JOIN attempt a ON a.learner_id = column1 AND a.hash = column2"  # noqa: S608
GONE = "DELETE FROM attempt WHERE learner_id = ? AND hash = ?"


def pack_attempts(connection: Connection, learner: str, hashes: Sequence[bytes]) -> None:
    names = [(learner, digest) for digest in hashes]
    rows = list(decoded(connection, ATTEMPT, COLUMNS, ask(connection, THESE, names)))
    run_many(connection, GONE, names)
    insert_rows(
        connection,
        ATTEMPT,
        COLUMNS,
        [(*row[:QUESTIONS], packed(row[QUESTIONS]), *row[QUESTIONS + 1 :]) for row in rows],
    )
