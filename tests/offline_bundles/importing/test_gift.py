"""GIFT, read from the files that people have; what is in them is counted here without our parser."""

import re
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offline_bundles.course import read_course
from offline_bundles.errors import BrokenPackage
from offline_bundles.importing.detecting import open_course
from offline_bundles.importing.folder import plan_folder, write_folder
from offline_bundles.importing.gift.blocks import blocks
from offline_bundles.importing.gift.importer import GiftImporter
from offline_bundles.importing.imported import Choice, ImportedCourse, Outcome, Pair, Question, Quiz
from offline_bundles.importing.packages import open_package


def read(path: Path) -> ImportedCourse:
    with open_package(path) as package:
        importer = GiftImporter()
        assert importer.recognises(package)
        return importer.read(package)


def course_of(text: str, folder: Path, name: str = "quiz.gift") -> ImportedCourse:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return read(path)


def question_of(text: str, folder: Path) -> Question:
    (question,) = course_of(text, folder).questions
    return question


def reasons(course: ImportedCourse) -> list[str]:
    return [finding.why for finding in course.findings]


def kinds_in(path: Path) -> Counter[str]:
    """What stands between braces that nobody escaped, told apart by its signs."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.lstrip().startswith("//")]
    return Counter(kind_of(body) for body in re.findall(r"(?<!\\)\{(.*?)(?<!\\)\}", "\n".join(lines), re.DOTALL))


def kind_of(body: str) -> str:
    if not body.strip():
        return "essay"
    if body.strip().startswith("#"):
        return "number"
    if "~" in body.replace("\\~", ""):
        return "choice"
    if "->" in body:
        return "matching"
    return "truth" if re.match(r"\s*(T|F|TRUE|FALSE)\b", body) else "word"


def test_every_question_of_the_grammar_s_files_comes_in(shared_data: Path):
    folder = shared_data / "gift-fuhrmanator"
    course = read(folder)
    there = sum((kinds_in(path) for path in folder.glob("*.gift")), Counter[str]())
    here = Counter(question.kind for question in course.questions)

    assert here["single_choice"] + here["multiple_choice"] == there["choice"] + there["truth"]
    assert here["multiple_choice"] == 5  # escapeColon, multipleAnswersFloat, colours, and two of options1
    assert here["short_text"] == there["word"]
    assert here["numeric"] == there["number"]
    assert here["matching"] == there["matching"]
    assert here["free_text"] == there["essay"]
    assert here.total() == there.total() == 93


def test_a_file_of_the_set_is_a_lesson_and_one_without_questions_is_reported(shared_data: Path):
    folder = shared_data / "gift-fuhrmanator"
    course = read(folder)

    empty = {finding.where for finding in course.findings if finding.why == "it holds no question"}
    assert empty == {"category1.gift", "categorySpecialCharacter.gift"}
    assert len(course.lessons) == len(list(folder.glob("*.gift"))) - 2


def test_texts_without_a_question_become_pages(shared_data: Path):
    course = read(shared_data / "gift-fuhrmanator")

    pages = [activity for activity in course.activities if not isinstance(activity, Quiz)]
    descriptions = [finding for finding in course.findings if finding.kind == "description"]
    assert len(pages) == len(descriptions) == 3 + 4  # description*.gift and the four texts of markdown.gift


def test_the_spanish_files_come_in_whole_although_their_formulas_escape_nothing(shared_data: Path):
    folder = shared_data / "gift-giftplay-es"
    course = read(folder)

    by_lesson = {lesson.title: [q for a in lesson.activities for q in a.questions] for lesson in course.lessons}  # type: ignore[union-attr]
    assert {title: len(questions) for title, questions in by_lesson.items()} == {
        "ejemplo-basico": 8,
        "ejemplo-gift": 10,
        "ejemplo-matematicas": 8,
    }
    first = by_lesson["ejemplo-matematicas"][0]
    assert first.prompt == r"¿Cuál es el valor de $x$ en la ecuación $\dfrac{2x - 4}{3} = 6$?"
    assert [choice.text for choice in first.choices if choice.correct] == ["$x = 11$"]
    assert all(sum(choice.correct for choice in q.choices) for q in by_lesson["ejemplo-matematicas"])


def test_what_moodle_s_documentation_says_of_each_kind(tmp_path: Path):
    asked = course_of(
        """::pick:: Who? {~A #no =B #yes ~C}

::all:: Which? {~%50%A ~%-50%B ~%50%C ~%-50%D}

::truth:: Is it? {FALSE #you said true #right you are}

::word:: Grant is {=here =there} now.

::pairs:: Match. {=Italy -> Rome =Japan -> Tokyo = -> Oslo}

::number:: How many? {#3.141..3.142}

::essay:: Tell. {####Listen for three reasons.}
""",
        tmp_path,
    )
    by_id = {question.id: question for question in asked.questions}

    assert by_id["pick"].choices == (Choice("A", False, "no"), Choice("B", True, "yes"), Choice("C"))
    assert [choice.correct for choice in by_id["all"].choices] == [True, False, True, False]
    assert by_id["truth"].choices == (Choice("True", False, "you said true"), Choice("False", True, "right you are"))
    assert (by_id["word"].prompt, by_id["word"].accept) == ("Grant is _____ now.", ("here", "there"))
    assert by_id["pairs"].pairs == (Pair("Italy", "Rome"), Pair("Japan", "Tokyo"), Pair("", "Oslo"))
    assert (by_id["number"].answer, by_id["number"].tolerance) == ("3.1415", "0.0005")
    assert (by_id["essay"].kind, by_id["essay"].feedback) == ("free_text", "Listen for three reasons.")
    assert not asked.findings


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Q? {~a ~%50%b =c}", "part of the points for “b” is not kept: it counts as wrong"),
        ("Q? {=a =b ~c}", "any one of several right answers was enough; now all of them are to be chosen"),
        ("Q? {~%50%a ~%50%b ~%-100%c}", "its weights are not kept: right choices earn equal shares"),
        ("Q? {=*ing =%0%x}", "its answer is a pattern with *; a person reads the answer instead"),
        ("Q? {#=1 =3}", "several numbers are right; they are compared as texts"),
        ("Q? {# many}", "its numbers are several ranges, or none that can be read; a person reads the answer"),
        ("[html]Q? <img src\\='a.png'> {=a}", "its picture a.png is not in the package"),
    ],
)
def test_what_cannot_be_kept_is_said(text: str, why: str, tmp_path: Path):
    course = course_of(text, tmp_path)

    assert any(reason.startswith(why) for reason in reasons(course))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Fine? {T}\n\n::Lost:: Q {~a =b", "its answers have no closing brace"),
        ("Fine? {T}\n\nQ {~a}", "it has 1 choices; 2 to 50 are possible"),
        ("Fine? {T}\n\nQ {~a ~b}", "it does not say which answer is right"),
        ("Fine? {T}\n\n::Named:: {=a}", "it asks nothing: its text is empty"),
        ("Fine? {T}\n\n" + "x" * 9_000 + "{T}", "a text in it has more than 8000 characters"),
    ],
)
def test_a_question_that_is_not_whole_is_dropped_with_the_reason(text: str, why: str, tmp_path: Path):
    course = course_of(text, tmp_path)

    assert len(list(course.questions)) == 1
    assert [(finding.outcome, finding.why) for finding in course.findings] == [(Outcome.DROPPED, why)]


def test_a_brace_that_nobody_closed_costs_only_its_own_question(tmp_path: Path):
    course = course_of("::one:: Q {~a\n\n=b\n\n::two:: Sure? {T}", tmp_path)

    assert [question.id for question in course.questions] == ["two"]


def test_categories_are_quizzes(tmp_path: Path):
    course = course_of("$CATEGORY: a/Water\n\nQ {T}\n\n$CATEGORY: a/Fire\n\nP {F}\n\nR {T}", tmp_path)

    quizzes = {quiz.title: len(quiz.questions) for quiz in course.activities if isinstance(quiz, Quiz)}
    assert quizzes == {"Water": 1, "Fire": 2}


def test_more_questions_than_a_quiz_holds_make_several(tmp_path: Path):
    course = course_of("\n\n".join(f"::n{number}:: Q {{T}}" for number in range(1_100)), tmp_path)

    assert [len(quiz.questions) for quiz in course.activities if isinstance(quiz, Quiz)] == [500, 500, 100]


def test_a_text_file_of_something_else_is_not_gift(tmp_path: Path):
    path = tmp_path / "notes.txt"
    path.write_text("Bring {paper} and pens.\n\nNothing to see.", encoding="utf-8")

    with open_package(path) as package:
        assert not GiftImporter().recognises(package)


@pytest.mark.parametrize(
    "hostile",
    ["{" * 200_000, "::" * 200_000, "$" * 300_000, "$a{" * 100_000, "\\" * 300_000 + "{T}", "a\n\n" * 1_000 + "Q {~"],
)
def test_enormous_nonsense_is_refused_or_reported(hostile: str, tmp_path: Path):
    path = tmp_path / "hostile.gift"
    path.write_text(hostile, encoding="utf-8")

    with open_package(path) as package:
        try:
            course = GiftImporter().read(package)
        except BrokenPackage as error:
            assert "hostile" in str(error)
        else:
            assert course.findings


def test_a_file_of_more_than_its_bound_is_refused(tmp_path: Path):
    path = tmp_path / "huge.gift"
    path.write_text("Q {T}\n\n" * 1_300_000, encoding="utf-8")

    with open_package(path) as package, pytest.raises(BrokenPackage, match=r"huge\.gift"):
        GiftImporter().read(package)


def test_what_windows_wrote_is_read_and_said(tmp_path: Path):
    path = tmp_path / "old.gift"
    path.write_bytes("¿Sí, “l’été”? {T}".encode("cp1252"))
    course = read(path)

    assert next(course.questions).prompt == "¿Sí, “l’été”?"
    assert "UTF-8" in reasons(course)[0]


@settings(max_examples=150)
@given(st.text(alphabet="aB1 \n{}=~#%:->\\$T/[]", max_size=120))
def test_whatever_is_written_every_block_comes_in_or_is_named(text: str):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "any.gift")
        path.write_bytes(text.encode())
        with open_package(path) as package:
            try:
                course = GiftImporter().read(package)
            except BrokenPackage:
                return  # not one question or text is in it

    dropped = [finding for finding in course.findings if finding.outcome is Outcome.DROPPED and finding.kind != "file"]
    pages = [activity for activity in course.activities if not isinstance(activity, Quiz)]
    assert len(list(course.questions)) + len(pages) + len(dropped) == len(list(blocks(text)))
    assert all(question.prompt.strip() for question in course.questions)


@pytest.mark.parametrize("answers", ["~a" * 1_000_000, "=a->b" * 500_000, "~<img src\\=a>\n" * 100_000])
def test_a_million_answers_are_dropped_before_they_cost_anything(answers: str, tmp_path: Path):
    course = course_of(f"Fine? {{T}}\n\nQ {{{answers}}}", tmp_path)

    assert len(list(course.questions)) == 1
    assert [finding.outcome for finding in course.findings] == [Outcome.DROPPED]


@pytest.mark.parametrize("name", ["gift-fuhrmanator", "gift-giftplay-es", "gift-giftplay-es/ejemplo-gift.txt"])
def test_real_files_become_folders_that_packing_takes_with_every_question(name: str, shared_data: Path, tmp_path: Path):
    with open_course(shared_data / name) as (course, package):
        write_folder(plan_folder(course, package), package, tmp_path / "course")

    packed = read_course(tmp_path / "course")
    there = sum(len(activity.quiz.questions) for activity in packed.activities if activity.quiz)
    assert course.form == "GIFT"
    assert there == len(list(course.questions))


@pytest.mark.parametrize(
    "text", ["::a:: One? {T}\n::b:: Two? {F}", "One? {T}\nTwo? {\nF\n}", "One?\n{\nT\n}\nTwo? {F}"]
)
def test_two_questions_without_an_empty_line_between_them_are_two(text: str, tmp_path: Path):
    assert [question.prompt for question in course_of(text, tmp_path).questions] == ["One?", "Two?"]
