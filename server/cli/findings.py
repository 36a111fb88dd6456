"""What was lost when a course came in, as a trainer reads it: one paragraph for each reason, in as many columns as the
terminal has."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from offline_bundles.importing.folder import APART
from offline_bundles.importing.imported import Finding, Outcome

SHOWN_MAX = 4  # places of findings that say the same; `--all` and the report in the folder have every one
COLOURS = {Outcome.DROPPED: "red", Outcome.BROKEN: "magenta", Outcome.APART: "cyan", Outcome.DEGRADED: "yellow"}
WORST_FIRST = list(COLOURS)
INDENT = 2  # of a reason below what was lost, and of its places below it


def show_findings(console: Console, findings: Sequence[Finding], shown_max: int | None = SHOWN_MAX) -> None:
    """What says the same is said once, with its places and what it is about, so many of each as may be shown."""
    if not findings:
        console.print("Everything came along.")
        return
    said: dict[tuple[Outcome, str], list[Finding]] = defaultdict(list)
    for finding in findings:
        said[finding.outcome, finding.alike].append(finding)
    console.print("[bold]Not as it was[/bold]")
    for (outcome, why), alike in sorted(said.items(), key=lambda row: WORST_FIRST.index(row[0][0])):
        _show(console, outcome, why, alike, shown_max)
    counts = Counter(finding.outcome for finding in findings)
    console.print(
        ", ".join(f"{counts[each]} {each}" for each in WORST_FIRST if counts[each] or each != Outcome.APART) + "."
    )
    if counts[Outcome.APART]:
        console.print(f"What holds code lies in {APART}/ of the folder, and is no part of the course.")
    if shown_max is not None and any(len(set(places(alike))) > shown_max for alike in said.values()):
        console.print("With --all every place is shown.")


def _show(console: Console, outcome: Outcome, why: str, alike: Sequence[Finding], shown_max: int | None) -> None:
    count = f"{len(alike)} × " if len(alike) > 1 else ""
    kinds = ", ".join(dict.fromkeys(one.kind for one in alike))
    console.print(f"[{COLOURS[outcome]}]{outcome}[/] {count}{escape(kinds)}")
    reason = why if tells_apart(alike) else alike[0].why
    console.print(Padding(Text(reason, overflow="fold"), (0, 0, 0, INDENT)))
    console.print(Padding(_listed(list(dict.fromkeys(places(alike))), shown_max), (0, 0, 1, 2 * INDENT)))


def tells_apart(alike: Sequence[Finding]) -> bool:
    """Whether the reason is given for different things, which then stand beside the places."""
    return len({one.about for one in alike if one.about}) > 1


def places(alike: Sequence[Finding]) -> Iterator[str]:
    is_told = tells_apart(alike)
    return (f"{one.where}: {one.about}" if is_told and one.about else one.where for one in alike)


def _listed(lines: Sequence[str], shown_max: int | None) -> Table:
    """Each begins with a dash, so that one that is folded is still one."""
    listed = Table.grid(padding=(0, 1))
    shown = lines[:shown_max]
    for line in shown:
        listed.add_row("-", Text(line, overflow="fold"))
    if len(lines) > len(shown):
        listed.add_row("", f"… and {len(lines) - len(shown)} more")
    return listed
