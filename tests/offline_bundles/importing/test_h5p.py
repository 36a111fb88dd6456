"""H5P packages that others made, and hostile ones: what comes in is what is in them, counted here in another way."""

import json
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from offline_bundles.course.reading import read_course
from offline_bundles.errors import BrokenPackage
from offline_bundles.importing.detecting import open_course
from offline_bundles.importing.folder import plan_folder, write_folder
from offline_bundles.importing.h5p import H5pImporter
from offline_bundles.importing.imported import ImportedCourse, Outcome, Page, Quiz, Resource, Video
from offline_bundles.importing.packages import open_package

GOOD = (
    "blanks-image-es",
    "blanks",
    "interactive-book-solar-system",
    "interactive-video-youtube-es",
    "interactive-video",
    "multichoice-latex",
    "multiple-choice",
    "summary",
    "true-false-hello-world",
)
STARRED = re.compile(r"\*[^*]+\*")


def imported(path: Path) -> ImportedCourse:
    with open_package(path) as package:
        assert H5pImporter().recognises(package)
        return H5pImporter().read(package)


def packed(folder: Path, library: str, params: Any, files: dict[str, bytes] | None = None, **about: Any) -> Path:
    """An .h5p package of one content type."""
    path = folder / "made.h5p"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("h5p.json", json.dumps({"title": "Made", "language": "en", "mainLibrary": library} | about))
        archive.writestr("content/content.json", params if isinstance(params, str) else json.dumps(params))
        for name, raw in (files or {}).items():
            archive.writestr(f"content/{name}", raw)
    return path


def contents(path: Path) -> list[tuple[str, dict[str, Any]]]:
    """Every content in a package, at whatever depth: its library without the version, and its parameters."""
    with zipfile.ZipFile(path) as archive:
        about = json.loads(archive.read("h5p.json"))
        top = json.loads(archive.read("content/content.json"))
    return [(about["mainLibrary"], top), *walked(top)]


