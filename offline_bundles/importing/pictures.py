"""Whether a package's picture can be shown at all, asked while importing: packing would refuse it much later.

An SVG is drawn: what stands in the folder is a PNG.
"""

import io
from dataclasses import dataclass, field, replace

from PIL import Image

from offline_bundles.errors import BrokenPackage
from offline_bundles.importing.drawings import draw, is_svg
from offline_bundles.importing.ports import Package
from offline_bundles.media.pictures import FORMATS, PIXELS_MAX, SIDE_RATIO_MAX, SOURCE_BYTES_MAX, UNREADABLE

DECODED_PIXELS_MAX = 2_000_000_000  # of one import: 2,000 screenshots, some 20 s; later ones are judged by their header
REFUSED_DRAWINGS_MAX = 10  # of one import: each may have cost five seconds
ENDINGS = {"PNG": ".png", "JPEG": ".jpg", "WEBP": ".webp", "GIF": ".gif"}


@dataclass(frozen=True, slots=True)
class Judged:
    """`ending`: of the format that it really has, or "" with `why` it cannot be shown. `pixels`: what was decoded.

    `drawn`: of an SVG, the PNG that stands for it, and in `lost` what had to be taken out of it.
    """

    ending: str
    why: str = ""
    pixels: int = 0
    drawn: bytes = b""
    lost: str = ""


@dataclass
class Pictures:
    """Judges each picture of a package once."""

    package: Package
    judged: dict[str, Judged] = field(default_factory=dict)
    pixels: int = 0
    refused_drawings: int = 0

    def judge(self, source: str) -> Judged:
        if source not in self.judged:
            self.judged[source] = self._judge(source)
            self.pixels += self.judged[source].pixels
        return self.judged[source]

    def _judge(self, source: str) -> Judged:
        try:
            raw = self.package.read(source, SOURCE_BYTES_MAX)
        except BrokenPackage as error:
            return Judged("", str(error).rstrip("."))
        return self.judge_bytes(raw)

    def judge_bytes(self, raw: bytes) -> Judged:
        if not is_svg(raw):
            return judged_bytes(raw, decode=self.pixels < DECODED_PIXELS_MAX)
        if self.refused_drawings >= REFUSED_DRAWINGS_MAX:
            return Judged("", f"it is an SVG, and {REFUSED_DRAWINGS_MAX} others could not be drawn. Save it as PNG")
        judged = judged_drawing(raw)
        self.refused_drawings += not judged.ending
        return judged


def judged_drawing(raw: bytes) -> Judged:
    try:
        drawing = draw(raw)
    except BrokenPackage as error:
        return Judged("", f"it is an SVG: {str(error).rstrip('.')}")
    return replace(judged_bytes(drawing.png), drawn=drawing.png, lost=", ".join(drawing.lost))


def judged_bytes(raw: bytes, *, decode: bool = True) -> Judged:
    try:
        with Image.open(io.BytesIO(raw), formats=FORMATS) as opened:
            if opened.width * opened.height > PIXELS_MAX or opened.height > SIDE_RATIO_MAX * opened.width:
                return Judged("", f"it has {opened.width}x{opened.height} pixels. Save it smaller")
            if decode:
                opened.load()
            return Judged(ENDINGS[str(opened.format)], pixels=decode * opened.width * opened.height)
    except Image.DecompressionBombError:
        return Judged("", f"it has more than {PIXELS_MAX} pixels. Save it smaller")
    except UNREADABLE:
        return Judged("", "it is no PNG, JPEG, WebP or GIF that can be read. Save it again")
