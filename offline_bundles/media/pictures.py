"""Pictures, made small: WebP, no wider than a phone shows, without what a camera wrote into them."""

from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError
from PIL import __version__ as pillow_version

from offline_bundles.errors import MediaError
from offline_bundles.media.cached import made_once, source_digest
from offline_bundles.media.encoded import Picture

PIXELS_MAX = 50_000_000  # a large camera's; more is a trap for memory
SOURCE_BYTES_MAX = 64 << 20
WIDTH_MAX = 720  # twice the width of the smallest phone's column
QUALITY = 60
FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
RECIPE_VERSION = 1


def encode_picture(source: Path, *, cache: Path, max_width: int = WIDTH_MAX) -> Picture:
    """Raises `MediaError` for what is no picture of a known kind, or out of all measure."""
    if not source.is_file():
        raise MediaError(f"{source.name} is not there. Put the file in place, or mend the path.")
    if source.stat().st_size > SOURCE_BYTES_MAX:
        raise MediaError(f"{source.name} has more than {SOURCE_BYTES_MAX >> 20} MB. Save it smaller.")
    parts = (source_digest(source), str(max_width), str(QUALITY), str(RECIPE_VERSION), pillow_version)
    path, reused = made_once(cache, parts, ".webp", lambda target: _write(source, target, max_width))
    with Image.open(path) as made:
        return Picture(path, made.width, made.height, path.stat().st_size, reused)


def _write(source: Path, target: Path, max_width: int) -> None:
    try:
        with Image.open(source, formats=FORMATS) as opened:
            if opened.width * opened.height > PIXELS_MAX:
                raise MediaError(f"{source.name} is {opened.width}x{opened.height} pixels. Save it smaller.")
            upright = ImageOps.exif_transpose(opened)
            has_alpha = "A" in upright.getbands() or "transparency" in upright.info
            picture = upright.convert("RGBA" if has_alpha else "RGB")
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError, ValueError, SyntaxError) as error:
        raise MediaError(f"{source.name} is no PNG, JPEG, WebP or GIF that can be read. Save it again.") from error
    if picture.width > max_width:
        height = max(1, round(picture.height * max_width / picture.width))
        picture = picture.resize((max_width, height), Image.Resampling.LANCZOS)
    picture.save(target, "WEBP", quality=QUALITY, method=6)
