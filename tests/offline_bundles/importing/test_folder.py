"""An imported course becomes a folder that packing takes; whatever cannot be in it stands in the findings."""

import io
from base64 import b64encode
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from offline_bundles import FolderStore, Signer, pack
from offline_bundles.course import Course, read_course
from offline_bundles.errors import BrokenPackage
from offline_bundles.importing.folder import FolderPlan, plan_folder, write_folder
from offline_bundles.importing.imported import (
    Activity,
    Choice,
    ImportedCourse,
    Lesson,
    Outcome,
    Page,
    Pair,
    Question,
    Quiz,
    Resource,
    Video,
)
from offline_bundles.importing.packages import open_package
from tests.offline_bundles.media.reading import brief_film

SIGNER = Signer.from_seed(bytes(range(32)))
CAPTIONS = b"1\n00:00:01,000 --> 00:00:02,000\nHello\n"


def picture(form: str = "PNG") -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(made, form)
    return made.getvalue()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A package's files."""
    files = {
        "static/a tap.png": picture(),
        "static/wrong.gif": picture("JPEG"),
        "static/broken.png": picture()[:40],
        "static/drawing.svg": b"<svg onload='x()'/>",
        "static/sheet.pdf": b"%PDF-1.4",
        "static/sheet.html": b"<script>x()</script>",
        "static/talk.mp4": brief_film(),
        "static/talk.srt": CAPTIONS,
        "static/no.srt": b"nothing",
        "other/sheet.pdf": b"%PDF-1.5",
    }
    for name, raw in files.items():
        (tmp_path / "source" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "source" / name).write_bytes(raw)
    return tmp_path / "source"


def course_of(*activities: Activity, **members: str) -> ImportedCourse:
    about = {"form": "test", "id": "Water 101", "title": "Water", "language": "en", **members}
    return ImportedCourse(lessons=(Lesson("one", "Lesson one", activities),), **about)  # type: ignore[arg-type]


def written(course: ImportedCourse, source: Path) -> tuple[FolderPlan, Course]:
    folder = source.parent / "written"
    with open_package(source) as package:
        plan = plan_folder(course, package)
        write_folder(plan, package, folder)
    return plan, read_course(folder)


def said(plan: FolderPlan) -> list[tuple[Outcome, str]]:
    return [(finding.outcome, finding.why) for finding in plan.findings]


def page(body: str, **members: str) -> Page:
    return replace(Page("p", "Page", body, base="html"), **members)


def text_of(course: Course, name: str) -> str:
    return next(one for one in course.activities if one.id == name).source.read_text()


def test_pictures_and_files_come_along_and_links_lead_to_them(source: Path) -> None:
    body = (
        '<p><img src="../static/a%20tap.png" alt="Tap"> <a href="../static/sheet.pdf#page=2">sheet</a>'
        '<a href="/other/sheet.pdf">other</a> <a href="https://example.org">net</a> <a href="#top">up</a></p>'
    )

    plan, course = written(course_of(page(body)), source)

    assert [one.id for one in course.activities] == ["p", "sheet", "sheet-2"]
    assert plan.copies == {
        "pictures/a-tap.png": "static/a tap.png",
        "files/sheet.pdf": "static/sheet.pdf",
        "files/sheet-2.pdf": "other/sheet.pdf",
    }
    html = text_of(course, "p")
    assert 'src="../pictures/a-tap.png"' in html
    assert 'href="#/course/water-101/sheet"' in html and 'href="#/course/water-101/sheet-2"' in html
    assert 'href="https://example.org"' in html and "#top" not in html
    assert not plan.findings


def test_a_picture_written_into_a_page_becomes_a_file_once(source: Path) -> None:
    address = f"data:image/png;base64,{b64encode(picture()).decode()}"

    plan, course = written(course_of(page(f'<img src="{address}"> <img src="{address}">')), source)

    assert text_of(course, "p").count('src="../pictures/inline.png"') == 2
    assert (source.parent / "written" / "pictures" / "inline.png").read_bytes() == picture()
    assert not plan.findings


