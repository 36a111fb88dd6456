"""Pictures, made small: WebP, no wider than a phone shows, without what a camera wrote into them.

A picture is hostile until it is decoded: its size is bounded before a pixel is read, and only four formats are
opened. Colours become sRGB and everything but pixels is left behind (place, date, owner, thumbnails).
"""

import io
import struct
from pathlib import Path

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError
from PIL import __version__ as pillow_version

from offline_bundles.errors import MediaError
from offline_bundles.media.cached import made_once, source_digest
from offline_bundles.media.encoded import Picture

PIXELS_MAX = 50_000_000  # a large camera's; more is a trap for memory
SOURCE_BYTES_MAX = 64 << 20
WIDTH_MAX = 720  # twice the width of the smallest phone's column
SIDE_RATIO_MAX = 20  # taller than this for its width shows nothing on a phone, and WebP ends at 16,383 pixels
LOSSY = {"quality": 60, "method": 6}
LOSSLESS = {"lossless": True, "quality": 75, "method": 4}  # the most work saves 1 % more in a hundred times the time
FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
RECIPE_VERSION = 2
SVG_HEAD_BYTES = 1_024  # where its first element stands, after a licence
# What Pillow's decoders raise for bytes that someone broke on purpose; found by changing real pictures at random.
UNREADABLE = (
    UnidentifiedImageError,
    Image.DecompressionBombError,
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    struct.error,
    LookupError,
    TypeError,
    ArithmeticError,
)


def encode_picture(source: Path, *, cache: Path, max_width: int = WIDTH_MAX) -> Picture:
    """Raises `MediaError` for what is no picture of a known kind, or out of all measure."""
    if not source.is_file():
        raise MediaError(f"{source.name} is not there. Put the file in place, or mend the path.")
    if source.stat().st_size > SOURCE_BYTES_MAX:
        raise MediaError(f"{source.name} has more than {SOURCE_BYTES_MAX >> 20} MB. Save it smaller.")
    key = (source_digest(source), "picture", str(max_width), str(RECIPE_VERSION), pillow_version)
    path, reused = made_once(cache, key, ".webp", lambda target: _write(source, target, max_width))
    with Image.open(path, formats=("WEBP",)) as made:
        return Picture(path, made.width, made.height, path.stat().st_size, reused)


def _write(source: Path, target: Path, max_width: int) -> None:
    try:
        with Image.open(source, formats=FORMATS) as opened:
            _check(source, opened)
            pixels = _upright_pixels(opened)
            photograph = opened.format == "JPEG"
    except UNREADABLE as error:
        raise MediaError(_refusal(source)) from error
    if pixels.width > max_width:
        height = max(1, round(pixels.height * max_width / pixels.width))
        pixels = pixels.resize((max_width, height), Image.Resampling.LANCZOS)
    target.write_bytes(_smallest(pixels, photograph=photograph))


def _check(source: Path, opened: Image.Image) -> None:
    """By the header alone: no pixel has been decoded yet."""
    if opened.width * opened.height > PIXELS_MAX:
        raise MediaError(f"{source.name} is {opened.width}x{opened.height} pixels. Save it smaller.")
    if opened.height > SIDE_RATIO_MAX * opened.width:
        raise MediaError(f"{source.name} is {opened.width}x{opened.height} pixels. Cut it into parts.")


def _upright_pixels(opened: Image.Image) -> Image.Image:
    """RGB or RGBA in sRGB, turned as the camera noted, with no word about where they came from."""
    profile = opened.info.get("icc_profile")
    upright = ImageOps.exif_transpose(opened)
    if upright.mode.startswith("I"):  # sixteen bits of grey, which a plain conversion would cut off, not scale
        upright = upright.convert("I").point(lambda level: level / 256).convert("L")
    has_alpha = "A" in upright.getbands() or "transparency" in upright.info
    pixels = upright.convert("RGBA" if has_alpha else "RGB")
    if profile and upright.mode in ("RGB", "RGBA"):
        pixels = _in_srgb(pixels, profile)
    bare = Image.new(pixels.mode, pixels.size)
    bare.paste(pixels)
    return bare


def _in_srgb(pixels: Image.Image, profile: bytes) -> Image.Image:
    """A profile that cannot be read, or is none of RGB, changes nothing."""
    try:
        embedded = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(pixels, embedded, ImageCms.createProfile("sRGB"))
    except (ImageCms.PyCMSError, OSError, TypeError, ValueError):
        return pixels
    return converted or pixels


def _smallest(pixels: Image.Image, *, photograph: bool) -> bytes:
    """Drawn pictures are often smaller without loss, and sharper; photographs never are."""
    lossy = _webp(pixels, **LOSSY)
    return lossy if photograph else min(_webp(pixels, **LOSSLESS), lossy, key=len)


def _webp(pixels: Image.Image, **options: int) -> bytes:
    written = io.BytesIO()
    pixels.save(written, "WEBP", **options)
    return written.getvalue()


def _refusal(source: Path) -> str:
    with source.open("rb") as file:
        head = file.read(SVG_HEAD_BYTES).lower()
    if source.suffix.lower() in (".svg", ".svgz") or b"<svg" in head:
        return f"{source.name} is an SVG, which may hold scripts. Save it as PNG."
    return f"{source.name} is no PNG, JPEG, WebP or GIF that can be read. Save it again."
