"""`tiffin import`: other systems' courses as course folders, with every item named that was lost on the way."""

import shlex
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import DownloadColumn
from rich.tree import Tree

from offline_bundles.card import is_card
from offline_bundles.importing.detecting import open_course
from offline_bundles.importing.folder import FolderPlan, plan_folder, write_folder
from offline_bundles.importing.grading import Grading, graded_as
from offline_bundles.importing.imported import ImportedCourse
from offline_bundles.importing.ports import Package
from offline_bundles.importing.reporting import REPORT_FILE, full_report
from server.cli import cards
from server.cli.findings import SHOWN_MAX, show_findings
from server.cli.progress import TerminalProgress

ACTIVITIES_SHOWN = 12  # of a lesson, in the tree; the folder has the rest
PLURALS = {"page": "s", "quiz": "zes", "resource": "s", "video": "s"}

Source = Annotated[Path, typer.Argument(metavar="PATH", help="A course of another system: a folder or a file.")]
Target = Annotated[
    Path | None, typer.Option("--to", help="The course folder to write; named for the course otherwise.")
]
All = Annotated[bool, typer.Option("--all", help="Show every place and every link that is not as it was.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would come in, and write nothing.")]

Language = Annotated[str, typer.Option(help="The course's language, such as sw, where it does not say it itself.")]
Graded = Annotated[
    Grading,
    typer.Option(
        help="Which quizzes count: those that counted where the course comes from, all, or none. "
        "One that counts is graded by the server, whose answers never leave it; the others are practice."
    ),
]


def import_course(
    path: Source,
    to: Target = None,
    dry_run: DryRun = False,
    language: Language = "",
    graded: Graded = Grading.AS_THERE,
    everything: All = False,
) -> None:
    """Turn a course of another system into a course folder. Its kind is detected; a memory card is taken as it is."""
    if path.is_file() and is_card(path):
        if dry_run:
            cards.verify([str(path)])
        else:
            cards.take([path])
        return
    console = Console()
    with open_course(path) as (course, package):
        course = graded_as(replace(course, language=language or course.language), graded)
        with Console(stderr=True).status("Looking at every page, quiz and film…"):
            plan = plan_folder(course, package)
        show_tree(console, course, plan)
        console.print(summary(plan))
        show_findings(console, plan.findings, None if everything else SHOWN_MAX)
        if dry_run:
            console.print("Nothing was written. Without --dry-run it becomes a course folder.")
            return
        folder = to or Path(plan.course)
        write_with_progress(plan, package, folder)
    (folder / REPORT_FILE).write_text(full_report(course, plan), "utf-8")
    written = shlex.quote(str(folder))
    console.print(f"The course is in {escape(written)}, and {REPORT_FILE} there names all that is not as it was.")
    typer.echo(f"Look at it, then: tiffin pack {written}")  # in one line, to be copied


def show_tree(console: Console, course: ImportedCourse, plan: FolderPlan) -> None:
    languages = ", ".join(plan.values["languages"])
    tree = Tree(f"[bold]{escape(plan.title)}[/bold] ({escape(course.form)}; {escape(languages)})")
    for lesson in plan.values["lessons"]:
        branch = tree.add(f"[bold]{escape(first_text(lesson['title']))}[/bold]")
        for activity in lesson["activities"][:ACTIVITIES_SHOWN]:
            count = " (graded)" if activity["id"] in plan.graded else ""
            branch.add(f"{activity['kind']:8} {escape(first_text(activity['title']))}{count}")
        more = len(lesson["activities"]) - ACTIVITIES_SHOWN
        if more > 0:
            branch.add(f"… and {more} more")
    console.print(tree)


def first_text(text: str | Mapping[str, str]) -> str:
    return text if isinstance(text, str) else next(iter(text.values()))


def summary(plan: FolderPlan) -> str:
    """So many lessons, and so many activities of each kind."""
    lessons = plan.values["lessons"]
    kinds = Counter(activity["kind"] for lesson in lessons for activity in lesson["activities"])
    told = [f"{count} {kind}{PLURALS[kind] if count != 1 else ''}" for kind, count in sorted(kinds.items())]
    graded = f", {len(plan.graded)} of the quizzes graded" if plan.graded else ""
    return f"{len(lessons)} lesson{'s' if len(lessons) != 1 else ''}: {', '.join(told) or 'empty'}{graded}."


def write_with_progress(plan: FolderPlan, package: Package, folder: Path) -> None:
    with TerminalProgress(DownloadColumn()) as bars:
        write_folder(plan, package, folder, partial(_copying, bars))


def _copying(bars: TerminalProgress, path: str, done: int, total: int) -> None:
    bars.whole(path or "Copied", done, total)
