"""Captions of real films in many languages, and the ways in which SubRip files are written."""

import html
import re
from pathlib import Path

import pytest

from offline_bundles.course.captions import as_webvtt, read_captions
from offline_bundles.errors import MediaError

STRICT = re.compile(r"\d{2,}:\d{2}:\d{2}\.\d{3} --> \d{2,}:\d{2}:\d{2}\.\d{3}( .*)?")
DREAM = ("captions.ar", "captions.en", "captions.ja", "captions.ru", "captions.sv", "chapters.en", "descriptions.en")


def cues(written: bytes) -> list[tuple[str, str]]:
    """As a browser takes them: a block's line of times, and what stands under it up to an empty line."""
    found = []
    for block in written.decode().split("\n\n")[1:]:
        lines = block.strip().split("\n")
        at = next((number for number, line in enumerate(lines) if STRICT.fullmatch(line)), None)
        if at is not None:
            found.append((lines[at], "\n".join(lines[at + 1 :])))
    return found


def words(text: str) -> list[str]:
    return html.unescape(re.sub(r"<[^>]*>", "", text)).split()


@pytest.mark.parametrize("name", DREAM)
def test_every_cue_of_a_real_film_is_kept_word_for_word(shared_data: Path, name: str) -> None:
    path = shared_data / "captions-elephantsdream" / f"{name}.vtt"
    raw = path.read_text("utf-8-sig")

    found = cues(read_captions(path))

    assert len(found) == raw.count("-->") > 5
    assert all(text in raw for _, text in found)


def test_every_real_subrip_file_keeps_every_word(shared_data: Path) -> None:
    files = sorted(shared_data.rglob("*.srt"))
    assert len(files) > 15

    for path in files:
        raw = path.read_text("utf-8-sig")
        said = [line for line in raw.splitlines() if "-->" not in line and not re.fullmatch(r"\s*\d+\s*", line)]
        found = cues(read_captions(path))
        assert [word for _, text in found for word in words(text)] == words("\n".join(said)), path.name


def test_the_same_captions_as_subrip_and_as_webvtt_are_the_same(shared_data: Path) -> None:
    samples = shared_data / "ricecooker-samples" / "samples" / "subtitles"

    one, other = (cues(read_captions(samples / name)) for name in ("basic.srt", "basic.vtt"))

    assert [(time, words(text)) for time, text in one] == [(time, words(text)) for time, text in other]
    assert len(one) == 230


def subrip(*lines: str) -> list[tuple[str, str]]:
    return cues(as_webvtt("\n".join(lines).encode(), "film.srt"))


def test_times_are_mended_whoever_wrote_them() -> None:
    assert subrip("1", "0:00:01,5 --> 0:00:04,25  X1:1 X2:2", "Water") == [("00:00:01.500 --> 00:00:04.250", "Water")]
    assert cues(as_webvtt(b"WEBVTT\n\n00:01,000-->00:02,000 align:start\nWater", "film.vtt")) == [
        ("00:00:01.000 --> 00:00:02.000 align:start", "Water")
    ]


def test_text_goes_on_over_an_empty_line_and_numbers_in_it_stay() -> None:
    found = subrip(
        "1", "00:00:01,000 --> 00:00:02,000", "How many?", "", "42", "", "2", "00:00:03,000 --> 00:00:04,000", "7"
    )

    assert [text for _, text in found] == ["How many?\n42", "7"]


def test_signs_are_shown_and_marks_of_other_players_are_not() -> None:
    (cue,) = subrip(
        "1", "00:00:01,000 --> 00:00:02,000", r'{\an8}<font color="red">a < b</font> & <I>c</I> &amp; <script>'
    )

    assert cue[1] == "a &lt; b &amp; <i>c</i> &amp; &lt;script&gt;"


def test_an_arrow_that_is_said_begins_no_cue() -> None:
    (cue,) = subrip("1", "00:00:01,000 --> 00:00:02,000", "from A --> B")

    assert cue[1] == "from A --&gt; B"


def test_utf_16_is_read_when_it_says_so() -> None:
    raw = "1\r\n00:00:01,000 --> 00:00:02,000\r\nماء\r\n".encode("utf-16")

    assert cues(as_webvtt(raw, "film.srt")) == [("00:00:01.000 --> 00:00:02.000", "ماء")]


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "holds no captions"),
        (b"WEBVTT\n\nNOTE nothing", "holds no captions"),
        ("1\n00:00:01,000 --> 00:00:02,000\nmäe".encode("latin-1"), "is not UTF-8"),
        (b"WEBVTT\n\n00:01.000 --> 00:02.000\na\n\n00:03.000 --> later\nb", "'00:03.000 --> later' in line 6"),
    ],
)
def test_what_is_no_captions_says_why(raw: bytes, says: str) -> None:
    with pytest.raises(MediaError, match=re.escape(says)):
        as_webvtt(raw, "film.vtt")


def test_what_is_too_long_for_captions_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "film.vtt"
    path.write_bytes(b"WEBVTT\n\n" + b"0" * (2 << 20))

    with pytest.raises(MediaError, match="has more than 1 MB"):
        read_captions(path)


def test_a_line_of_digits_without_end_is_soon_read() -> None:
    with pytest.raises(MediaError, match="holds no captions"):
        as_webvtt(b"0:" * 500_000, "film.srt")
