"""What a command says when it cannot go on: sentences that name what is wrong and what to do, and never a trace.

A fault of ours is not among them: it keeps its trace, so that it can be mended.
"""

import sqlite3

from alembic.util import CommandError
from pydantic import ValidationError
from sqlalchemy.exc import ArgumentError, DatabaseError, IntegrityError, NoSuchModuleError

from offline_bundles.errors import BrokenCourse, BundleError
from server.disk import of_a_file
from server.errors import TiffinError
from server.settings import Settings

PREFIX = str(Settings.model_config["env_prefix"])


def in_words(error: Exception) -> str:
    """What a person can mend, in words; "" for what only we can."""
    match error:
        case TiffinError():
            return str(error)
        case BrokenCourse():
            return f"The course cannot be packed. {len(error.problems)} to mend:\n{error}"
        case BundleError():
            return str(error)
        case ValidationError():
            return _faults(error)
        case ArgumentError() | NoSuchModuleError():
            return f"{PREFIX}DATABASE_URL names no database that is known here. Write postgresql://user:password@host/name."
        case CommandError():
            return "A newer version made this database. Update this server, or name another home: TIFFIN_HOME."
        case IntegrityError():
            return ""  # the tables refused what we wrote
        case DatabaseError():
            return _of_the_database(error.orig)
        case sqlite3.Error():
            return _of_the_database(error)
        case OSError():
            return of_a_file(error)
    return ""


def _faults(error: ValidationError) -> str:
    """One line for each value that does not fit, under the name by which a person set it."""
    of_settings = error.title == Settings.__name__
    lines = []
    for fault in error.errors(include_url=False):
        name = ".".join(str(part) for part in fault["loc"])
        lines.append(_of_a_setting(name, fault["msg"]) if of_settings else f"{name}: {fault['msg']}.")
    return "\n".join(lines)


def _of_a_setting(name: str, what: str) -> str:
    said = "It does not fit" if "pattern" in what else what  # a person reads what it is for, not how it is checked
    return f"{PREFIX}{name.upper()}: {said}. {Settings.model_fields[name].description}"


def _of_the_database(error: BaseException | None) -> str:
    what = str(error).partition("\n")[0].strip()
    return f"The database does not answer as it should: {what}. Look whether it runs, and whether its disk has room."
