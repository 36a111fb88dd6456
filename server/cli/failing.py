"""What a command says when it cannot go on: sentences that name what is wrong and what to do, and never a trace.

A fault of ours is not among them: it keeps its trace, so that it can be mended.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import ValidationError
from sqlalchemy.exc import ArgumentError, DatabaseError, IntegrityError, NoSuchModuleError

from offline_bundles.errors import BrokenCourse, BundleError
from server.errors import SetupError
from server.settings import Settings

PREFIX = str(Settings.model_config["env_prefix"])


@contextmanager
def in_words() -> Iterator[None]:
    """Turns what a person can mend into `SetupError`; everything else passes as it is."""
    try:
        yield
    except BrokenCourse as error:
        raise SetupError(f"The course cannot be packed. {len(error.problems)} to mend:\n{error}") from error
    except BundleError as error:
        raise SetupError(str(error)) from error
    except ValidationError as error:
        raise SetupError(_faults(error)) from error
    except (ArgumentError, NoSuchModuleError) as error:
        raise SetupError(
            f"{PREFIX}DATABASE_URL names no database that is known here. Write postgresql://user:password@host/name."
        ) from error
    except IntegrityError:
        raise  # the tables refused what we wrote: ours to mend
    except DatabaseError as error:
        raise SetupError(f"The database does not answer as it should: {_first_line(error.orig)}") from error
    except OSError as error:
        raise SetupError(_of_a_file(error)) from error


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
