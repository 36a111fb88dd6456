"""Pictures of a package are judged once, by what they are, and at a bounded cost."""

import io
from pathlib import Path
from zlib import crc32

from PIL import Image

from offline_bundles.importing.packages import open_package
from offline_bundles.importing.pictures import DECODED_PIXELS_MAX, Pictures, judged_bytes


def drawn(width: int, height: int, form: str = "PNG") -> bytes:
    made = io.BytesIO()
    Image.new("1", (width, height)).save(made, form)
    return made.getvalue()


def test_a_picture_of_too_many_pixels_is_refused_by_its_header() -> None:
    assert "9000x9000 pixels" in judged_bytes(drawn(9_000, 9_000)).why


def test_a_sliver_is_refused_and_a_plain_picture_is_not() -> None:
    assert "pixels" in judged_bytes(drawn(1, 100)).why
    assert judged_bytes(drawn(100, 100)).ending == ".png"


def test_each_picture_is_decoded_once_and_no_more_than_so_many_pixels_of_all(tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"{number}.png").write_bytes(drawn(6_000, 6_000))

    with open_package(tmp_path) as package:
        pictures = Pictures(package)
        first = pictures.judge("0.png")
        assert pictures.judge("0.png") is first and pictures.pixels == 36_000_000
        pictures.pixels = DECODED_PIXELS_MAX - 1
        assert pictures.judge("1.png").pixels == 36_000_000
        assert pictures.judge("2.png").pixels == 0, "the budget is spent: its header alone was looked at"


def test_a_picture_of_more_pixels_than_a_library_opens_is_told_by_its_size(tmp_path: Path) -> None:
    raw = bytearray(drawn(1, 1))
    raw[16:24] = (60_000).to_bytes(4, "big") * 2
    raw[29:33] = crc32(raw[12:29]).to_bytes(4, "big")
    (tmp_path / "huge.png").write_bytes(raw)

    with open_package(tmp_path) as package:
        assert Pictures(package).judge("huge.png").why == "it has more than 50000000 pixels. Save it smaller"
