"""The command line: `tiffin …`. Every error is one sentence that says what to do; `tiffin --help` lists the rest."""

import sys

STOPPED = 130  # as shells have it for Ctrl-C


def main() -> None:
    try:
        from server.cli.listing import command_line  # inside, since who presses Ctrl-C while it loads wants no trace

        command_line(called=sys.argv[1:2])()
    except KeyboardInterrupt:
        sys.exit(STOPPED)
    except Exception as error:
        from server.cli.failing import in_words  # knows the errors of all that a command may load

        said = in_words(error)
        if not said:
            raise
        print(said, file=sys.stderr)
        sys.exit(1)
