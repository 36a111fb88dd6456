"""The command line: `tiffin …`. Every error is one sentence that says what to do; `tiffin --help` lists the rest."""

import sys

from offline_bundles.errors import BrokenCourse, BundleError
from server.cli.commands import app
from server.cli.demo import demo
from server.errors import TiffinError

app.command()(demo)


def main() -> None:
    try:
        app()
    except BrokenCourse as error:
        _fail(f"The course cannot be packed. {len(error.problems)} to mend:\n{error}")
    except (TiffinError, BundleError) as error:
        _fail(str(error))


def _fail(words: str) -> None:
    print(words, file=sys.stderr)
    sys.exit(1)
