"""Every command by its name. Only the one that is called is loaded: a list of commands needs no database."""

from collections.abc import Container
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import typer


@dataclass(frozen=True, slots=True)
class Place:
    """Where a command is, and what the list says of it; its own help says more."""

    module: str
    name: str
    says: str


LISTED = {
    "Begin": {
        "demo": Place("demo", "demo", "The whole story on one machine: a course, people, a code, the server."),
        "account": Place("commands", "account_app", "Trainers and administrators."),
        "serve": Place("serving", "serve", "Serve the API and the app on one port."),
    },
    "Courses and learners": {
        "import": Place("importing", "import_course", "Make a course folder of another system's course."),
        "pack": Place("packing", "pack", "Make a signed release of a course folder."),
        "publish": Place("commands", "publish", "Give a release to every enrolled phone."),
        "verify": Place("cards", "verify", "Check every byte of a release or a card."),
        "learner": Place("learners", "app", "Learners and their join codes."),
    },
    "Where there is no network": {
        "export": Place("cards", "export", "Write releases to a memory card."),
        "take": Place("cards", "take", "Take a card's releases into this server."),
        "carry": Place("carrying", "app", "Learners' work in files, and replies to it."),
        "hub": Place("hubs", "app", "Hubs: laptops that carry a classroom's work."),
    },
    "Looking after it": {
        "backup": Place("keeping", "backup", "Back up this server while it runs."),
        "restore": Place("keeping", "restore", "Put a backup back."),
        "quarantine": Place("quarantine", "app", "What could not be trusted or understood."),
        "key": Place("cards", "key_app", "The keys that sign releases."),
        "trust": Place("cards", "trust", "Take releases that another organisation signed."),
        "collect": Place("collecting", "collect", "Free what no release needs any more."),
        "compact": Place("compacting", "compact", "Pack old work, and make the database smaller."),
        "openapi": Place("serving", "openapi", "Print the API's description."),
    },
}
NAMES = frozenset(name for places in LISTED.values() for name in places)


def command_line(called: Container[str]) -> typer.Typer:
    """All commands, of which those that are called are loaded; the others have a name and a line in the list."""
    app = typer.Typer(
        help="Packs courses, serves them, brings the work home. Settings: TIFFIN_… in the environment, docs/deploy.md.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    for heading, places in LISTED.items():
        for name, place in places.items():
            if name not in called:
                app.command(name, help=place.says, rich_help_panel=heading)(_listed)
            elif isinstance(command := _loaded(place), typer.Typer):
                app.add_typer(command, name=name, rich_help_panel=heading)
            else:
                app.command(name, rich_help_panel=heading)(command)
    return app


def _loaded(place: Place) -> Any:
    """The command's function, or its own little command line."""
    return getattr(import_module(f"server.cli.{place.module}"), place.name)


def _listed() -> None:
    """Stands in the list for a command that is not called."""
