"""Pictures of real courses come out small, bare and the same; what is no picture is told so."""

import io
import random
import zlib
from pathlib import Path

import pytest
from PIL import Image, ImageCms

from offline_bundles.errors import MediaError
from offline_bundles.media import encode_picture
from offline_bundles.media.pictures import PIXELS_MAX

ORIENTATION, GPS, MAKER = 0x0112, 0x8825, 0x010F
SEED = 20_240_601
TURNED_RIGHT = 6


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def drawn(path: Path, size: tuple[int, int] = (64, 48), mode: str = "RGB", **options: object) -> Path:
    """Left half red, right half blue."""
    picture = Image.new(mode, size, "blue")
    picture.paste("red", (0, 0, size[0] // 2, size[1]))
    picture.save(path, **options)
    return path


def test_a_camera_s_notes_are_left_behind_and_its_turn_is_made(tmp_path: Path, cache: Path):
    notes = Image.Exif()
    notes[ORIENTATION], notes[MAKER] = TURNED_RIGHT, "Somebody's phone"
    notes.get_ifd(GPS)[2] = (1.0, 2.0, 3.0)
    source = drawn(tmp_path / "photo.jpg", exif=notes, quality=95)

    made = encode_picture(source, cache=cache)

    with Image.open(made.path) as opened:
        assert not opened.getexif()
        assert not {"exif", "xmp", "icc_profile"} & set(opened.info)
        red, _, blue = opened.convert("RGB").getpixel((24, 8))
    assert (made.width, made.height) == (48, 64)
    assert red > 200 > 60 > blue
    assert b"Somebody" not in made.path.read_bytes()


def test_a_wide_picture_becomes_as_wide_as_a_phone_shows(tmp_path: Path, cache: Path):
    made = encode_picture(drawn(tmp_path / "wide.png", (1440, 300)), cache=cache)

    assert (made.width, made.height) == (720, 150)
    assert made.bytes == made.path.stat().st_size


def test_real_pictures_come_out_smaller_than_they_were(shared_data: Path, cache: Path):
    sources = sorted((shared_data / "md-iot-for-beginners" / "images").glob("*.png"))[:6]
    assert sources

    for source in sources:
        assert encode_picture(source, cache=cache).bytes < source.stat().st_size


def test_a_diagram_keeps_every_pixel_when_that_is_smaller(tmp_path: Path, cache: Path):
    source = drawn(tmp_path / "diagram.png")

    made = encode_picture(source, cache=cache)

    with Image.open(made.path) as opened, Image.open(source) as original:
        assert opened.convert("RGB").tobytes() == original.tobytes()


def test_what_is_clear_stays_clear(tmp_path: Path, cache: Path):
    source = tmp_path / "clear.png"
    Image.new("RGBA", (20, 20), (0, 120, 0, 0)).save(source)

    with Image.open(encode_picture(source, cache=cache).path) as opened:
        assert opened.getchannel("A").getextrema() == (0, 0)


def test_sixteen_bits_of_grey_keep_their_shades(tmp_path: Path, cache: Path):
    source = tmp_path / "scan.png"
    Image.new("I;16", (20, 20), 0x8000).save(source)

    with Image.open(encode_picture(source, cache=cache).path) as opened:
        assert opened.convert("L").getpixel((10, 10)) == pytest.approx(128, abs=3)


def test_colours_of_another_space_become_those_of_the_web(tmp_path: Path, cache: Path):
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    where_red_means_blue = srgb.replace(b"rXYZ", b"????").replace(b"bXYZ", b"rXYZ").replace(b"????", b"bXYZ")
    source = drawn(tmp_path / "swapped.png", icc_profile=where_red_means_blue)

    with Image.open(encode_picture(source, cache=cache).path) as opened:
        assert "icc_profile" not in opened.info
        red, _, blue = opened.convert("RGB").getpixel((8, 8))
    assert blue > 200 > 60 > red


def test_the_same_picture_gives_the_same_bytes_in_another_cache(tmp_path: Path):
    source = drawn(tmp_path / "one.png")

    first = encode_picture(source, cache=tmp_path / "a")
    second = encode_picture(source, cache=tmp_path / "b")
    again = encode_picture(source, cache=tmp_path / "a")

    assert first.path.read_bytes() == second.path.read_bytes()
    assert (first.reused, second.reused, again.reused) == (False, False, True)


def test_an_svg_is_refused_by_its_name(shared_data: Path, cache: Path):
    source = shared_data / "md-iot-for-beginners" / "images" / "arduino-logo.svg"

    with pytest.raises(MediaError, match="is an SVG"):
        encode_picture(source, cache=cache)


def test_an_svg_that_says_it_is_a_png_is_refused_too(tmp_path: Path, cache: Path):
    source = tmp_path / "logo.png"
    source.write_text('<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')

    with pytest.raises(MediaError, match="is an SVG"):
        encode_picture(source, cache=cache)


def test_a_picture_of_too_many_pixels_is_refused_by_its_header(tmp_path: Path, cache: Path):
    source = drawn(tmp_path / "bomb.png")
    raw = bytearray(source.read_bytes())
    raw[16:24] = (PIXELS_MAX // 1000).to_bytes(4, "big") + (1001).to_bytes(4, "big")
    raw[29:33] = zlib.crc32(raw[12:29]).to_bytes(4, "big")
    source.write_bytes(bytes(raw))

    with pytest.raises(MediaError, match="50000x1001 pixels"):
        encode_picture(source, cache=cache)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_broken_pictures_get_an_error_and_leave_nothing_in_the_cache(kind: str, tmp_path: Path):
    written = io.BytesIO()
    drawn_picture = Image.effect_mandelbrot((60, 40), (-2, -1, 1, 1), 50).convert("RGB")
    drawn_picture.save(written, kind)
    chance = random.Random(SEED)
    source, cache = tmp_path / "broken", tmp_path / "cache"

    for _ in range(150):
        raw = bytearray(written.getvalue())
        for _ in range(chance.randint(1, 6)):
            raw[chance.randrange(len(raw))] = chance.randrange(256)
        source.write_bytes(bytes(raw[: chance.randint(1, len(raw))]))
        try:
            encode_picture(source, cache=cache, max_width=40)
        except MediaError as error:
            assert str(error).startswith("broken is ")
    assert not [path for path in cache.rglob("*") if path.name.startswith(".")]