def walked(values: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(values, dict) and isinstance(values.get("library"), str):
        yield values["library"].split(" ")[0], values.get("params", {})
    for inner in values.values() if isinstance(values, dict) else values if isinstance(values, list) else ():
        yield from walked(inner)


def expected_questions(library: str, params: dict[str, Any]) -> Counter[str]:
    """By kind, from the package's own JSON alone."""
    if library == "H5P.MultiChoice":
        right = sum(answer["correct"] for answer in params["answers"])
        return Counter(["single_choice" if right == 1 else "multiple_choice"])
    if library == "H5P.Blanks":
        return Counter(["short_text"] * len(STARRED.findall(" ".join(params.get("questions", [])))))
    if library == "H5P.Summary":
        return Counter(["single_choice"] * sum("summary" in group for group in params["summaries"]))
    if library == "H5P.SingleChoiceSet":
        return Counter(["single_choice"] * len(params["choices"]))
    kinds = {
        "TrueFalse": "single_choice",
        "Essay": "free_text",
        "DragText": "matching",
        "MarkTheWords": "multiple_choice",
    }
    kind = kinds.get(library.removeprefix("H5P."))
    return Counter([kind] if kind else [])


@pytest.mark.parametrize("name", GOOD)
def test_every_question_of_a_real_package_comes_in_by_its_kind(shared_data: Path, name: str) -> None:
    path = shared_data / "h5p-packages" / f"{name}.h5p"
    course = imported(path)

    expected: Counter[str] = sum((expected_questions(*each) for each in contents(path)), Counter())

    assert Counter(question.kind for question in course.questions) == expected
    assert sum(expected.values()) > 0


@pytest.mark.parametrize("name", GOOD)
def test_every_file_that_a_course_names_is_in_its_package(shared_data: Path, name: str) -> None:
    path = shared_data / "h5p-packages" / f"{name}.h5p"
    course = imported(path)

    with open_package(path) as package:
        places = [question.picture for question in course.questions if question.picture]
        places += [each.source for each in course.activities if isinstance(each, (Video, Resource))]
        bodies = " ".join(each.body for each in course.activities if isinstance(each, Page))
        places += [f"content/{source}" for source in re.findall(r'src="([^"]+)"', bodies)]
        assert all(package.has(place) for place in places)


@pytest.mark.parametrize("name", GOOD)
def test_ids_are_names_and_stand_once(shared_data: Path, name: str) -> None:
    course = imported(shared_data / "h5p-packages" / f"{name}.h5p")

    for ids in ([each.id for each in course.questions], [each.id for each in course.activities]):
        assert len(set(ids)) == len(ids)
        assert all(re.fullmatch(r"[a-z0-9][a-z0-9-]{0,47}", each) for each in ids)


@pytest.mark.parametrize("name", GOOD)
def test_what_came_in_is_a_course_folder_with_every_question(shared_data: Path, tmp_path: Path, name: str) -> None:
    with open_course(shared_data / "h5p-packages" / f"{name}.h5p") as (course, package):
        write_folder(plan_folder(course, package), package, tmp_path / "course")

    quizzes = [each.quiz for each in read_course(tmp_path / "course").activities if each.quiz]
    assert sum(len(quiz.questions) for quiz in quizzes) == len(list(course.questions))


def test_the_book_has_a_lesson_for_each_chapter_and_all_its_media(shared_data: Path) -> None:
    path = shared_data / "h5p-packages" / "interactive-book-solar-system.h5p"
    course = imported(path)
    (_, book), *inside = contents(path)
    by_library = Counter(library for library, _ in inside)
    html = "".join(each.body for each in course.activities if isinstance(each, Page))

    assert [lesson.title for lesson in course.lessons] == [each["metadata"]["title"] for each in book["chapters"]]
    shown = html.count("<img") + sum(bool(each.picture) for each in course.questions)
    assert shown == by_library["H5P.Image"] == 2
    assert sum(isinstance(each, Resource) for each in course.activities) == by_library["H5P.Audio"] == 1
    assert all(params["text"] in html for library, params in inside if library == "H5P.AdvancedText")
    assert not [each for each in course.findings if each.outcome is not Outcome.DEGRADED]


@pytest.mark.parametrize("name", ["interactive-video", "interactive-video-youtube-es"])
def test_a_video_on_the_network_is_dropped_by_name_and_its_questions_stay(shared_data: Path, name: str) -> None:
    course = imported(shared_data / "h5p-packages" / f"{name}.h5p")

    dropped = [each for each in course.findings if each.outcome is Outcome.DROPPED]
    assert "https://" in dropped[0].why
    assert dropped[0].kind == "H5P.InteractiveVideo"
    assert list(course.questions)
    (first, *_) = course.activities
    assert isinstance(first, Page)
    assert 'href="https://' in first.body


def test_what_no_kind_of_question_can_hold_is_named_by_its_library(shared_data: Path) -> None:
    course = imported(shared_data / "h5p-packages" / "interactive-video.h5p")

    assert [each.kind for each in course.findings if each.outcome is Outcome.DROPPED] == [
        "H5P.InteractiveVideo",
        "H5P.DragQuestion",
    ]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("bad-broken-content-json", "content/content.json is no JSON"),
        ("bad-broken-h5p-json", "h5p.json is no JSON"),
        ("bad-invalid-h5p-json-schema", "names no mainLibrary"),
        ("bad-xss-svg", "H5P.Blanks, and nothing in it could be taken"),
    ],
)
def test_a_broken_package_says_what_is_broken(shared_data: Path, name: str, says: str) -> None:
    with pytest.raises(BrokenPackage, match=re.escape(says)):
        imported(shared_data / "h5p-packages" / f"{name}.h5p")


def test_an_archive_of_four_bytes_is_no_h5p(shared_data: Path) -> None:
    with open_package(shared_data / "h5p-packages" / "bad-corrupt_archive.h5p") as package:
        assert not H5pImporter().recognises(package)
        with pytest.raises(BrokenPackage):
            H5pImporter().read(package)


def test_the_gap_that_is_asked_for_is_the_line_to_write_on(shared_data: Path) -> None:
    course = imported(shared_data / "h5p-packages" / "blanks.h5p")

    first = next(course.questions)
    assert "also known as _____berries" in first.prompt
    assert first.accept == ("blue",)
    assert first.picture == "content/images/file-5885c18261805.jpg"
    assert first.picture_alt == "Image of blueberries"


