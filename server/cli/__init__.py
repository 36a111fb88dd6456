"""The command line: `tiffin …`. Every error is one sentence that says what to do; `tiffin --help` lists the rest."""

import sys

from server.cli import cards, carrying, collecting, compacting, hubs, keeping, packing, quarantine
from server.cli.commands import app
from server.cli.demo import demo
from server.cli.failing import in_words
from server.cli.importing import import_course
from server.errors import TiffinError

app.command()(packing.pack)
app.command()(demo)
app.command("import")(import_course)
for command in (cards.verify, cards.export, cards.take, cards.trust, collecting.collect):
    app.command()(command)
for keep in (keeping.backup, keeping.restore, compacting.compact):
    app.command()(keep)
app.add_typer(carrying.app, name="carry")
app.add_typer(hubs.app, name="hub")
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(cards.key_app, name="key")


def main() -> None:
    try:
        with in_words():
            app()
    except TiffinError as error:
        print(error, file=sys.stderr)
        sys.exit(1)
