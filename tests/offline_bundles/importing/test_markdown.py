"""Curricula in Markdown come in with all their languages; counts are taken from the raw files by other means."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from offline_bundles import FolderStore, Signer, pack
from offline_bundles.course import read_course
from offline_bundles.errors import BrokenPackage
from offline_bundles.importing.folder import FolderPlan, plan_folder, write_folder
from offline_bundles.importing.imported import ImportedCourse, Outcome, Page, Question, Quiz
from offline_bundles.importing.markdown import MarkdownImporter
from offline_bundles.importing.markdown.marks import DEPTH_MAX, common, read_front, read_settings
from offline_bundles.importing.packages import open_package

PICTURE = re.compile(r"!\[[^\]]*\]\(([^)\s]+)[^)]*\)")
FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)


def imported(folder: Path) -> ImportedCourse:
    with open_package(folder) as package:
        assert MarkdownImporter().recognises(package)
        return MarkdownImporter().read(package)


def planned(folder: Path) -> FolderPlan:
    with open_package(folder) as package:
        return plan_folder(MarkdownImporter().read(package), package)


@pytest.fixture(scope="module")
def iot(shared_data: Path) -> Path:
    return shared_data / "md-iot-for-beginners"


@pytest.fixture(scope="module")
def rpf(shared_data: Path) -> Path:
    return shared_data / "md-rpf-hello-world"


def raw_quizzes(iot: Path, language: str) -> dict[int, list[dict[str, Any]]]:
    path = iot / "quiz-app" / "src" / "assets" / "translations" / f"{language}.json"
    return {quiz["id"]: quiz["quiz"] for quiz in json.loads(path.read_text())[0]["quizzes"]}


def keys(question: dict[str, Any]) -> list[str]:
    return [option["isCorrect"] for option in question["answerOptions"]]


def words(question: dict[str, Any]) -> list[str]:
    return [question["questionText"].strip(), *(option["answerText"].strip() for option in question["answerOptions"])]


def test_every_page_of_the_curriculum_is_there_in_every_language(iot: Path) -> None:
    pages = [each for each in imported(iot).activities if isinstance(each, Page)]

    originals = {str(path.relative_to(iot)) for path in (iot / "1-getting-started").rglob("*.md")}
    assert {page.source for page in pages} == originals
    for language in ("ar", "fr", "hi", "sw"):
        here = {str(path.relative_to(iot)) for path in (iot / "translations" / language).rglob("*.md")}
        assert {page.translations[language].source for page in pages} == here


def test_lessons_follow_the_folders_in_the_order_of_their_numbers(iot: Path) -> None:
    lessons = imported(iot).lessons

    assert [lesson.title for lesson in lessons[:2]] == ["Getting Started with IoT", "Introduction to IoT"]
    assert [lesson.id[:40] for lesson in lessons[1:5]] == [
        f"1-getting-started/lessons/{folder.name}"[:40]
        for folder in sorted((iot / "1-getting-started/lessons").iterdir())
    ]
    assert set(lessons[1].titles) == {"ar", "fr", "hi", "sw"} and "إنترنت" in lessons[1].titles["ar"]
    assert lessons[1].activities[-1].title.lower().startswith(("investigate", "lesson 1"))


def test_every_question_of_the_quizzes_is_there(iot: Path) -> None:
    raw = raw_quizzes(iot, "en")
    quizzes = [each for each in imported(iot).activities if isinstance(each, Quiz)]

    assert len(quizzes) == len(raw) == 48
    assert sum(len(quiz.questions) for quiz in quizzes) == sum(map(len, raw.values())) == 144
    for quiz in quizzes:
        for question, entry in zip(quiz.questions, raw[int(quiz.id.removeprefix("quiz-"))], strict=True):
            assert [question.prompt, *(choice.text for choice in question.choices)] == words(entry)
            assert [str(choice.correct).lower() for choice in question.choices] == keys(entry)


@pytest.mark.parametrize(("language", "file"), [("ar", "ar"), ("hi", "hin")])
def test_a_translation_is_taken_where_it_asks_the_same(iot: Path, language: str, file: str) -> None:
    english, other = raw_quizzes(iot, "en"), raw_quizzes(iot, file)
    fitting = [
        one["questionText"].strip()
        for number, questions in other.items()
        for one, original in zip(questions, english[number], strict=True)
        if keys(one) == keys(original) and words(one) != words(original)
    ]

    taken = [each.translations[language].prompt for each in imported(iot).questions if language in each.translations]

    assert sorted(taken) == sorted(fitting)
    assert len(taken) > 50


def test_a_question_that_marks_no_answer_right_is_named(iot: Path) -> None:
    dropped = [finding for finding in imported(iot).findings if finding.kind == "question"]

    assert [finding.outcome for finding in dropped] == [Outcome.DROPPED]
    assert "ar.json" in dropped[0].where and "which answer is right" in dropped[0].why


def test_a_link_to_a_quiz_on_the_network_leads_to_the_quiz_that_came_along(iot: Path) -> None:
    plan = planned(iot)
    page = plan.texts["pages/1-getting-started-lessons-1-introduction-to-iot.html"]
    lesson = plan.values["lessons"][1]

    assert 'href="#/course/md-iot-for-beginners/quiz-1"' in page and 'beginners/quiz-2"' in page
    assert "azurestaticapps" not in page
    assert [entry["id"] for entry in lesson["activities"] if entry["kind"] == "quiz"] == ["quiz-1", "quiz-2"]
    assert len(plan.values["lessons"][-1]["activities"]) == 48 - 8, "what no page links to stands at the end"


def test_exactly_the_pictures_that_are_not_there_are_broken_references(iot: Path) -> None:
    missing = 0
    for path in (*(iot / "1-getting-started").rglob("*.md"), *(iot / "translations").rglob("*.md")):
        local = [link for link in PICTURE.findall(FENCE.sub("", path.read_text())) if "://" not in link]
        missing += sum(not (path.parent / link).resolve().is_file() for link in local)

    broken = [one for one in planned(iot).findings if one.kind == "picture" and one.outcome is Outcome.BROKEN]

    assert len(broken) == missing > 100


def test_pages_link_to_each_other_across_folders(iot: Path) -> None:
    plan = planned(iot)
    first = plan.texts["pages/1-getting-started-readme.html"]

    assert first.count('href="#/course/md-iot-for-beginners/1-getting-started-lessons-') == 4
    arabic = plan.texts["pages/1-getting-started-readme.ar.html"]
    assert arabic.count('href="#/course/md-iot-for-beginners/1-getting-started-lessons-') == 4


def test_steps_of_a_project_come_with_the_titles_of_their_meta_file(rpf: Path) -> None:
    (lesson,) = imported(rpf).lessons
    written = re.findall(r"- title: (.+)", (rpf / "en" / "meta.yml").read_text())
    french = re.findall(r"- title: (.+)", (rpf / "fr-FR" / "meta.yml").read_text())
    pages = [each for each in lesson.activities if isinstance(each, Page)]

    assert [page.title for page in pages][:5] == written[:5]
    assert [page.translations["fr"].title for page in pages][:4] == french[:4]
    assert len(pages) == 7 and all(set(page.translations) == {"ar", "fr", "uk"} for page in pages)
    assert lesson.title.startswith("Hello \U0001f30d")


def marked(path: Path) -> tuple[int, list[bool]]:
    """How many choices a question's file has, and which are right."""
    found = re.findall(r"^- ?\(( |x|)\)", path.read_text(), re.MULTILINE)
    return len(found), [mark == "x" for mark in found]


