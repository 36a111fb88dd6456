"""What simulated cameras make: small pictures of noise, and now and then a file that is none."""

import io
from functools import lru_cache
from random import Random

from PIL import Image

SIDE = 110  # pixels of noise: 36 KB, two pieces
UNREADABLE_EVERY = 5  # photographs, one is no picture


@lru_cache(maxsize=64)
def photograph(number: int) -> bytes:
    """What the camera made for a deed."""
    noise = Random(number).randbytes(3 * SIDE * SIDE)
    if number % UNREADABLE_EVERY == 0:
        return noise
    file = io.BytesIO()
    Image.frombytes("RGB", (SIDE, SIDE), noise).save(file, "PNG")
    return file.getvalue()
