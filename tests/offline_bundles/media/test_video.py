"""Real videos become ladders that play: decoded here by ffmpeg, frame by frame, from the ranges that are promised."""

import subprocess
from pathlib import Path

import imageio_ffmpeg
import pytest

from offline_bundles.errors import MediaError
from offline_bundles.media import EncodedVideo, Rendition, encode_video
from offline_bundles.media import ffmpeg as runner
from offline_bundles.media.features import features
from offline_bundles.media.ladder import SEGMENT_SECONDS, kind_of, video_rungs
from offline_bundles.media.probe import probe
from offline_bundles.media.worth import PAYS
from tests.offline_bundles.media.reading import drawn, ffmpeg, frames, seconds_of_sound, similarity

MINUTE_MS = 60_000
LECTURE_MINUTE_BYTES_MAX = 170_000
# Of handwriting at 240p against its source at that size. Measured: 0.9994; slightly blurred 0.986, from 160x90 0.980,
# at CRF 51 0.993.
READABLE_SSIM = 0.995


@pytest.fixture(scope="session")
def lecture(shared_data: Path) -> Path:
    return shared_data / "video-lecture-fi" / "prosenttiarvo2.mp4"


@pytest.fixture(scope="session")
def encoded_lecture(lecture: Path, tmp_path_factory: pytest.TempPathFactory) -> EncodedVideo:
    return encode_video(lecture, cache=tmp_path_factory.mktemp("lecture"))


def segment_files(rendition: Rendition, folder: Path) -> list[Path]:
    """Each segment behind the initialisation, as a player that seeks would join them."""
    raw = rendition.path.read_bytes()
    offset, length = rendition.init
    files = []
    for number, (start, size, _) in enumerate(rendition.segments):
        files.append(folder / f"{number}.mp4")
        files[-1].write_bytes(raw[offset : offset + length] + raw[start : start + size])
    return files


def test_a_lecture_minute_fits_a_prepaid_plan_and_stays_readable(lecture: Path, encoded_lecture: EncodedVideo):
    smallest, sound = encoded_lecture.video[0], encoded_lecture.audio[0]

    a_minute = (smallest.bytes + sound.bytes) * MINUTE_MS / encoded_lecture.duration_ms
    assert a_minute <= LECTURE_MINUTE_BYTES_MAX
    assert similarity(smallest.path, lecture, smallest.width, smallest.height, 5) > READABLE_SSIM


def test_av1_that_pays_stands_beside_its_h264_and_each_of_its_segments_plays_by_itself(tmp_path: Path):
    film = drawn(tmp_path / "film.mp4", "-an", seconds=11, rate=8)

    small, base = encode_video(film, cache=tmp_path).video

    assert (small.name, small.codecs, base.name) == ("240p-av1", "av01.0.00M.08", "240p")
    assert small.bytes <= base.bytes * PAYS
    assert [ms for _, _, ms in small.segments] == [ms for _, _, ms in base.segments] == [10_000, 1_000]
    assert [len(frames(file).times) for file in segment_files(small, tmp_path)] == [80, 8]


def test_a_lecture_s_ladder_ascends_and_stays_below_its_source(lecture: Path, encoded_lecture: EncodedVideo):
    sizes = [rendition.bytes for rendition in encoded_lecture.video]

    assert [rendition.name for rendition in encoded_lecture.video] == ["240p", "360p", "slidecast"]
    assert [rendition.name for rendition in encoded_lecture.audio] == ["opus-16k", "aac-24k"]
    assert sizes == sorted(sizes)
    assert max(sizes) < lecture.stat().st_size
    assert all(rendition.bytes == rendition.path.stat().st_size for rendition in encoded_lecture.video)


def test_every_frame_of_a_lecture_decodes_and_none_is_missing(encoded_lecture: EncodedVideo):
    for rendition in encoded_lecture.video:
        shown = frames(rendition.path).times
        assert shown[0] == 0
        assert len(shown) * 1000 / rendition.frame_rate == pytest.approx(rendition.duration_ms)
        assert rendition.duration_ms == pytest.approx(encoded_lecture.duration_ms, abs=2000 / rendition.frame_rate)


def test_the_sound_lasts_as_long_as_the_lecture(encoded_lecture: EncodedVideo):
    for rendition in encoded_lecture.audio:
        assert seconds_of_sound(rendition.path) * 1000 == pytest.approx(encoded_lecture.duration_ms, abs=150)
        assert rendition.duration_ms == pytest.approx(encoded_lecture.duration_ms, abs=150)


def test_each_segment_plays_alone_from_a_key_frame(encoded_lecture: EncodedVideo, tmp_path: Path):
    rendition = encoded_lecture.video[0]
    start = 0.0

    for file, (_, _, milliseconds) in zip(segment_files(rendition, tmp_path), rendition.segments, strict=True):
        found = frames(file)
        assert found.keys[0] == found.times[0] == pytest.approx(start)
        assert len(found.times) == round(milliseconds * rendition.frame_rate / 1000)
        start += milliseconds / 1000