def test_each_marked_question_keeps_its_choices_its_key_and_its_feedback(rpf: Path) -> None:
    questions = list(imported(rpf).questions)

    assert len(questions) == len(list((rpf / "en" / "quiz1").glob("question_*.md"))) == 3
    for question in questions:
        path = rpf / "en" / "quiz1" / f"{question.id}.md"
        assert (len(question.choices), [choice.correct for choice in question.choices]) == marked(path)
        assert all(choice.text and choice.feedback for choice in question.choices)
    assert questions[0].choices[2].text == "print(f'Hello{world}')"
    assert questions[0].picture == "en/images/quiz1.png" and questions[0].picture_alt


def test_marked_questions_are_translated_where_the_same_choice_is_right(rpf: Path) -> None:
    questions = {question.id: question for question in imported(rpf).questions}

    for folder, language in (("ar-SA", "ar"), ("fr-FR", "fr"), ("uk-UA", "uk")):
        for name, question in questions.items():
            same = marked(rpf / folder / "quiz1" / f"{name}.md") == marked(rpf / "en" / "quiz1" / f"{name}.md")
            assert (language in question.translations) == same
    assert sum(len(question.translations) for question in questions.values()) > 5


def test_no_mark_of_the_project_s_own_is_left_in_a_page(rpf: Path) -> None:
    pages = [text for path, text in planned(rpf).texts.items() if path.endswith(".html")]

    assert len(pages) == 7 * 4
    assert not [text for text in pages if re.search(r"--- /?[a-z-]+ ---|\{:", text)]
    assert any("<details>" in text for text in pages)
    assert any("<pre><code>print(f" in text or "print(f" in text for text in pages)


