"""Films and recordings are glanced at while a course is imported: what is cut short or broken is told then."""

import zipfile
from pathlib import Path

import pytest

from offline_bundles.errors import MediaError
from offline_bundles.importing.films import Films
from offline_bundles.importing.folder import FolderPlan, plan_folder
from offline_bundles.importing.imported import ImportedCourse, Lesson, Outcome, Resource, Video
from offline_bundles.importing.packages import open_package
from offline_bundles.media import encode_video
from tests.offline_bundles.media.reading import brief_film, drawn, ffmpeg

CUT = "breaks off before its last 10 of 30 seconds"


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole film and a whole recording, each also cut in the middle, and two that are none."""
    folder = tmp_path_factory.mktemp("films")
    index_first = ("-c:a", "aac", "-movflags", "+faststart")
    whole = drawn(folder / "whole.mp4", *index_first, seconds=30, size="64x48", rate=5).read_bytes()
    ffmpeg("-f", "lavfi", "-i", "sine=duration=30", "-c:a", "aac", *index_first[2:], folder / "song.m4a")
    song = (folder / "song.m4a").read_bytes()
    (folder / "cut.mp4").write_bytes(whole[: len(whole) // 2])
    (folder / "song-cut.m4a").write_bytes(song[: len(song) // 2])
    (folder / "no-index.mp4").write_bytes(brief_film()[: len(brief_film()) // 2])
    (folder / "none.mp3").write_bytes(b"ID3" + bytes(100))
    return folder


def planned(path: Path, *names: str) -> FolderPlan:
    activities = [
        Video(name, name, name) if name.endswith("mp4") else Resource(name, name, name)
        for name in (*names, "sheet.pdf")
    ]
    course = ImportedCourse("test", "c", "C", "en", (Lesson("l", "L", tuple(activities)),))
    with open_package(path) as package:
        return plan_folder(course, package)


@pytest.mark.parametrize("form", ["folder", "zip"])
def test_what_is_cut_short_comes_along_and_is_told_and_what_cannot_be_read_stays_behind(
    films: Path, tmp_path: Path, form: str
) -> None:
    (films / "sheet.pdf").write_bytes(b"%PDF")
    source = films if form == "folder" else tmp_path / "films.zip"
    if form == "zip":
        with zipfile.ZipFile(source, "w") as archive:
            for each in films.iterdir():
                archive.write(each, each.name)

    plan = planned(source, "whole.mp4", "cut.mp4", "no-index.mp4", "song.m4a", "song-cut.m4a", "none.mp3")

    told = {finding.where.rpartition(" › ")[2]: (finding.outcome, finding.why) for finding in plan.findings}
    assert set(plan.copies.values()) == {"whole.mp4", "cut.mp4", "song.m4a", "song-cut.m4a", "sheet.pdf"}
    assert set(told) == {"cut.mp4", "song-cut.m4a", "no-index.mp4", "none.mp3"}
    assert told["cut.mp4"][0] is told["song-cut.m4a"][0] is Outcome.DEGRADED
    assert CUT in told["cut.mp4"][1] and CUT in told["song-cut.m4a"][1]
    assert told["no-index.mp4"] == (
        Outcome.DROPPED,
        "no-index.mp4 stays behind: it is no video that can be read. Save it as MP4 and try again.",
    )
    assert "is no sound that can be played" in told["none.mp3"][1]


def test_what_the_glance_refuses_packing_would_refuse(films: Path, tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="is no video that can be read"):
        encode_video(films / "no-index.mp4", cache=tmp_path)


def test_each_is_looked_at_once_and_no_more_than_so_long_or_so_much_of_an_archive(films: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "films.zip", "w") as archive:
        archive.write(films / "whole.mp4", "whole.mp4")
    with open_package(tmp_path / "films.zip") as package:
        looked = Films(package)
        first = looked.judge_film("whole.mp4")
        left = looked.bytes_left
        assert looked.judge_film("whole.mp4") is first and looked.bytes_left == left

        poor = Films(package, bytes_left=package.size("whole.mp4") - 1)
        late = Films(package, seconds_left=0)
        assert "was not looked at" in poor.judge_film("whole.mp4").lost
        assert "was not looked at" in late.judge_film("whole.mp4").lost


def test_a_file_that_holds_a_list_of_other_files_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.mp4").write_bytes(brief_film())
    (tmp_path / "list.mp4").write_text(f"ffconcat version 1.0\nfile '{tmp_path}/secret.mp4'\n")
    (tmp_path / "playlist.mp4").write_text(f"#EXTM3U\n#EXTINF:1,\n{tmp_path}/secret.mp4\n#EXT-X-ENDLIST\n")

    with open_package(tmp_path) as package:
        looked = Films(package)
        assert "no video" in looked.judge_film("list.mp4").why
        assert "no video" in looked.judge_film("playlist.mp4").why
