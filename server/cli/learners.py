"""`tiffin learner`: learners and the codes that their phones join with, one by one or a class by its list."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Annotated

import typer

from server.cli.commands import OrganisationName, invite, inviting_of, organisation_of, show_code
from server.cli.plain import plain
from server.composition import open_database, open_outlines
from server.errors import SetupError, TiffinError
from server.people.class_list import LIST_BYTES_MAX, text_of
from server.people.class_making import ClassMaking
from server.reports import spreadsheets
from server.settings import Settings
from server.shapes.class_lists import ClassMember, ClassPreview, CodeCard, ListedLearner, NewClass, OddLine, OddReason
from server.shapes.learners import NewLearner

app = typer.Typer(help="Learners and their join codes.", no_args_is_help=True)
Courses = Annotated[list[str] | None, typer.Option("--course", help="A course to enrol in; may be repeated.")]
ODD = {
    OddReason.NO_NAME: "there is no name, or it does not begin with a letter",
    OddReason.NAME_TOO_LONG: "the name has more than {about} characters",
    OddReason.CHARACTERS: "there are characters in it that are no text",
    OddReason.LANGUAGE: "{about} is no language; write en or ar, or leave it empty",
    OddReason.COURSE: "there is no course {about} here; write its title or its id",
    OddReason.QUOTES: "a quotation mark is not closed on the same line",
    OddReason.COLUMNS: "{about} is one column too many; name, language and course are read",
    OddReason.TOO_MANY: "one list has at most {about} learners; make these with the next one",
}
HEAD = ("name", "code", "address", "good until")


@app.command("add")
def add_learner(
    name: Annotated[str, typer.Argument(help="Her full name.")],
    language: Annotated[str, typer.Option(help="The app's language: en, ar; else that of her phone.")] = "",
    course: Courses = None,
    organisation: OrganisationName = "",
) -> None:
    """Add a learner and show the code that her phone joins with."""
    settings = Settings()
    with open_database(settings) as database:
        here = organisation_of(database, organisation)
        show_code(
            name, invite(settings, database, here, NewLearner(name=name, language=language, courses=course or []))
        )


@app.command("add-list")
def add_list(
    file: Annotated[Path, typer.Argument(help="Names one a line, CSV or TSV: name, language, course.")],
    course: Courses = None,
    to: Annotated[Path | None, typer.Option(help="The CSV of names and codes; else it is printed.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Make them without asking first.")] = False,
    organisation: OrganisationName = "",
) -> None:
    """Add a class by its list, after showing what would be made. Who is here already is left out."""
    settings = Settings()
    text = text_of(_raw(file))
    with open_database(settings) as database:
        here = organisation_of(database, organisation)
        making = ClassMaking(inviting_of(settings, database), open_outlines(settings))
        with database.reading() as session:
            preview = making.preview(session, here.id, text)
        fresh = _show(preview)
        if not fresh:
            raise SetupError("Nobody is to be added.")
        if not yes:
            typer.confirm(f"Add {len(fresh)} and make their codes?", err=True, abort=True)
        with _opened(to) as sheet:  # before anybody is made: the codes are told once
            made = making.make(
                database, here.id, NewClass(members=[_member(one) for one in fresh], courses=course or [])
            )
            sheet.writelines(spreadsheets.lines(HEAD, map(_card, made.cards)))
    _say(f"{len(made.cards)} added. Their codes are kept nowhere else.")


def _raw(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(LIST_BYTES_MAX + 1)


def _show(preview: ClassPreview) -> list[ListedLearner]:
    """What would be made, and what would not; gives those that would."""
    for odd in preview.odd:
        _say(f"Line {odd.line} is left out: {_why(odd)}.")
    if preview.unread:
        _say(f"Not read: the columns {plain(', '.join(preview.unread))}.")
    fresh = []
    for one in preview.listed:
        if one.namesakes:
            _say(f"Line {one.line} is left out: {plain(one.name)} is here already.")
        elif one.twice:
            _say(f"Line {one.line} is left out: {plain(one.name)} stands in line {one.twice} already.")
        else:
            fresh.append(one)
            _say(f"Line {one.line}: {plain(one.name)}{_besides(one)}")
    return fresh


def _why(odd: OddLine) -> str:
    return ODD[odd.reason].format(about=plain(odd.about))


def _besides(one: ListedLearner) -> str:
    return "".join(f", {plain(part)}" for part in (one.language, *one.courses) if part)


def _member(one: ListedLearner) -> ClassMember:
    return ClassMember(name=one.name, language=one.language, courses=one.courses)


@contextmanager
def _opened(to: Path | None) -> Iterator[IO[str]]:
    """Where the codes go: a new file, so that no earlier one is written over. It goes again when nothing was made."""
    if to is None:
        yield sys.stdout
        return
    with to.open("x", encoding="utf-8-sig", newline="") as file:
        try:
            yield file
        except TiffinError:
            to.unlink()
            raise


def _card(card: CodeCard) -> tuple[str, ...]:
    until = datetime.fromtimestamp(card.invitation.expires_ms / 1000, UTC)
    return (card.learner.name, card.invitation.code, card.invitation.join_url, f"{until:%Y-%m-%d}")


def _say(text: str) -> None:
    typer.echo(text, err=True)