def test_one_language_can_be_imported_alone(rpf: Path) -> None:
    course = imported(rpf / "ar-SA")

    assert course.language == "ar"
    assert [len(question.choices) for question in course.questions] == [
        marked(rpf / "ar-SA" / "quiz1" / f"question_{number}.md")[0] for number in (1, 2, 3)
    ]


def test_a_curriculum_packs_in_all_its_languages(rpf: Path, tmp_path: Path) -> None:
    with open_package(rpf) as package:
        write_folder(plan_folder(MarkdownImporter().read(package), package), package, tmp_path / "course")

    store, signer = FolderStore(tmp_path / "objects"), Signer.from_seed(bytes(32))
    release = pack(tmp_path / "course", store=store, cache=tmp_path / "cache", signer=signer, previous=None)

    assert read_course(tmp_path / "course").languages == ("en", "ar", "fr", "uk")
    assert not release.report.dropped


# What people write, one by one.


def folder_of(path: Path, **files: str) -> Path:
    for name, text in files.items():
        target = path / name.replace("__", "/").replace("_md", ".md")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    return path


def test_the_title_is_the_heading_and_stands_once(tmp_path: Path) -> None:
    (page,) = imported(folder_of(tmp_path, a_md="---\nauthor: Me\n---\n# Water\n\nBoil it.\n")).activities

    assert isinstance(page, Page) and (page.title, page.body.strip()) == ("Water", "Boil it.")


def test_numbers_in_names_count_as_numbers(tmp_path: Path) -> None:
    files = {f"{number}-x__README_md": f"# {number}\ntext" for number in (10, 9, 1)}

    assert [lesson.title for lesson in imported(folder_of(tmp_path, **files)).lessons] == ["1", "9", "10"]


def test_an_empty_page_and_a_page_about_the_folder_are_named(tmp_path: Path) -> None:
    course = imported(folder_of(tmp_path, a_md="# A\n\ntext", b_md="", CONTRIBUTING_md="Send patches"))

    assert [(finding.where, finding.outcome) for finding in course.findings] == [
        ("CONTRIBUTING.md", Outcome.DROPPED),
        ("b.md", Outcome.DROPPED),
    ]


