"""SVGs of strangers: what draws is drawn, what runs or leads out is taken out by name, what asks for too much ends."""

import gzip
import io
from pathlib import Path

import pytest
from PIL import Image

from offline_bundles.errors import BrokenPackage
from offline_bundles.importing.drawings import SVG_BYTES_MAX, draw
from offline_bundles.importing.packages import open_package
from offline_bundles.importing.pictures import REFUSED_DRAWINGS_MAX, Pictures

BLUE = '<rect width="100" height="100" fill="#0000ff"/>'
DOTS = '<g id="g0"><rect width="1" height="1"/></g>'


def svg(inner: str, attributes: str = 'viewBox="0 0 100 100"') -> bytes:
    spaces = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f"<svg {spaces} {attributes}>{inner}</svg>".encode()


def middle(png: bytes) -> tuple[int, ...]:
    with Image.open(io.BytesIO(png)) as picture:
        pixel = picture.convert("RGB").getpixel((picture.width // 2, picture.height // 2))
    assert isinstance(pixel, tuple)
    return pixel


def test_a_drawing_becomes_a_picture_on_white_packed_or_not() -> None:
    plain = draw(svg(BLUE))

    assert (middle(plain.png), plain.lost) == ((0, 0, 255), ())
    assert draw(gzip.compress(svg(BLUE), mtime=0)) == plain
    assert middle(draw(svg('<rect width="10" height="10"/>')).png) == (255, 255, 255)


@pytest.mark.parametrize(
    ("inner", "lost"),
    [
        (f"<script>steal()</script>{BLUE}", "<script>"),
        (
            f'<foreignObject><body xmlns="http://www.w3.org/1999/xhtml">x</body></foreignObject>{BLUE}',
            "<foreignObject>",
        ),
        (BLUE.replace("/>", ' onclick="steal()"/>'), "scripts"),
        (f'{BLUE}<a xlink:href="javascript:steal()"><path d="M0 0"/></a>', "what it fetches"),
        (f'{BLUE}<use href="https://example.org/a.svg#b"/>', "what it fetches"),
        (f'{BLUE}<image href="data:image/svg+xml;base64,PHN2Zy8+" width="100" height="100"/>', "what it fetches"),
        (f'<style>@import "https://example.org/a.css"; rect {{ }}</style>{BLUE}', "what it fetches"),
        (f'<rect width="9" height="9" style="fill:url(https://example.org/a#b)"/>{BLUE}', "what it fetches"),
        (f'{BLUE}<animate href="#x" attributeName="href" values="javascript:steal()"/>', "<animate>"),
    ],
)
def test_what_runs_or_leads_out_is_taken_out_and_named(inner: str, lost: str) -> None:
    drawing = draw(svg(inner))

    assert drawing.lost == (lost,)
    assert middle(drawing.png) == (0, 0, 255)


def test_no_picture_of_this_computer_is_drawn_into_a_course(tmp_path: Path) -> None:
    Image.new("RGB", (10, 10), "red").save(tmp_path / "mine.png")
    for address in (tmp_path / "mine.png", f"file://{tmp_path}/mine.png", "mine.png"):
        drawing = draw(svg(f'{BLUE}<image href="{address}" width="100" height="100"/>'))
        assert (middle(drawing.png), drawing.lost) == ((0, 0, 255), ("what it fetches",))


@pytest.mark.parametrize(
    ("hostile", "why"),
    [
        (b'<!DOCTYPE svg [<!ENTITY a "b">]>' + svg("&a;"), "DTD or entities"),
        (svg("<g>" * 300), "deep"),
        (svg("")[:-3], "no XML that can be read"),
        (svg("<!--" + " " * SVG_BYTES_MAX + "-->"), "at most 4 MB"),
        (gzip.compress(bytes(40 << 20)), "at most 4 MB"),
        (gzip.compress(svg(BLUE))[:-20], "damaged"),
        (b"<svg><rect/></svg>", "no SVG that can be drawn"),
        (svg(BLUE, 'viewBox="0 0 1 100000"'), "too much time or memory"),
        (
            svg(DOTS + "".join(f'<g id="g{n}">{f"""<use href="#g{n - 1}"/>""" * 10}</g>' for n in range(1, 9))),
            "too much",
        ),
    ],
    ids=["entity", "deep", "cut", "large", "packed bomb", "packed and cut", "no namespace", "sliver", "uses of uses"],
)
def test_a_hostile_drawing_is_refused_in_words(hostile: bytes, why: str) -> None:
    with pytest.raises(BrokenPackage, match=why):
        draw(hostile)


def test_after_some_that_cannot_be_drawn_no_more_are_tried(tmp_path: Path) -> None:
    for number in range(REFUSED_DRAWINGS_MAX):
        (tmp_path / f"{number}.svg").write_bytes(b"<svg")
    (tmp_path / "good.svg").write_bytes(svg(BLUE))

    with open_package(tmp_path) as package:
        pictures = Pictures(package)
        assert pictures.judge("good.svg").ending == ".png"
        assert not any(pictures.judge(f"{number}.svg").ending for number in range(REFUSED_DRAWINGS_MAX))
        pictures.judged.clear()
        assert "others could not be drawn" in pictures.judge("good.svg").why
