"""The preview sheet: what a learner would see of each rung, cut out at 1:1, so that a person judges the letters.

Each picture is brought to the source's size first, at most 720p, as a phone's full screen does it. The places are
those where the source has most to read. A row for the source stands above its rungs.
"""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageFont, ImageStat

from offline_bundles.errors import MediaError
from offline_bundles.media import ffmpeg
from offline_bundles.media.encoded import EncodedVideo, Rendition
from offline_bundles.media.probe import Probe, probe

INSTANTS = (0.2, 0.55, 0.9)  # of the film
CROP_WIDTH, CROP_HEIGHT = 400, 200  # pixels: a line or three of a slide
STEP = 20  # pixels from one place that is looked at to the next
CUT_COST = 20  # how many pixels of lines inside a crop make up for one that its border cuts; tried on real slides
SIDE_MAX = 720  # of the shorter side, as quality is measured
MARGIN, CAPTION, FONT_SIZE = 12, 26, 15
FRAME_SECONDS_MAX = 120  # to find one frame in a long film
INK, PAPER = "#111111", "#f4f4f4"
VIDEOS_MAX = 12  # of one sheet: a picture of 12,000 pixels in height is what viewers still open


Box = tuple[int, int, int, int]  # left, top, right, bottom


@dataclass(frozen=True, slots=True)
class Row:
    """A label, and the same places of the same instants."""

    label: str
    crops: tuple[Image.Image, ...]


def rows(source: Path, video: EncodedVideo) -> list[Row]:
    """The source's, then each rung's, smallest first. Raises `MediaError`."""
    found = probe(source)
    size = _size(found)
    seconds = [_second(share, video.duration_ms) for share in INSTANTS]
    with tempfile.TemporaryDirectory() as folder:
        originals = [_frame(source, at, size, Path(folder)) for at in seconds]
        places = [busiest(frame) for frame in originals]
        shown = [Row(_label_of_source(source, found, video, seconds), _cut(originals, places))]
        for rung in video.video:
            frames = [_frame(rung.path, at, size, Path(folder)) for at in seconds]
            shown.append(Row(_label(rung), _cut(frames, places)))
    return shown


def write_sheet(shown: Sequence[Row], target: Path) -> None:
    """A PNG; the same rows give the same bytes."""
    height = MARGIN + sum(_row_height(row) for row in shown)
    width = MARGIN + max(sum(crop.width + MARGIN for crop in row.crops) for row in shown)
    sheet = Image.new("RGB", (width, height), PAPER)
    draw, font, top = ImageDraw.Draw(sheet), ImageFont.load_default(FONT_SIZE), MARGIN
    for row in shown:
        draw.text((MARGIN, top), row.label, fill=INK, font=font)
        left = MARGIN
        for crop in row.crops:
            sheet.paste(crop, (left, top + CAPTION))
            left += crop.width + MARGIN
        top += _row_height(row)
    sheet.save(target, "PNG", optimize=True)


def _row_height(row: Row) -> int:
    return CAPTION + max(crop.height for crop in row.crops) + MARGIN


def _label_of_source(source: Path, found: Probe, video: EncodedVideo, seconds: Sequence[int]) -> str:
    places = ", ".join(f"{at // 60}:{at % 60:02}" for at in seconds)
    kilobytes = _kilobytes(source, video)
    return f"{source.name}: the source at {places}; {found.width}x{found.height}, {kilobytes} kB a minute in all"


def _label(rung: Rendition) -> str:
    measured = "" if rung.vmaf is None else f", VMAF {rung.vmaf:.1f}"
    return f"{rung.name}: {rung.width}x{rung.height}, {rung.bytes_a_minute / 1000:.0f} kB a minute{measured}"


def _kilobytes(source: Path, video: EncodedVideo) -> int:
    return round(source.stat().st_size * 60 / max(1, video.duration_ms))


def _second(share: float, duration_ms: int) -> int:
    """A whole second: there every rung has a frame."""
    return int(share * max(0, duration_ms - 1000) / 1000)


def _size(found: Probe) -> tuple[int, int]:
    scale = min(1.0, SIDE_MAX / min(found.width, found.height))
    return max(1, round(found.width * scale)), max(1, round(found.height * scale))


def _frame(film: Path, at: int, size: tuple[int, int], folder: Path) -> Image.Image:
    target = folder / "frame.png"
    target.unlink(missing_ok=True)  # ffmpeg writes none, and does not complain, where a film has no such frame
    shape = f"scale={size[0]}:{size[1]}:flags=bicubic,setsar=1"
    recipe = ("-map", "0:v:0", "-frames:v", "1", "-vf", shape, "-f", "image2", "-update", "1", f"file:{target}")
    ffmpeg.work(film, recipe, FRAME_SECONDS_MAX, before=("-ss", str(at)))
    if not target.is_file():
        raise MediaError(f"{film.name} shows nothing at second {at}.")
    with Image.open(target) as image:
        return image.convert("RGB")


def busiest(frame: Image.Image) -> tuple[int, int]:
    """Where most lines are, and few of them cut through: the left upper corner of a crop."""
    lines = frame.convert("L").filter(ImageFilter.FIND_EDGES)

    def worth(corner: tuple[int, int]) -> float:
        box = _box(frame, corner)
        return _ink(lines, box) - CUT_COST * sum(_ink(lines, side) for side in _sides(box))

    return max(_corners(frame), key=worth)


def _ink(lines: Image.Image, box: Box) -> float:
    return float(ImageStat.Stat(lines.crop(box)).sum[0])


def _sides(box: Box) -> tuple[Box, ...]:
    """The strips along a crop's border: what has lines there is cut in two."""
    left, top, right, bottom = box
    return (
        (left, top, right, top + 1),
        (left, bottom - 1, right, bottom),
        (left, top, left + 1, bottom),
        (right - 1, top, right, bottom),
    )


def _corners(frame: Image.Image) -> Iterator[tuple[int, int]]:
    across, down = max(1, frame.width - CROP_WIDTH + 1), max(1, frame.height - CROP_HEIGHT + 1)
    return ((left, top) for top in range(0, down, STEP) for left in range(0, across, STEP))


def _box(frame: Image.Image, corner: tuple[int, int]) -> Box:
    left, top = corner
    return left, top, min(frame.width, left + CROP_WIDTH), min(frame.height, top + CROP_HEIGHT)


def _cut(frames: Sequence[Image.Image], places: Sequence[tuple[int, int]]) -> tuple[Image.Image, ...]:
    return tuple(frame.crop(_box(frame, place)) for frame, place in zip(frames, places, strict=True))