def test_the_right_statement_of_a_summary_does_not_always_stand_first(shared_data: Path) -> None:
    course = imported(shared_data / "h5p-packages" / "interactive-book-solar-system.h5p")
    with zipfile.ZipFile(shared_data / "h5p-packages" / "interactive-book-solar-system.h5p") as archive:
        raw = archive.read("content/content.json").decode()

    sets = [params for library, params in walked(json.loads(raw)) if library == "H5P.SingleChoiceSet"]
    firsts = {re.sub("<[^>]+>", "", each["answers"][0]).strip() for one in sets for each in one["choices"]}
    right = [[choice.correct for choice in each.choices] for each in course.questions if each.kind == "single_choice"]
    assert firsts <= {choice.text for each in course.questions for choice in each.choices if choice.correct}
    assert any(not each[0] for each in right)


def test_a_drawing_with_a_script_is_drawn_without_it(tmp_path: Path, shared_data: Path) -> None:
    with zipfile.ZipFile(shared_data / "h5p-packages" / "bad-xss-svg.h5p") as archive:
        params = json.loads(archive.read("content/content.json"))
        drawing = archive.read("content/images/xss.svg")
    params["questions"] = ["<p>Two and two is *four*.</p>"]

    path = packed(tmp_path, "H5P.Blanks", params, {"images/xss.svg": drawing})
    with open_course(path) as (course, package):
        plan = plan_folder(course, package)

    assert [name for name in plan.pictures if name.startswith("pictures/")] == ["pictures/xss.png"]
    assert b"script" not in plan.pictures["pictures/xss.png"]
    assert any("of its SVG xss, <script> are left out" in each.why for each in plan.findings)


def test_an_interactive_video_is_a_video_with_captions_and_a_quiz_after_it(tmp_path: Path) -> None:
    track = {"srcLang": "fr", "track": {"path": "videos/fr.vtt"}}
    ask = {
        "library": "H5P.TrueFalse 1.8",
        "params": {"question": "<p>Wet?</p>", "correct": "true"},
        "subContentId": "A1",
    }
    video = {"files": [{"path": "videos/v.webm"}, {"path": "videos/v.mp4"}], "textTracks": {"videoTrack": [track]}}
    assets = {"interactions": [{"duration": {"from": 65}, "action": ask}]}
    params = {"interactiveVideo": {"video": video, "assets": assets}}
    files = {"videos/v.webm": b"w", "videos/v.mp4": b"m", "videos/fr.vtt": b"WEBVTT"}

    watched, asked = imported(packed(tmp_path, "H5P.InteractiveVideo", params, files)).activities

    assert isinstance(watched, Video)
    assert (watched.source, dict(watched.captions)) == ("content/videos/v.mp4", {"fr": "content/videos/fr.vtt"})
    assert isinstance(asked, Quiz)
    assert asked.questions[0].id == "a1"


def test_slides_become_a_page_in_reading_order_then_the_questions(tmp_path: Path) -> None:
    def words(text: str, y: int) -> dict[str, Any]:
        return {"y": y, "x": 0, "action": {"library": "H5P.AdvancedText 1.1", "params": {"text": text}}}

    game = {"y": 9, "action": {"library": "H5P.MemoryGame 1.3", "params": {}, "metadata": {"title": "Pairs"}}}
    slides = [{"elements": [words("<p>second</p>", 50), words("<p>first</p>", 1)]}, {"elements": [game]}]
    course = imported(packed(tmp_path, "H5P.CoursePresentation", {"presentation": {"slides": slides}}))

    (page,) = course.activities
    assert isinstance(page, Page)
    assert page.body.index("first") < page.body.index("second")
    assert [(each.where, each.kind) for each in course.findings if each.outcome is Outcome.DROPPED] == [
        ("Made / Slide 2 / Pairs", "H5P.MemoryGame")
    ]


def test_a_question_set_keeps_its_pass_mark(tmp_path: Path) -> None:
    true_false = {"library": "H5P.TrueFalse 1.8", "params": {"question": "Wet?", "correct": "true"}}
    course = imported(
        packed(tmp_path, "H5P.QuestionSet", {"passPercentage": 80, "questions": [true_false, true_false]})
    )

    (quiz,) = course.activities
    assert isinstance(quiz, Quiz)
    assert (quiz.pass_mark, len(quiz.questions)) == (80, 2)


