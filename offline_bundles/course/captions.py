"""Captions: WebVTT as it is, SubRip turned into it. Source: W3C WebVTT, section 4."""

import re
from pathlib import Path

from offline_bundles.errors import MediaError

CAPTIONS_BYTES_MAX = 1 << 20
TIMING = re.compile(r"(?:\d{2,}:)?\d{2}:\d{2}[.,]\d{3} +--> +(?:\d{2,}:)?\d{2}:\d{2}[.,]\d{3}")


def read_captions(path: Path) -> bytes:
    """WebVTT in UTF-8 with plain line ends. Raises `MediaError`."""
    if path.stat().st_size > CAPTIONS_BYTES_MAX:
        raise MediaError(f"{path.name} has more than {CAPTIONS_BYTES_MAX >> 20} MB: these are no captions.")
    try:
        text = path.read_text("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        raise MediaError(f"{path.name} is not UTF-8. Save it as UTF-8.") from error
    if not TIMING.search(text):
        raise MediaError(f"{path.name} holds no captions: no line such as 00:01.000 --> 00:04.000.")
    if not text.startswith("WEBVTT"):
        text = "WEBVTT\n\n" + TIMING.sub(lambda found: found[0].replace(",", "."), text)
    return (text.strip() + "\n").encode()
