"""What each learner did on each day in each course, kept beside the events while they come (SQLite triggers).

A month of 5,000 phones is millions of events; what an administrator asks of them are a few thousand of these rows. An
event that comes again is not inserted again, and so not counted again.
"""

from sqlite_utils import Database

VERB_SPACE = "http://adlnet.gov/expapi/verbs/"
VERBS = ("opened", "played", "read", "attempted", "downloaded")
COUNTS = (*VERBS, "seconds")
_KEY = ("organisation", "day", "actor", "course")


def _values(of: str) -> str:
    """An event as a row of its day; `of` is "new." in the trigger."""
    did = (f"{of}verb = '{VERB_SPACE}{verb}'" for verb in VERBS)  # a pattern costs three times as much
    return ", ".join((*(of + name for name in _KEY), *did, f"coalesce({of}duration_s, 0)"))


TABLE = f"""CREATE TABLE days (organisation TEXT, day TEXT, actor TEXT, course TEXT,
{", ".join(f"{name} INTEGER" for name in COUNTS)}, PRIMARY KEY ({", ".join(_KEY)})) WITHOUT ROWID"""
ADDED = ", ".join(f"{name} = {name} + excluded.{name}" for name in COUNTS)
UPSERT = f"ON CONFLICT ({', '.join(_KEY)}) DO UPDATE SET {ADDED}"
TRIGGER = f"""CREATE TRIGGER event_counts AFTER INSERT ON events BEGIN
INSERT INTO days VALUES ({_values("new.")}) {UPSERT}; END"""  # noqa: S608
EARLIER = f"INSERT INTO days SELECT {_values('')} FROM events WHERE true {UPSERT}"  # noqa: S608  # own names


def keep(database: Database) -> None:
    """Begins to count in a month's file, what it holds already first. Once: some seconds for a million events."""
    if database["days"].exists():
        return
    with database.conn:
        database.execute("BEGIN IMMEDIATE")  # all of it or nothing, also when the power goes
        for statement in (TABLE, EARLIER, TRIGGER):
            database.execute(statement)
