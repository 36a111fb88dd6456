"""The preview sheet shows what a learner sees: the places with letters, at 1:1, of the source and of every rung."""

from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat

from offline_bundles.errors import MediaError
from offline_bundles.media import EncodedVideo, encode_video
from offline_bundles.media.preview import CROP_HEIGHT, CROP_WIDTH, INSTANTS, Row, busiest, rows, write_sheet
from offline_bundles.packing.preview import preview
from tests.offline_bundles.media.reading import drawn


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return drawn(tmp_path_factory.mktemp("film") / "film.mp4", seconds=4, size="854x480")


@pytest.fixture(scope="module")
def made(film: Path) -> EncodedVideo:
    return encode_video(film, cache=film.parent / "cache")


def difference(one: Image.Image, other: Image.Image) -> float:
    """Levels of grey by which a pixel differs on average."""
    return float(ImageStat.Stat(ImageChops.difference(one, other).convert("L")).mean[0])


def test_the_source_stands_above_a_row_for_each_rung_with_its_figures(film: Path, made: EncodedVideo):
    shown = rows(film, made)

    assert [row.label.split(":")[0] for row in shown] == ["film.mp4", *(rung.name for rung in made.video)]
    assert f"VMAF {made.video[0].vmaf:.1f}" in shown[1].label
    assert f"{made.video[0].bytes_a_minute / 1000:.0f} kB a minute" in shown[1].label
    assert all(crop.size == (CROP_WIDTH, CROP_HEIGHT) for row in shown for crop in row.crops)
    assert all(len(row.crops) == len(INSTANTS) for row in shown)


def test_every_row_shows_the_same_places_and_the_better_rung_is_nearer_to_the_source(film: Path, made: EncodedVideo):
    source, small, large = (row.crops[0] for row in rows(film, made))

    assert 0 < difference(source, large) < difference(source, small) < 40


def test_the_sheet_is_a_png_that_holds_all_rows_and_comes_out_the_same_each_time(tmp_path: Path):
    shown = [Row(f"row {shade}", (Image.new("RGB", (90, 50), (shade, 0, 0)),) * 2) for shade in (10, 200)]

    write_sheet(shown, tmp_path / "one.png")
    write_sheet(shown, tmp_path / "two.png")

    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()
    with Image.open(tmp_path / "one.png") as sheet:
        colours = {colour for _, colour in sheet.convert("RGB").getcolors(sheet.width * sheet.height) or ()}
        assert {(10, 0, 0), (200, 0, 0)} <= colours


def test_a_film_smaller_than_a_crop_is_shown_whole(tmp_path: Path):
    small = drawn(tmp_path / "small.mp4", size="160x120")

    shown = rows(small, encode_video(small, cache=tmp_path / "cache"))

    assert {crop.size for row in shown for crop in row.crops} == {(160, 120)}


COURSE = """\
id: knots
title: Knots
languages: [en]
lessons:
  - id: one
    title: One
    activities:
"""


def test_a_course_without_a_video_says_so(tmp_path: Path):
    (tmp_path / "page.md").write_text("Tie it.", encoding="utf-8")
    page = "      - {id: page, kind: page, title: Page, source: page.md}\n"
    (tmp_path / "course.yaml").write_text(COURSE + page, encoding="utf-8")

    with pytest.raises(MediaError, match="no video to preview"):
        preview(tmp_path, cache=tmp_path / "cache", target=tmp_path / "sheet.png")


def test_a_course_s_videos_come_from_what_packing_left(film: Path, made: EncodedVideo, tmp_path: Path):
    (tmp_path / "film.mp4").write_bytes(film.read_bytes())
    (tmp_path / "course.yaml").write_text(
        COURSE + "      - {id: film, kind: video, title: Film, source: film.mp4}\n", encoding="utf-8"
    )

    assert preview(tmp_path, cache=film.parent / "cache", target=tmp_path / "sheet.png") == (1, 1)

    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.format == "PNG"
        assert sheet.height > (1 + len(made.video)) * CROP_HEIGHT


def test_a_place_is_chosen_where_nothing_to_read_is_cut_through():
    frame = Image.new("RGB", (1280, 720), "white")
    words = Image.effect_noise((330, 90), 200).convert("RGB")
    frame.paste(words, (505, 415))

    left, top = busiest(frame)

    assert left <= 505 and left + CROP_WIDTH >= 505 + words.width
    assert top <= 415 and top + CROP_HEIGHT >= 415 + words.height
