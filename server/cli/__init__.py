"""The command line: `tiffin …`. Every error is one sentence that says what to do; `tiffin --help` lists the rest."""

import sys

from server.cli.listing import command_line


def main() -> None:
    try:
        command_line(called=sys.argv[1:2])()
    except Exception as error:
        from server.cli.failing import in_words  # knows the errors of all that a command may load

        said = in_words(error)
        if not said:
            raise
        print(said, file=sys.stderr)
        sys.exit(1)