def test_each_segment_of_sound_plays_alone(encoded_lecture: EncodedVideo, tmp_path: Path):
    for rendition in encoded_lecture.audio:
        files = segment_files(rendition, tmp_path)
        for file, (_, _, milliseconds) in list(zip(files, rendition.segments, strict=True))[:3]:
            assert seconds_of_sound(file) * 1000 == pytest.approx(milliseconds, abs=100)
            assert milliseconds == pytest.approx(SEGMENT_SECONDS * 1000, abs=100)


def test_the_initialisation_and_the_segments_are_the_whole_file(encoded_lecture: EncodedVideo):
    for rendition in (*encoded_lecture.video, *encoded_lecture.audio):
        places = [rendition.init, *(segment[:2] for segment in rendition.segments)]
        ends = [offset + length for offset, length in places]
        assert [offset for offset, _ in places] == [0, *ends[:-1]]
        assert rendition.path.read_bytes()[ends[-1] + 4 : ends[-1] + 8] in (b"", b"mfra")


def test_the_poster_is_a_webp_of_the_lecture(encoded_lecture: EncodedVideo):
    assert encoded_lecture.poster
    raw = encoded_lecture.poster.read_bytes()
    assert (raw[:4], raw[8:12]) == (b"RIFF", b"WEBP")


def test_a_second_call_encodes_nothing_and_another_cache_gives_the_same_bytes(tmp_path: Path):
    source = drawn(tmp_path / "short.mp4")

    first = encode_video(source, cache=tmp_path / "a")
    again = encode_video(source, cache=tmp_path / "a")
    other = encode_video(source, cache=tmp_path / "b")

    assert (first.encoded, again.encoded, again.reused) == (first.encoded, 0, first.encoded)
    assert again.video == first.video
    for one, two in zip((*first.video, *first.audio), (*other.video, *other.audio), strict=True):
        assert one.path != two.path
        assert one.path.read_bytes() == two.path.read_bytes()


def test_another_processor_gives_the_same_picture(lecture: Path, tmp_path: Path):
    """A rung made with everything that this processor can, and with nothing of it, in ffmpeg and in x264."""
    found = probe(lecture)
    rung = video_rungs(found, features(lecture, found.duration_ms))[0]
    plain = [option + ":asm=0" if "cpu-independent" in option else option for option in rung.options]
    part = ("-t", "12", "-i", lecture)

    ffmpeg(*part, *rung.options, tmp_path / "fast.mp4")
    ffmpeg("-cpuflags", "0", *part, *plain, tmp_path / "plain.mp4")

    assert (tmp_path / "fast.mp4").read_bytes() == (tmp_path / "plain.mp4").read_bytes()


def test_each_kind_of_source_is_told_from_the_others(lecture: Path, shared_data: Path):
    desktop = shared_data / "video-gnome-getting-started" / "gnome-task-switching.webm"
    footage = shared_data / "video-mdn-shorts" / "elf.mp4"

    kinds = [kind_of(features(source, probe(source).duration_ms)) for source in (lecture, desktop, footage)]

    assert kinds == ["slides", "screen", "camera"]


def test_a_lecture_s_quality_rises_with_its_bytes_and_its_slidecast_is_all_but_the_source(
    encoded_lecture: EncodedVideo,
):
    scores = [rendition.vmaf or 0 for rendition in encoded_lecture.video]

    assert scores == sorted(scores)
    assert scores[-1] > 95
    assert scores[0] < 85


def test_camera_footage_keeps_its_movement_and_each_rung_ends_with_the_source(shared_data: Path, tmp_path: Path):
    made = encode_video(shared_data / "video-mdn-shorts" / "elf.webm", cache=tmp_path)

    for rendition in made.video:
        assert rendition.frame_rate == 12
        assert len(frames(rendition.path).times) == pytest.approx(made.duration_ms * 12 / 1000, abs=2)


def test_a_video_of_an_upright_phone_stays_upright(shared_data: Path, tmp_path: Path):
    turned = tmp_path / "turned.mp4"
    ffmpeg(
        "-display_rotation", "90", "-i", shared_data / "video-mdn-shorts" / "elf.mp4", "-t", "2", "-c", "copy", turned
    )

    smallest = encode_video(turned, cache=tmp_path / "cache").video[0]

    assert (smallest.name, smallest.width, smallest.height) == ("240p", 240, 360)


def test_pixels_that_are_not_square_become_square(shared_data: Path, tmp_path: Path):
    made = encode_video(shared_data / "video-auto-editor" / "SAR-2by3.mp4", cache=tmp_path)

    assert made.video[0].width / made.video[0].height == pytest.approx(32 / 27, rel=0.01)


