"""`tiffin import`: other systems' courses as course folders, with every item named that was lost on the way."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.box import HORIZONTALS
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn
from rich.table import Table
from rich.tree import Tree

from offline_bundles.card import is_card
from offline_bundles.importing.detecting import open_course
from offline_bundles.importing.folder import APART, FolderPlan, plan_folder, write_folder
from offline_bundles.importing.grading import Grading, graded_as
from offline_bundles.importing.imported import Finding, ImportedCourse, Outcome
from offline_bundles.importing.ports import Package
from offline_bundles.importing.reporting import REPORT_FILE, full_report
from server.cli import cards

ACTIVITIES_SHOWN = 12  # of a lesson, in the tree; the folder has the rest
SHOWN_MAX = 4  # places of findings that say the same; `--all` and the report in the folder have every one
COLOURS = {Outcome.DROPPED: "red", Outcome.BROKEN: "magenta", Outcome.APART: "cyan", Outcome.DEGRADED: "yellow"}

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
        plan = plan_folder(course, package)
        show_tree(console, course, plan)
        show_findings(console, plan.findings, None if everything else SHOWN_MAX)
        if dry_run:
            console.print("Nothing was written. Without --dry-run it becomes a course folder.")
            return
        folder = to or Path(plan.course)
        write_with_progress(plan, package, folder)
    (folder / REPORT_FILE).write_text(full_report(course, plan), "utf-8")
    console.print(f"The course is in {escape(str(folder))}. Look at it, then: tiffin pack {escape(str(folder))}")


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


def show_findings(console: Console, findings: Sequence[Finding], shown_max: int | None = SHOWN_MAX) -> None:
    """What says the same stands in one row, with its places and what it is about, so many of each as may be shown."""
    if not findings:
        console.print("Everything came along.")
        return
    said: dict[tuple[Outcome, str], list[Finding]] = defaultdict(list)
    for finding in findings:
        said[finding.outcome, finding.alike].append(finding)
    table = Table(title="Not as it was", title_justify="left", box=HORIZONTALS, show_lines=True, expand=True)
    for column, ratio in (("what", 2), ("where", 4), ("why", 4)):
        table.add_column(column, ratio=ratio, overflow="fold")
    worst_first = list(COLOURS)
    for (outcome, why), alike in sorted(said.items(), key=lambda row: worst_first.index(row[0][0])):
        colour = COLOURS[outcome]
        count = f"{len(alike)} × " if len(alike) > 1 else ""
        kinds = ", ".join(dict.fromkeys(one.kind for one in alike))
        where = listed([one.where for one in alike], shown_max)
        what = f"[{colour}]{outcome}[/{colour}] {count}{escape(kinds)}"
        table.add_row(what, escape(where), escape(said_of(alike, why, shown_max)))
    console.print(table)
    counts = Counter(finding.outcome for finding in findings)
    console.print(
        ", ".join(f"{counts[each]} {each}" for each in worst_first if counts[each] or each != Outcome.APART) + "."
    )
    if counts[Outcome.APART]:
        console.print(f"What holds code lies in {APART}/ of the folder, and is no part of the course.")


def said_of(alike: Sequence[Finding], why: str, shown_max: int | None) -> str:
    """The reason once; below it what it was given for, where that differs."""
    about = dict.fromkeys(one.about for one in alike if one.about)
    if len(about) < 2:
        return alike[0].why
    return f"{why}\n{listed(list(about), shown_max)}"


def listed(items: Sequence[str], shown_max: int | None) -> str:
    different = list(dict.fromkeys(items))
    shown = different[:shown_max]
    more = [f"… and {len(different) - len(shown)} more"] if len(different) > len(shown) else []
    return "\n".join([*shown, *more])


def write_with_progress(plan: FolderPlan, package: Package, folder: Path) -> None:
    console = Console(stderr=True)
    columns = (TextColumn("{task.description:32}"), BarColumn(), DownloadColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bars:
        task = bars.add_task("Copying")

        def copying(path: str, done: int, total: int) -> None:
            bars.update(task, description=escape(path[-32:]) or "Copied", completed=done, total=total)

        write_folder(plan, package, folder, copying)
