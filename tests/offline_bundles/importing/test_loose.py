"""Videos and papers that lie in a folder become lessons; captions find their video, or are read instead of it."""

from pathlib import Path

from offline_bundles.importing.folder import plan_folder
from offline_bundles.importing.imported import ImportedCourse, Outcome, Page, Resource, Video
from offline_bundles.importing.loose import LooseImporter
from offline_bundles.importing.packages import open_package
from tests.offline_bundles.media.reading import brief_film

CAPTIONS = "1\n00:00:01,000 --> 00:00:02,000\n<i>Boil</i> the water.\n\n2\n00:00:03,000 --> 00:00:04,000\nWait.\n"


def imported(folder: Path, **files: str) -> ImportedCourse:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    with open_package(folder) as package:
        assert LooseImporter().recognises(package)
        return LooseImporter().read(package)


def test_folders_are_lessons_and_names_are_titles(tmp_path: Path) -> None:
    files = {"10-last/sheet.pdf": "x", "9_clean-water/01-why.mp4": "x", "9_clean-water/02 How.pdf": "x"}

    lessons = imported(tmp_path, **files).lessons

    assert [lesson.title for lesson in lessons] == ["Clean water", "Last"]
    assert lessons[0].activities == (
        Video("01-why", "Why", "9_clean-water/01-why.mp4"),
        Resource("02-how", "How", "9_clean-water/02 How.pdf"),
    )


def test_captions_go_to_the_video_whose_name_they_begin_with(tmp_path: Path) -> None:
    files = {"talk.mp4": "x", "talk.srt": CAPTIONS, "talk.ar.vtt": CAPTIONS, "talk-swa.srt": CAPTIONS, "talks.mp4": "x"}

    first, second = imported(tmp_path, **files).activities

    assert isinstance(first, Video) and isinstance(second, Video)
    assert first.captions == {"en": "talk.srt", "ar": "talk.ar.vtt", "sw": "talk-swa.srt"}
    assert second.captions == {}


def test_captions_without_a_video_are_a_page_in_each_of_their_languages(shared_data: Path) -> None:
    folder = shared_data / "captions-elephantsdream"
    course = imported(folder)
    page = next(each for each in course.activities if isinstance(each, Page) and each.title == "Captions")

    assert set(page.translations) == {path.name.split(".")[1] for path in folder.glob("captions.*.vtt")} - {"en"}
    for line in ("At the left we can see...", "At the right we can see the..."):
        assert line in (folder / "captions.en.vtt").read_text()
        assert line in page.body
    assert "-->" not in page.body and "00:" not in page.body
    assert [finding.outcome for finding in course.findings].count(Outcome.DEGRADED) == len(list(folder.glob("*.vtt")))


def test_the_same_film_in_two_forms_comes_once(shared_data: Path) -> None:
    course = imported(shared_data / "video-mdn-shorts")

    assert [each.source for each in course.activities if isinstance(each, Video)] == ["crystal.mp4", "elf.mp4"]
    assert any(finding.where == "elf.webm" and "another form" in finding.why for finding in course.findings)


def test_what_is_no_video_no_paper_and_no_captions_is_named(tmp_path: Path) -> None:
    course = imported(
        tmp_path, **{"talk.mp4": "x", "run.exe": "x", "LICENSE": "CC BY 4.0\n\nlong", "no.vtt": "nothing"}
    )

    assert {finding.where for finding in course.findings} == {"run.exe", "LICENSE", "no.vtt"}
    assert course.licence == "CC BY 4.0"
    assert [each.id for each in course.activities] == ["talk"]


def test_a_course_of_another_kind_is_not_taken_for_its_videos(tmp_path: Path) -> None:
    (tmp_path / "imsmanifest.xml").write_text("<manifest/>")
    (tmp_path / "talk.mp4").write_text("x")

    with open_package(tmp_path) as package:
        assert not LooseImporter().recognises(package)


def test_it_becomes_a_course_folder(tmp_path: Path) -> None:
    course = imported(tmp_path / "in", **{"talk.mp4": "x", "talk.srt": CAPTIONS, "sheet.pdf": "x"})
    (tmp_path / "in" / "talk.mp4").write_bytes(brief_film())
    with open_package(tmp_path / "in") as package:
        plan = plan_folder(course, package)

    assert set(plan.copies) == {"media/talk.mp4", "captions/talk.srt", "files/sheet.pdf"}
    assert not plan.findings
