"""`tiffin import`: what a trainer sees, and the folder that she gets."""

import io
import subprocess
import zipfile
from pathlib import Path

import pytest
from rich.console import Console

from offline_bundles.course import read_course
from offline_bundles.importing.imported import Finding, Outcome
from server.cli.findings import show_findings
from tests.forking import run

pytestmark = pytest.mark.slow  # each command is a process that loads the whole server


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A small Open edX course with a page, a quiz and a discussion."""
    folder = tmp_path / "export"
    folder.mkdir()
    (folder / "course.xml").write_text(
        '<course url_name="r" org="Org" course="W1" display_name="Clean [water]">'
        '<chapter url_name="a" display_name="A"><sequential url_name="s" display_name="Wells">'
        '<vertical url_name="v" display_name="Depth">'
        '<html url_name="h">Dig <img src="/static/gone.png"/></html><discussion url_name="d"/><problem url_name="p">'
        '<p>How deep?</p><numericalresponse answer="30"><responseparam type="tolerance" default="5"/>'
        "</numericalresponse></problem></vertical></sequential></chapter></course>"
    )
    return folder


def tiffin(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return run(words, {"COLUMNS": "120", "PATH": "/usr/bin:/bin"}, cwd)


def test_a_course_is_shown_told_and_written(source: Path, tmp_path: Path) -> None:
    done = tiffin("import", str(source), "--to", "water", cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    assert "Clean [water] (Open edX OLX; en)" in done.stdout and "A · Wells" in done.stdout
    assert "quiz     Depth" in done.stdout
    assert "dropped discussion" in done.stdout and "a discussion needs the platform" in done.stdout
    assert "1 dropped, 1 broken, 0 degraded." in done.stdout
    assert "tiffin pack water" in done.stdout
    assert [one.kind for one in read_course(tmp_path / "water").activities] == ["page", "quiz"]
    report = (tmp_path / "water" / "import-report.txt").read_text()
    assert "[discussion]: a discussion needs the platform and other people." in report
    assert "gone.png is not in the package" in report


def test_items_that_were_lost_for_one_reason_stand_in_one_row() -> None:
    console = Console(file=io.StringIO(), width=120, record=True)
    lost = [Finding(Outcome.DROPPED, f"Week {week}", kind, "alone.") for week, kind in enumerate(("wiki", "chat"), 1)]

    show_findings(console, [*lost, Finding(Outcome.APART, "Game", "scorm", "code.", ("game.zip",))])

    said = console.export_text()
    assert "dropped 2 × wiki, chat" in said and said.count("alone.") == 1
    assert "2 dropped, 0 broken, 1 apart, 0 degraded." in said and "lies in active/" in said


def test_links_that_lead_nowhere_are_counted_in_one_row_and_listed_when_asked() -> None:
    why = "{}, which it links to, is not in the package."
    lost = [Finding(Outcome.BROKEN, "Page", "link", why.format(f"{n}.pdf"), about=f"{n}.pdf") for n in range(37)]
    brief, whole = (Console(file=io.StringIO(), width=120, record=True) for _ in range(2))

    show_findings(brief, lost)
    show_findings(whole, lost, None)

    said, all_said = brief.export_text(), whole.export_text()
    assert "broken 37 × link" in said and said.count("is not in the package") == 1
    assert "3.pdf" in said and "4.pdf" not in said and "… and 33 more" in said
    assert all(f"{n}.pdf" in all_said for n in range(37)) and "more" not in all_said


def test_a_dry_run_says_the_same_and_writes_nothing(source: Path, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))

    done = tiffin("import", "--dry-run", "--graded", "all", str(source), cwd=tmp_path)

    assert "quiz     Depth (graded)" in done.stdout, "and which quizzes count is hers to choose"
    assert done.returncode == 0 and "1 dropped, 1 broken, 0 degraded." in done.stdout
    assert "Nothing was written" in done.stdout
    assert sorted(tmp_path.rglob("*")) == before


def test_the_folder_is_named_for_the_course_when_none_is_given(source: Path, tmp_path: Path) -> None:
    tiffin("import", str(source), cwd=tmp_path)

    assert read_course(tmp_path / "org-w1").id == "org-w1"


def test_what_cannot_be_read_is_said_in_a_sentence_without_a_trace(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("../up.txt", "x")
    (tmp_path / "notes.bin").write_bytes(b"\0\1")

    for path, words in (
        ("a.zip", "leads out of the package"),
        ("notes.bin", "no course of a kind"),
        ("x", "not there"),
    ):
        done = tiffin("import", path, cwd=tmp_path)
        assert done.returncode == 1 and words in done.stderr
        assert "Traceback" not in done.stderr and not done.stdout


def test_a_folder_that_is_there_already_is_left_alone(source: Path, tmp_path: Path) -> None:
    (tmp_path / "water").mkdir()
    (tmp_path / "water" / "mine.txt").write_text("mine")

    done = tiffin("import", str(source), "--to", "water", cwd=tmp_path)

    assert done.returncode == 1 and "already and not empty" in done.stderr
    assert [path.name for path in (tmp_path / "water").iterdir()] == ["mine.txt"]