def test_a_page_links_to_other_activities_by_their_file_and_by_their_id(source: Path) -> None:
    first = page('<a href="b.html">B</a> <a href="activity:q 1">Quiz</a> <a href="activity:gone">gone</a>')
    second = Page("b", "B", "<p>B</p>", base="html", source="html/b.html")
    (source / "html").mkdir()
    (source / "html" / "b.html").write_text("<p>B</p>")

    plan, course = written(course_of(first, second, Quiz("q 1", "Quiz", (right(),))), source)

    assert 'href="#/course/water-101/b"' in text_of(course, "p")
    assert 'href="#/course/water-101/q-1"' in text_of(course, "p")
    assert said(plan) == [(Outcome.DEGRADED, "a link to gone, which did not come along, is plain text now.")]


def test_a_link_to_a_page_of_which_nothing_was_left_is_plain_text(source: Path) -> None:
    _, course = written(course_of(page('<a href="activity:b">B</a>'), Page("b", "B", "<script>x()</script>")), source)

    assert text_of(course, "p") == "<a>B</a>\n"


@pytest.mark.parametrize(
    ("body", "outcome", "words"),
    [
        ('<img src="../static/gone.png">', Outcome.BROKEN, "gone.png is not in the package"),
        ('<a href="../static/gone.pdf">x</a>', Outcome.BROKEN, "gone.pdf, which it links to, is not in the package"),
        ('<a href="../../../etc/passwd">x</a>', Outcome.BROKEN, "passwd, which it links to, is not in the package"),
        ('<img src="../static/broken.png">', Outcome.DROPPED, "no PNG, JPEG, WebP or GIF that can be read"),
        ('<img src="../static/drawing.svg">', Outcome.DROPPED, "it is an SVG: it is no SVG that can be drawn"),
        ('<img src="data:image/png;base64,AAAA">', Outcome.DROPPED, "a picture written into the page stays behind"),
        ('<img src="data:image/svg+xml,<svg/>">', Outcome.DROPPED, "a picture written into the page stays behind"),
        ('<img src="https://example.org/a.png">', Outcome.DEGRADED, "on the network, https://example.org/a.png"),
        ('<a href="../static/sheet.html">x</a>', Outcome.DROPPED, "the kind .html is not opened on a phone"),
        ("<script>x()</script>", Outcome.DEGRADED, "no code of a course runs here"),
        ('<iframe src="//example.org/v"></iframe>', Outcome.DEGRADED, "a link to it is at the end"),
        ('<audio src="../static/gone.mp3"></audio>', Outcome.BROKEN, "gone.mp3"),
    ],
)
def test_each_thing_that_a_page_loses_is_told(source: Path, body: str, outcome: Outcome, words: str) -> None:
    plan, course = written(course_of(page(f"<p>Text {body}</p>")), source)

    assert len(plan.findings) == 1
    assert plan.findings[0].outcome is outcome and words in plan.findings[0].why
    assert plan.findings[0].where == "Lesson one › Page"
    assert "Text" in text_of(course, "p")


def test_what_a_page_embeds_from_the_network_becomes_a_link(source: Path) -> None:
    _, course = written(course_of(page('<iframe src="https://example.org/v?a=1&b=2"></iframe>')), source)

    assert '<a href="https://example.org/v?a=1&amp;b=2">https://example.org/v?a=1&amp;b=2</a>' in text_of(course, "p")


def test_an_embedded_video_file_becomes_an_activity_after_its_page(source: Path) -> None:
    plan, course = written(course_of(page('<p>See</p><video><source src="../static/talk.mp4"></video>')), source)

    assert [(one.id, one.kind) for one in course.activities] == [("p", "page"), ("talk", "video")]
    assert [finding.outcome for finding in plan.findings] == [Outcome.DEGRADED]


def test_a_video_keeps_captions_in_any_language_and_tells_of_those_that_are_none(source: Path) -> None:
    captions = {"en": "static/talk.srt", "sw": "static/talk.srt", "fr": "static/no.srt", "ar": "static/gone.srt"}

    plan, course = written(course_of(Video("v", "Talk", "static/talk.mp4", captions)), source)

    assert set(course.activities[0].captions) == {"en", "sw"}
    assert [outcome for outcome, _ in said(plan)] == [Outcome.DROPPED, Outcome.BROKEN]


def test_a_missing_video_and_a_missing_file_are_broken_references(source: Path) -> None:
    activities = (page("<p>x</p>"), Video("v", "V", "gone.mp4"), Resource("r", "R", "gone.pdf"))

    plan, course = written(course_of(*activities), source)

    assert [one.id for one in course.activities] == ["p"]
    assert [outcome for outcome, _ in said(plan)] == [Outcome.BROKEN, Outcome.BROKEN]


