"""Playlists, read by a parser that shares nothing with their writer: the grammar of RFC 8216, section 4.2."""

import re
from pathlib import Path

import pytest

from offline_bundles.media import Rendition, master_playlist, media_playlist

ATTRIBUTE = re.compile(r'([A-Z0-9-]+)=("[^"\r\n]*"|[^",\s]+)(?:,|$)')
SLIDES = Rendition(
    name="240p",
    width=428,
    height=240,
    frame_rate=5.0,
    codecs="avc1.42c015",
    path=Path("240p.mp4"),
    bytes=30_500,
    init=(0, 500),
    segments=((500, 20_000, 10_000), (20_500, 9_600, 10_000), (30_100, 400, 200)),
)
SPEECH = Rendition(
    name="opus-16k",
    codecs="opus",
    language="fi",
    path=Path("opus.mp4"),
    bytes=41_000,
    init=(0, 1000),
    segments=((1000, 20_000, 10_020), (21_000, 20_000, 10_180)),
)
NAMES = {"240p": "aa.m3u8", "opus-16k": "bb.m3u8"}


def attributes(line: str) -> dict[str, str]:
    """An attribute list, and proof that nothing in the line is left over."""
    listed = line.split(":", 1)[1]
    found = list(ATTRIBUTE.finditer(listed))
    assert "".join(one.group() for one in found) == listed
    assert len({one[1] for one in found}) == len(found)
    return {one[1]: one[2].strip('"') for one in found}


def tagged(playlist: str, tag: str) -> list[str]:
    return [line for line in playlist.splitlines() if line.startswith(f"#{tag}:")]


def test_a_media_playlist_covers_its_file_byte_by_byte():
    playlist = media_playlist(SLIDES, "aa.mp4")

    ranges = [line.split(":")[1].split("@") for line in tagged(playlist, "EXT-X-BYTERANGE")]
    mapped = attributes(tagged(playlist, "EXT-X-MAP")[0])["BYTERANGE"].split("@")
    at = 0
    for length, offset in [mapped, *ranges]:
        assert int(offset) == at
        at += int(length)
    assert at == SLIDES.bytes


def test_no_segment_is_longer_than_the_playlist_says():
    playlist = media_playlist(SPEECH, "bb.mp4")

    target = int(tagged(playlist, "EXT-X-TARGETDURATION")[0].split(":")[1])
    lengths = [float(line.split(":")[1].rstrip(",")) for line in tagged(playlist, "EXTINF")]
    assert max(lengths) <= target
    assert sum(lengths) == pytest.approx(20.2)


def test_each_tag_of_a_segment_stands_right_before_its_address():
    lines = media_playlist(SLIDES, "aa.mp4").splitlines()

    assert lines[0] == "#EXTM3U"
    assert lines[-1] == "#EXT-X-ENDLIST"
    for at, line in enumerate(lines):
        if line == "aa.mp4":
            assert lines[at - 2].startswith("#EXTINF:")
            assert lines[at - 1].startswith("#EXT-X-BYTERANGE:")


def test_a_master_playlist_joins_each_picture_with_each_sound():
    lines = master_playlist([SLIDES], [SPEECH], NAMES).splitlines()

    sound = attributes(next(line for line in lines if line.startswith("#EXT-X-MEDIA:")))
    variant_at = next(at for at, line in enumerate(lines) if line.startswith("#EXT-X-STREAM-INF:"))
    variant = attributes(lines[variant_at])
    assert lines[variant_at + 1] == "aa.m3u8"
    assert variant["AUDIO"] == sound["GROUP-ID"]
    assert variant["CODECS"] == "avc1.42c015,opus"
    assert variant["RESOLUTION"] == "428x240"
    assert sound["URI"] == "bb.m3u8"
    assert sound["LANGUAGE"] == "fi"


def test_the_bandwidth_is_that_of_the_largest_segment_and_not_of_a_short_last_one():
    variant = attributes(tagged(master_playlist([SLIDES], [], NAMES), "EXT-X-STREAM-INF")[0])

    assert int(variant["BANDWIDTH"]) == 16_000
    assert int(variant["AVERAGE-BANDWIDTH"]) == 30_500 * 8 * 1000 // 20_200
    assert "AUDIO" not in variant


def test_a_name_that_would_break_out_of_its_line_is_refused():
    with pytest.raises(ValueError, match="cannot hold"):
        media_playlist(SLIDES, 'a".mp4\n#EXT-X-KEY')