def test_texts_dragged_onto_labelled_places_are_a_matching(tmp_path: Path) -> None:
    def element(text: str, zones: list[str]) -> dict[str, Any]:
        return {"type": {"library": "H5P.AdvancedText 1.1", "params": {"text": text}}, "dropZones": zones}

    zones = [{"label": "<b>Hot</b>", "correctElements": ["1"]}, {"label": "Cold", "correctElements": ["2"]}]
    elements = [element("Where?", []), element("Fire", ["0", "1"]), element("Ice", ["0", "1"])]
    course = imported(
        packed(tmp_path, "H5P.DragQuestion", {"question": {"task": {"elements": elements, "dropZones": zones}}})
    )

    (question,) = course.questions
    assert [(pair.item, pair.match) for pair in question.pairs] == [("Fire", "Hot"), ("Ice", "Cold")]
    assert question.prompt == "Where?"


@pytest.mark.parametrize(
    "params",
    [
        {"question": "<p>Which?</p>", "answers": []},
        {"question": "", "answers": [{"text": "a", "correct": True}, {"text": "b"}]},
        {"question": "<p>Which?</p>", "answers": [{"text": "a"}, {"text": "b"}]},
        {"question": ["Which?"], "answers": {"text": 1}},
        {},
    ],
)
def test_a_question_without_its_parts_is_an_error_and_no_empty_question(tmp_path: Path, params: Any) -> None:
    with pytest.raises(BrokenPackage, match="nothing in it could be taken"):
        imported(packed(tmp_path, "H5P.MultiChoice", params))


def test_a_paragraph_of_gaps_without_end_is_left_out_and_named(tmp_path: Path) -> None:
    params = {"questions": ["*a* " * 500_000, "<p>Water is *wet*.</p>"]}

    course = imported(packed(tmp_path, "H5P.Blanks", params))

    assert [each.accept for each in course.questions] == [("wet",)]
    assert [each.outcome for each in course.findings] == [Outcome.DROPPED]


@pytest.mark.parametrize(
    "params",
    ["[" * 100_000, '{"a":' * 400 + "1" + "}" * 400, "[]", "null", '{"a": NaN', "\xff", '"' + "x" * (5 << 20) + '"'],
    ids=["deep", "nested", "list", "null", "cut", "not-json", "huge"],
)
def test_hostile_json_is_a_broken_package(tmp_path: Path, params: str) -> None:
    with pytest.raises(BrokenPackage):
        imported(packed(tmp_path, "H5P.Column", params))


@pytest.mark.parametrize(
    "path", ["../../h5p.json", "/etc/passwd", "images/none.png", "C:/x.png", "https://example.org/x.png"]
)
def test_a_picture_outside_the_content_is_a_finding_and_no_picture(tmp_path: Path, path: str) -> None:
    image = {"library": "H5P.Image 1.1", "params": {"file": {"path": path}, "alt": "x"}}
    params = {"question": "Wet?", "correct": "true", "media": {"type": image}}

    course = imported(packed(tmp_path, "H5P.TrueFalse", params))

    (question,) = course.questions
    assert question.picture == ""
    assert [each.kind for each in course.findings] == ["H5P.Image"]


def test_half_a_character_is_replaced(tmp_path: Path) -> None:
    summaries = [{"summary": ["right \ud800", "wrong"]}]

    (question,) = imported(packed(tmp_path, "H5P.Summary", {"summaries": summaries}, title="T\udfff")).questions

    assert {choice.text for choice in question.choices} == {"right ?", "wrong"}


def test_the_same_package_gives_the_same_course(shared_data: Path) -> None:
    path = shared_data / "h5p-packages" / "interactive-book-solar-system.h5p"

    assert imported(path) == imported(path)


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"[" * 200_000, "it nests deeper than anything"),
        (b'{"n":' + b"9" * 10_000 + b"}", "a number in it has thousands of digits"),
        (b'{"n":}', "Expecting value at line 1, column 6"),
        (b"\xff", "it is not UTF-8"),
    ],
)
def test_broken_json_is_told_in_words_and_with_the_file(tmp_path: Path, raw: bytes, why: str) -> None:
    with zipfile.ZipFile(tmp_path / "bad.h5p", "w") as archive:
        archive.writestr("h5p.json", raw)
        archive.writestr("content/content.json", "{}")
    with open_package(tmp_path / "bad.h5p") as package, pytest.raises(BrokenPackage, match=rf"^h5p\.json .*{why}"):
        H5pImporter().read(package)
