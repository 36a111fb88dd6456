"""What a command says when it cannot go on: sentences that name what is wrong and what to do, and never a trace.

A fault of ours is not among them: it keeps its trace, so that it can be mended.
"""

from pydantic import ValidationError
from sqlalchemy.exc import ArgumentError, DatabaseError, IntegrityError, NoSuchModuleError

from offline_bundles.errors import BrokenCourse, BundleError
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
        case IntegrityError():
            return ""  # the tables refused what we wrote
        case DatabaseError():
            return f"The database does not answer as it should: {_first_line(error.orig)}"
        case OSError():
            return _of_a_file(error)
    return ""


def _faults(error: ValidationError) -> str:
    """One line for each value that does not fit, under the name by which a person set it."""
    of_settings = error.title == Settings.__name__
    lines = []
    for fault in error.errors(include_url=False):
        name = ".".join(str(part) for part in fault["loc"])
        lines.append(f"{PREFIX + name.upper() if of_settings else name}: {fault['msg']}.")
    return "\n".join(lines)


def _of_a_file(error: OSError) -> str:
    what = error.strerror or str(error)
    if error.filename is None:
        return f"{what}."
    return f"{error.filename}: {what}. Look at the path, its owner, and the room on the disk."


def _first_line(error: BaseException | None) -> str:
    return str(error).partition("\n")[0].strip()
