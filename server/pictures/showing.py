"""What a person is shown of a photograph: its pixels, made into a new picture, and nothing else that the file held.

A phone's bytes are hostile: formats, sides and pixels are bounded by the header, before a pixel is decoded.
"""

import io
import struct

from PIL import Image, ImageOps

FORMATS = ("JPEG", "WEBP", "PNG")  # what a browser's canvas writes
PIXELS_MAX = 2_048 * 2_048  # phones send 1,280 at most; decoded, some 17 MB
SIDE_MAX = 1_280
QUALITY = 80
# What Pillow's decoders raise for bytes that someone broke on purpose.
UNREADABLE = (
    Image.DecompressionBombError,
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    struct.error,
    LookupError,
    TypeError,
    ArithmeticError,
    MemoryError,
)


def shown(raw: bytes) -> bytes | None:
    """WebP, without place, date, owner or thumbnails; None for what is no picture of measure."""
    try:
        with Image.open(io.BytesIO(raw), formats=FORMATS) as opened:
            if opened.width * opened.height > PIXELS_MAX:
                return None
            upright = ImageOps.exif_transpose(opened).convert("RGB")
        upright.thumbnail((SIDE_MAX, SIDE_MAX), Image.Resampling.LANCZOS)
        bare = Image.new("RGB", upright.size)
        bare.paste(upright)
        written = io.BytesIO()
        bare.save(written, "WEBP", quality=QUALITY)
        return written.getvalue()
    except UNREADABLE:
        return None