def right(**members: object) -> Question:
    choices = (Choice("Yes", correct=True, feedback="So it is"), Choice("No"))
    return replace(Question("q", "single_choice", "Is it?", choices=choices), **members)  # type: ignore[arg-type]


EVERY_KIND = (
    right(picture="static/a tap.png", points=3, feedback="Done"),
    right(kind="multiple_choice"),
    Question("q", "numeric", "How many?", answer="37.5", tolerance="0.5", unit="kg"),
    Question("q", "short_text", "Say it", accept=("Tiffin", "tiffin box")),
    Question("q", "ordering", "Sort", items=("one", "two\nlines", "three")),
    Question("q", "matching", "Match", pairs=(Pair("a", "1"), Pair("b", "2"), Pair("", "3"))),
    Question("q", "free_text", "Tell", points=4, rubric="Names two reasons"),
    Question("q", "free_text", "Tell more"),
)


def test_every_kind_of_question_is_read_back_as_it_was(source: Path) -> None:
    plan, course = written(course_of(Quiz("quiz", "Quiz", EVERY_KIND, graded=True, attempts=2)), source)

    quiz = course.activities[0].quiz
    assert quiz is not None and not plan.findings
    assert [question.public["kind"] for question in quiz.questions] == [question.kind for question in EVERY_KIND]
    assert [question.points for question in quiz.questions] == [3, 1, 1, 1, 1, 1, 4, 1]
    assert len({question.id for question in quiz.questions}) == len(EVERY_KIND)
    assert quiz.questions[0].picture is not None and quiz.questions[0].public["picture_alt"] == {"en": "Is it?"}
    assert (quiz.quiz, quiz.attempts) == ("graded", 2)


def test_a_course_in_several_languages_has_each_text_in_each(source: Path) -> None:
    arabic = right(prompt="هل؟", choices=(Choice("نعم", correct=True), Choice("لا")))
    short = Question("s", "short_text", "Say", accept=("cat",))
    quiz = Quiz(
        "quiz",
        "Quiz",
        (
            replace(right(), translations={"ar": arabic}),
            replace(short, translations={"ar": replace(short, prompt="قل", accept=("قطة",))}),
        ),
        titles={"ar": "اختبار"},
    )
    pages = replace(page("<p>Hello</p>"), translations={"ar": page("<p>مرحبا</p>", title="صفحة"), "fr": page("")})
    lesson = Lesson("one", "One", (pages, quiz), titles={"ar": "واحد"})

    plan, course = written(replace(course_of(), lessons=(lesson,), titles={"ar": "ماء"}), source)

    assert course.languages == ("en", "ar", "fr") and course.title == {"en": "Water", "ar": "ماء"}
    assert course.lessons[0].title == {"en": "One", "ar": "واحد"}
    assert {tag: path.read_text() for tag, path in course.activities[0].sources.items()} == {
        "en": "<p>Hello</p>\n",
        "ar": "<p>مرحبا</p>\n",
    }
    assert course.activities[0].title == {"en": "Page", "ar": "صفحة"}
    questions = course.activities[1].quiz.questions if course.activities[1].quiz else ()
    assert questions[0].public["prompt"] == {"en": "Is it?", "ar": "هل؟"}
    assert questions[0].public["choices"][0]["text"] == {"en": "Yes", "ar": "نعم"}
    assert questions[0].key["choices"] == {"c1": {"en": "So it is"}}
    assert questions[1].key["accept"] == ["cat", "قطة"]
    assert [finding.where for finding in plan.findings] == ["One › Page [fr]"]


def test_a_question_that_packing_would_refuse_is_dropped_with_its_reason(source: Path) -> None:
    without_right = right(choices=(Choice("A"), Choice("B")))

    plan, course = written(course_of(Quiz("quiz", "Quiz", (right(), without_right))), source)

    assert course.activities[0].quiz is not None and len(course.activities[0].quiz.questions) == 1
    assert said(plan) == [(Outcome.DROPPED, "choices: exactly one of the choices is `correct: true`.")]