def test_what_a_browser_recorded_is_measured_since_it_does_not_say_how_long_it_is(shared_data: Path, tmp_path: Path):
    source = shared_data / "video-mdn-shorts" / "elf.webm"
    recorded = tmp_path / "recorded.webm"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-i", source, "-c", "copy", "-live", "1"]
    recorded.write_bytes(subprocess.run([*command, "-f", "webm", "-"], capture_output=True, check=True).stdout)

    assert probe(recorded).duration_ms == pytest.approx(probe(source).duration_ms, abs=100)


def test_a_silent_film_is_noted(tmp_path: Path):
    made = encode_video(drawn(tmp_path / "silent.mp4", "-an"), cache=tmp_path / "cache")

    assert made.audio == ()
    assert made.notes == ("silent.mp4 has no sound",)


def test_a_small_source_gets_no_pixel_that_it_does_not_have(tmp_path: Path):
    made = encode_video(drawn(tmp_path / "small.mp4", size="160x120"), cache=tmp_path / "cache")

    assert [(rendition.width, rendition.height) for rendition in made.video] == [(160, 120)]


def test_a_rung_that_outgrows_its_source_is_dropped_and_noted(tmp_path: Path):
    tight = drawn(tmp_path / "tight.mp4", "-an", "-crf", "51", "-preset", "veryslow", size="640x480")

    made = encode_video(tight, cache=tmp_path / "cache")

    assert [rendition.name for rendition in made.video] == ["240p"]
    assert any("360p was larger than its source" in note for note in made.notes)


def test_progress_is_told_for_every_file_and_never_beyond_the_end(tmp_path: Path):
    told: list[tuple[str, int, int]] = []

    made = encode_video(drawn(tmp_path / "one.mp4"), cache=tmp_path / "cache", progress=lambda *one: told.append(one))

    labels = {label.removeprefix("one.mp4 ") for label, _, _ in told}
    assert {rendition.name for rendition in (*made.video, *made.audio)} <= labels
    twice = {f"one.mp4 {picture.name}" for picture in made.video}  # encoded, and then compared with the source
    assert all(0 <= done <= total == made.duration_ms * (1 + (label in twice)) for label, done, total in told)
    assert all(any(label == one and done > made.duration_ms for one, done, _ in told) for label in twice)


def test_an_encode_that_is_stopped_leaves_no_file_and_the_next_one_makes_it(tmp_path: Path):
    source, cache = drawn(tmp_path / "one.mp4"), tmp_path / "cache"

    def stop(label: str, done: int, total: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        encode_video(source, cache=cache, progress=stop)
    assert not list(cache.rglob("*.mp4"))
    assert not list(cache.rglob(".*"))

    assert encode_video(source, cache=cache).encoded > 0


def test_an_encode_that_takes_too_long_is_ended(lecture: Path):
    with pytest.raises(MediaError, match="did not come to an end"):
        runner.work(lecture, ("-c:v", "libx264", "-preset", "placebo", "-f", "null", "-"), seconds=0.2)


@pytest.mark.parametrize("name", ["notes.mp4", "playlist.mp4", "parts.mp4", "empty.mp4"])
def test_what_is_no_video_gets_an_error_that_says_what_to_do(name: str, lecture: Path, tmp_path: Path):
    """A playlist or a list of parts would have this machine's other files published with the course."""
    content = {
        "notes.mp4": "Some notes.",
        "playlist.mp4": f"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nfile://{lecture}\n#EXT-X-ENDLIST\n",
        "parts.mp4": f"ffconcat version 1.0\nfile {lecture}\n",
        "empty.mp4": "",
    }[name]
    (tmp_path / name).write_text(content)

    with pytest.raises(MediaError, match=rf"{name} is no video that can be read\. Save it as MP4"):
        encode_video(tmp_path / name, cache=tmp_path / "cache")


def test_a_missing_file_and_a_sound_file_are_told_apart(tmp_path: Path):
    sound = tmp_path / "sound.m4a"
    ffmpeg("-f", "lavfi", "-i", "sine=duration=1", sound)

    with pytest.raises(MediaError, match="sound but no moving picture"):
        probe(sound)
    with pytest.raises(MediaError, match="is not there"):
        probe(tmp_path / "nowhere.mp4")


def test_a_video_that_was_cut_short_plays_as_far_as_it_goes_and_says_so(lecture: Path, tmp_path: Path):
    """Its index stands at the front, so that half of it still promises the whole."""
    half = tmp_path / "half.mp4"
    half.write_bytes(lecture.read_bytes()[: lecture.stat().st_size // 2])

    made = encode_video(half, cache=tmp_path / "cache")

    assert made.duration_ms == pytest.approx(len(frames(made.video[0].path).times) * 200, abs=1000)
    assert any("half.mp4 breaks off after 37 of 95 seconds" in note for note in made.notes)


def test_a_full_disk_is_said_to_be_full_and_the_film_is_not_blamed(tmp_path: Path):
    film = drawn(tmp_path / "one.mp4", seconds=1)

    with pytest.raises(MediaError, match="disk has no room for what one"):
        runner.work(film, ("-c", "copy", "-f", "mpegts", "file:/dev/full"), 60)