def test_a_folder_that_only_speaks_of_itself_is_no_curriculum(tmp_path: Path) -> None:
    with open_package(folder_of(tmp_path, LICENSE_md="MIT", SOURCE_md="From elsewhere")) as package:
        assert not MarkdownImporter().recognises(package)
        with pytest.raises(BrokenPackage, match="holds no page of Markdown that teaches"):
            MarkdownImporter().read(package)


def test_a_translation_without_original_and_an_original_without_translation_are_named(tmp_path: Path) -> None:
    folder = folder_of(
        tmp_path, en__a_md="# A\ntext", en__b_md="# B\ntext", fr__a_md="# A\ntexte", fr__c_md="# C\ntexte"
    )

    told = [(finding.where, finding.why) for finding in imported(folder).findings]

    assert told == [("en/b.md", "it is not there in fr."), ("fr/c.md", "it has no original in en.")]


def test_marks_that_are_never_closed_or_nest_without_end_are_bounded() -> None:
    assert common("--- task ---\ntext") == "\ntext"
    assert common("text\n--- /task ---\nmore") == "text\n\nmore"
    nested = "".join(f"--- m{'x' * depth} ---\n" for depth in range(DEPTH_MAX + 5))
    assert "m" not in common(nested)


def test_settings_that_are_no_yaml_or_a_trap_are_passed_over() -> None:
    assert read_settings("a: [") == {}
    assert read_settings("a: &a [x]\nb: [*a, *a]") == {}
    assert read_settings("- a") == {}
    assert read_front("---\ntitle: T\n---\ntext") == ({"title": "T"}, "text")


def test_a_broken_collection_of_quizzes_is_named_and_the_pages_stay(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, a_md="# A\ntext")
    (folder / "en.json").write_text('{"quizzes": [')
    (folder / "deep.json").write_text('"quizzes"' + "[" * 100_000)

    course = imported(folder)

    assert [finding.outcome for finding in course.findings] == [Outcome.BROKEN, Outcome.BROKEN]
    assert len(list(course.activities)) == 1


def test_html_in_markdown_is_cleaned(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, a_md='# A\n\ntext <script>alert(1)</script> <b onclick="x()">bold</b>\n')

    text = planned(folder).texts["pages/a.html"]

    assert "<b>bold</b>" in text and "script" not in text and "onclick" not in text


def test_a_question_is_a_question_whatever_space_its_marks_have(tmp_path: Path) -> None:
    question = (
        "--- question ---\n---\nlegend: 1\n---\nIs it?\n\n--- choices ---\n\n- () No\n\n  --- feedback ---\n  Think.\n"
        "  --- /feedback ---\n\n-(x) Yes\n- ( ) Perhaps\n\n--- /choices ---\n--- /question ---\n"
    )
    meta = "title: T\nsteps:\n  - title: One\n    knowledge_quiz:\n      path: quiz1\n      passing_score: 1\n"
    folder = folder_of(tmp_path, step_1_md="", quiz1__question_1_md=question)
    (folder / "meta.yml").write_text(meta)

    (asked,) = imported(folder).questions

    assert isinstance(asked, Question) and asked.prompt == "Is it?"
    assert [(choice.text, choice.correct, choice.feedback) for choice in asked.choices] == [
        ("No", False, "Think."),
        ("Yes", True, ""),
        ("Perhaps", False, ""),
    ]


@pytest.mark.parametrize("choices", ["", "--- choices ---\nnone\n--- /choices ---", "--- choices ---"])
def test_a_question_without_choices_is_dropped_with_its_reason(tmp_path: Path, choices: str) -> None:
    question = f"Hello\n\n--- question ---\nIs it?\n{choices}\n--- /question ---\n"
    folder = folder_of(tmp_path, a_md="# A\ntext", step_1_md="", quiz1__question_1_md=question)
    (folder / "meta.yml").write_text("steps:\n  - knowledge_quiz:\n      path: quiz1\n")

    course = imported(folder)

    assert not list(course.questions)
    assert "it has 0 choices" in " ".join(finding.why for finding in course.findings)
