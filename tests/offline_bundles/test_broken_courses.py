"""What may be wrong with a course folder: each is said with its place and what to do, all of them at once."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from offline_bundles.course import read_course
from offline_bundles.errors import BrokenCourse
from tests.offline_bundles.courses import COURSE, QUIZ, course_folder, write_yaml

Break = Callable[[Path], None]


def with_activity(**members: Any) -> Break:
    def change(folder: Path) -> None:
        activity = {"id": "x", "kind": "page", "title": "X", "source": "pages/a.md", **members}
        lessons = [{"id": "one", "title": "One", "activities": [activity]}]
        write_yaml(folder / "course.yaml", {**COURSE, "lessons": lessons})

    return change


def with_question(**members: Any) -> Break:
    def change(folder: Path) -> None:
        question = {"id": "q", "kind": "numeric", "prompt": "?", "answer": "1", **members}
        write_yaml(folder / "quizzes" / "exam.yaml", {**QUIZ, "questions": [question]})

    return change


def with_text(name: str, content: bytes) -> Break:
    return lambda folder: (folder / name).write_bytes(content) and None  # type: ignore[func-returns-value]


BROKEN: list[tuple[str, Break, str]] = [
    ("no course.yaml", lambda folder: (folder / "course.yaml").unlink(), "is not there"),
    ("no YAML", with_text("course.yaml", b"id: [unclosed"), "is no YAML at line"),
    ("not UTF-8", with_text("course.yaml", b"\xff\xfe\x00"), "not UTF-8"),
    ("a list", with_text("course.yaml", b"- one\n- two\n"), "holds no mapping"),
    ("too large", with_text("course.yaml", b"#" * (2 << 20)), "is larger than"),
    ("a billion laughs", with_text("course.yaml", b"a: &a [x]\n" + b"b: [" + b"*a," * 500 + b"]"), "aliases"),
    ("a misspelt member", with_activity(sorce="pages/a.md"), "sorce: is not known here"),
    ("an id with spaces", with_activity(id="Not an id"), "small letters, digits and dashes"),
    ("a kind that is none", with_activity(kind="game"), "is one of page, video, quiz, resource"),
    ("a missing file", with_activity(source="pages/none.md"), "pages/none.md is not there"),
    ("a file outside", with_activity(source="../../etc/passwd"), "leads out of the course folder"),
    ("captions of a page", with_activity(captions={"en": "pages/a.md"}), "only a video has captions"),
    ("a language too many", with_activity(title={"fr": "Bonjour"}), "not among the course's languages"),
    ("a title that is a number", with_activity(title=7), "is a text"),
    ("no right choice", with_question(kind="single_choice", answer=None), "has 2 to 50 choices"),
    ("a number that is none", with_question(answer="many"), "is a decimal number in quotes"),
    ("a number without quotes", with_question(answer=37.5), "is a decimal number in quotes"),
    ("nothing accepted", with_question(kind="short_text"), "is a list of texts"),
    ("points for nothing", with_question(points=0), "whole number from 1"),
]


@pytest.mark.parametrize(("what", "breaks", "says"), BROKEN, ids=[what for what, _, _ in BROKEN])
def test_each_fault_is_said_with_its_place(tmp_path: Path, what: str, breaks: Break, says: str) -> None:
    folder = course_folder(tmp_path)
    breaks(folder)
    with pytest.raises(BrokenCourse) as refused:
        read_course(folder)
    assert says in str(refused.value)
    assert all(problem.where for problem in refused.value.problems)


def test_all_faults_are_said_at_once(tmp_path: Path) -> None:
    folder = course_folder(tmp_path, id="NO", title=3, languages=["en", "ar", "!"])
    with pytest.raises(BrokenCourse) as refused:
        read_course(folder)
    assert len(refused.value.problems) >= 3


def test_two_activities_of_one_name_are_refused(tmp_path: Path) -> None:
    twin = {"id": "same", "kind": "page", "title": "T", "source": "pages/a.md"}
    folder = course_folder(tmp_path, lessons=[{"id": "one", "title": "One", "activities": [twin, twin]}])
    with pytest.raises(BrokenCourse, match="same stands 2 times"):
        read_course(folder)


def test_what_is_no_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(BrokenCourse, match="is no folder"):
        read_course(tmp_path / "nowhere")