def test_a_quiz_without_a_question_does_not_become_an_empty_quiz(source: Path) -> None:
    plan, course = written(course_of(page("<p>x</p>"), Quiz("quiz", "Quiz", ())), source)

    assert [one.kind for one in course.activities] == ["page"]
    assert said(plan) == [(Outcome.DROPPED, "it has no question that could be taken.")]


def test_a_question_bank_of_thousands_becomes_several_quizzes(source: Path) -> None:
    bank = Quiz("bank", "Bank", tuple(right(prompt=f"Is it {number}? " + "why " * 10) for number in range(1_300)))

    _, course = written(course_of(bank), source)

    assert sum(len(one.quiz.questions) for one in course.activities if one.quiz) == 1_300
    assert [one.title["en"] for one in course.activities] == ["Bank (1/3)", "Bank (2/3)", "Bank (3/3)"]


def test_ids_of_every_kind_become_names_and_none_twice(source: Path) -> None:
    ids = ("Übung 1", "übung-1", "水", "", "x" * 90, "x" * 91)

    _, course = written(course_of(*(Page(each, "T", "<p>x</p>") for each in ids)), source)

    assert len({one.id for one in course.activities}) == len(ids)


def test_texts_that_yaml_or_a_database_would_not_take_are_mended(source: Path) -> None:
    title = 'A: "b" # c\x00\x07 \ud800\n- d *&!%@'

    _, course = written(course_of(Page("p", title, "<p>x</p>"), description="a\r\nb\x0b", language="pt_BR"), source)

    assert course.activities[0].title == {"pt-BR": 'A: "b" # c - d *&!%@'}
    assert course.description == {"pt-BR": "a\nb"}


@pytest.mark.parametrize("language", ["und", "", "no language", "../x"])
def test_a_course_that_does_not_say_its_language_is_told_of(source: Path, language: str) -> None:
    plan, course = written(course_of(page("<p>x</p>"), language=language), source)

    assert course.languages == ("en",)
    assert [(finding.kind, finding.outcome) for finding in plan.findings] == [("language", Outcome.DEGRADED)]


def test_captions_of_no_language_are_in_the_course_s_own(source: Path) -> None:
    _, course = written(
        course_of(Video("v", "V", "static/talk.mp4", {"und": "static/talk.srt"}), language="sw"), source
    )

    assert set(course.activities[0].captions) == {"sw"}


def test_a_picture_goes_by_what_it_is_and_not_by_its_name(source: Path) -> None:
    plan, _ = written(course_of(page('<img src="../static/wrong.gif">')), source)

    assert list(plan.copies) == ["pictures/wrong.jpg"]


def test_a_course_of_which_nothing_is_left_is_refused_with_a_reason(source: Path) -> None:
    with pytest.raises(BrokenPackage, match=r"nothing in it can be learnt from offline\. For one: Lesson one › V"):
        written(course_of(Video("v", "V", "gone.mp4")), source)


def test_a_folder_that_holds_something_is_left_alone(source: Path) -> None:
    (source.parent / "written").mkdir()
    (source.parent / "written" / "mine.txt").write_text("mine")

    with pytest.raises(BrokenPackage, match="is there already and not empty"):
        written(course_of(page("<p>x</p>")), source)
    assert [path.name for path in (source.parent / "written").iterdir()] == ["mine.txt"]


def test_a_copy_that_fails_half_way_leaves_nothing(source: Path) -> None:
    with open_package(source) as package:
        plan = plan_folder(course_of(page('<img src="../static/a%20tap.png">')), package)
        (source / "static" / "a tap.png").unlink()
        with pytest.raises(BrokenPackage):
            write_folder(plan, package, source.parent / "written")

    assert [path.name for path in source.parent.iterdir()] == ["source"]


def test_what_was_written_packs(source: Path, tmp_path: Path) -> None:
    body = '<p>x <img src="../static/a%20tap.png"> <a href="../static/sheet.pdf">s</a></p>'
    _, course = written(course_of(page(body), Quiz("quiz", "Quiz", EVERY_KIND)), source)

    release = pack(
        source.parent / "written", store=FolderStore(tmp_path / "o"), cache=tmp_path / "c", signer=SIGNER, previous=None
    )

    assert release.record.course == course.id == "water-101"
    assert not release.report.dropped
    assert release.manifest["languages"] == ["en"]
