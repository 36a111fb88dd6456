"""The report that stays in the folder: every item that did not come along as it was, one by one."""

from collections import Counter

from offline_bundles.importing.folder import APART, FolderPlan
from offline_bundles.importing.imported import Finding, ImportedCourse, Outcome

REPORT_FILE = "import-report.txt"
MEANING = {
    Outcome.DROPPED: "did not come along",
    Outcome.BROKEN: "is named by the package, which does not hold it",
    Outcome.APART: f"is code, lies in {APART}/ and is never run; packing leaves it out",
    Outcome.DEGRADED: "came along with less than it had",
}


def full_report(course: ImportedCourse, plan: FolderPlan) -> str:
    kinds = Counter(entry["kind"] for lesson in plan.values["lessons"] for entry in lesson["activities"])
    counted = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    graded = f"; {len(plan.graded)} of them graded" if plan.graded else "; none of them graded" if kinds["quiz"] else ""
    lines = [f"{plan.title} ({course.form})", f"{len(plan.values['lessons'])} lessons: {counted}{graded}", ""]
    for outcome, meaning in MEANING.items():
        found = [finding for finding in plan.findings if finding.outcome is outcome]
        lines += [f"{outcome}: what {meaning} ({len(found)})", *(_line(each, plan) for each in found), ""]
    return "\n".join(lines)


def _line(finding: Finding, plan: FolderPlan) -> str:
    places = [path for path, source in plan.copies.items() if source in finding.sources]
    return f"- {finding.where} [{finding.kind}]: {finding.why}{''.join(f' ({path})' for path in places)}"
