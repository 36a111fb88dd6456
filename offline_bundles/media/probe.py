"""What a source holds, before anything is made of it: how long, how large, how many frames, with sound or without.

Invariant: every size that comes out of here is bounded. Phones record upright pictures as lying ones with a note that
says how to turn them, and old cameras have pixels that are not square: sizes are those that a viewer sees.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from offline_bundles.errors import MediaError
from offline_bundles.media import ffmpeg

SOURCE_BYTES_MAX = 4 << 30  # what a memory card's file system holds in one file
DURATION_MS_MAX = 4 * 3_600_000  # longer is no lecture
SIDE_MAX = 8_192  # pixels
SIDE_MIN = 16  # a macroblock; less shows nothing
ASPECT_MAX = 8  # one side of another
PROBE_SECONDS_MAX = 60
FRAME_RATE_DEFAULT = 25.0  # where the source does not say
FRAME_RATE_MAX = 120.0  # a screen recording's "1k" is its clock's


@dataclass(frozen=True, slots=True)
class Probe:
    """What a media file holds: sizes in pixels as seen, `frame_rate` a second, `sounds` in tracks.

    `language` is the first sound's, as the file names it, or "".
    """

    duration_ms: int
    width: int
    height: int
    frame_rate: float
    sounds: int
    language: str


def probe(source: Path, *, seconds: float = PROBE_SECONDS_MAX) -> Probe:
    """Raises `MediaError` for what is no video, for what is out of all measure, and for what takes too long to tell."""
    if not source.is_file():
        raise MediaError(f"{source.name} is not there. Put the file in place, or mend the path.")
    if source.stat().st_size > SOURCE_BYTES_MAX:
        raise MediaError(f"{source.name} has more than {SOURCE_BYTES_MAX >> 30} GB. Cut it into parts.")
    lines = ffmpeg.describe(source, seconds)
    pictures = [line for line in lines if VIDEO.match(line) and "(attached pic)" not in line]
    sounds = [found for line in lines if (found := AUDIO.match(line))]
    if not pictures:
        what = "holds sound but no moving picture" if sounds else "is no video that can be read"
        raise MediaError(f"{source.name} {what}. Save it as MP4 and try again.")
    width, height = _size(source, pictures[0], lines)
    language = sounds[0]["language"] or "" if sounds else ""
    duration_ms = _checked_duration(source, duration_of(lines) or _measured(source, seconds))
    return Probe(duration_ms, width, height, _frame_rate(pictures[0]), len(sounds), language.removeprefix("und"))


# Two spaces stand before what ffmpeg says itself; what a file says of itself stands further in.
STREAM = r"  Stream #0:\d+(?:\[\w+\])?(?:\((?P<language>[a-z]{2,3})\))?: "
VIDEO = re.compile(STREAM + "Video: ")
AUDIO = re.compile(STREAM + "Audio: ")
SIZE = re.compile(r", (\d{1,5})x(\d{1,5})(?: \[SAR|[, ]|$)")
SHAPE = re.compile(r"SAR (\d{1,6}):(\d{1,6})")
RATE = re.compile(r", ([\d.]{1,8})(k?) (?:fps|tbr)")
TURN = re.compile(r"\s+Display Matrix: rotation of (-?\d+)")
DURATION = re.compile(r"  Duration: (\d{1,4}):(\d\d):(\d\d)\.(\d\d)")


def _size(source: Path, line: str, lines: Sequence[str]) -> tuple[int, int]:
    """Width and height as a viewer sees them, with square pixels and turned upright."""
    found = SIZE.search(line)
    if not found:
        raise MediaError(f"{source.name} does not say how large its picture is. Save it as MP4 and try again.")
    width, height = int(found[1]), int(found[2])
    if (shape := SHAPE.search(line)) and int(shape[1]) and int(shape[2]):
        width = round(width * int(shape[1]) / int(shape[2]))
    if any((turn := TURN.match(each)) and int(turn[1]) % 180 for each in lines):
        width, height = height, width
    if not SIDE_MIN <= min(width, height) <= max(width, height) <= SIDE_MAX:
        raise MediaError(f"{source.name} is {width}x{height}; a side has {SIDE_MIN} to {SIDE_MAX} pixels.")
    if max(width, height) > ASPECT_MAX * min(width, height):
        raise MediaError(f"{source.name} is {width}x{height}: one side is more than {ASPECT_MAX} times the other.")
    return width, height


def _frame_rate(line: str) -> float:
    found = RATE.search(line)
    rate = float(found[1]) * (1000 if found[2] else 1) if found and found[1].count(".") < 2 else 0.0
    return rate if 0 < rate <= FRAME_RATE_MAX else FRAME_RATE_DEFAULT


def duration_of(lines: Sequence[str]) -> int | None:
    """Milliseconds, as the file itself says; None where it does not."""
    found = next((found for line in lines if (found := DURATION.match(line))), None)
    if not found:
        return None
    hours, minutes, seconds, hundredths = (int(part) for part in found.groups())
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + hundredths * 10


def _measured(source: Path, seconds: float) -> int:
    """By reading it through: what a browser recorded does not say how long it is."""
    return ffmpeg.reached(source, ("0:v:0",), seconds) or 0


def _checked_duration(source: Path, duration_ms: int) -> int:
    if duration_ms <= 0:
        raise MediaError(f"{source.name} holds no moving picture. Save it as MP4 and try again.")
    if duration_ms > DURATION_MS_MAX:
        minutes, limit = duration_ms // 60_000, DURATION_MS_MAX // 60_000
        raise MediaError(f"{source.name} lasts {minutes} minutes; {limit} is the limit. Cut it into parts.")
    return duration_ms
