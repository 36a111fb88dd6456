"""Runs ffmpeg: the one that the pinned package `imageio-ffmpeg` carries, so that the same input gives the same bytes.

A file may be hostile: formats and protocols are narrowed, and what takes too long is ended.
"""

import re
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import imageio_ffmpeg

from offline_bundles.errors import MediaError

SOURCE_BYTES_MAX = 4 << 30
DURATION_MS_MAX = 4 * 3_600_000  # longer is no lecture
SIDE_MAX = 8_192  # pixels; a frame of more could fill the memory of a small laptop
PROBE_SECONDS_MAX = 60
ENCODE_SECONDS_FACTOR = 60  # a small laptop encodes a rung at several times real time; this is far beyond
ENCODE_SECONDS_MIN = 600
ERROR_LINES = 3
Notice = Callable[[int], None]  # milliseconds done


@dataclass(frozen=True, slots=True)
class Probe:
    """What a media file holds; sizes in pixels, `frame_rate` a second."""

    duration_ms: int
    width: int
    height: int
    frame_rate: float
    has_audio: bool


@cache
def executable() -> str:
    return str(imageio_ffmpeg.get_ffmpeg_exe())


@cache
def version() -> str:
    """Part of every cache key: another ffmpeg gives other bytes."""
    return str(imageio_ffmpeg.get_ffmpeg_version())


def probe(source: Path) -> Probe:
    """Raises `MediaError` for what is no video, and for what is out of all measure."""
    if not source.is_file():
        raise MediaError(f"{source.name} is not there. Put the file in place, or mend the path.")
    if source.stat().st_size > SOURCE_BYTES_MAX:
        raise MediaError(f"{source.name} has more than 4 GB. Cut it into parts.")
    said = _say(["-i", str(source)])
    video = re.search(r"Stream #\S+.*Video: .*?, (\d+)x(\d+)[^\n]*?([\d.]+) (?:fps|tbr)", said)
    length = re.search(r"Duration: (\d+):(\d+):(\d+)\.(\d+)", said)
    if not video or not length:
        raise MediaError(f"{source.name} is no video that can be read. Save it as MP4 and try again.")
    hours, minutes, seconds, hundredths = (int(part) for part in length.groups())
    duration = ((hours * 60 + minutes) * 60 + seconds) * 1000 + hundredths * 10
    found = Probe(duration, int(video[1]), int(video[2]), float(video[3]), " Audio: " in said)
    _check(source, found)
    return found


def _check(source: Path, found: Probe) -> None:
    if not 0 < found.duration_ms <= DURATION_MS_MAX:
        raise MediaError(f"{source.name} lasts {found.duration_ms // 60_000} minutes; four hours is the limit.")
    if max(found.width, found.height) > SIDE_MAX:
        raise MediaError(f"{source.name} is {found.width}x{found.height}; {SIDE_MAX} pixels a side is the limit.")


def _say(arguments: Sequence[str]) -> str:
    """What ffmpeg prints about something, whether it likes it or not."""
    try:
        done = subprocess.run(  # noqa: S603
            [executable(), "-hide_banner", "-protocol_whitelist", "file,pipe", *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PROBE_SECONDS_MAX,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise MediaError("ffmpeg did not come to an end while it read the file.") from error
    return done.stderr.decode("utf-8", "replace")


def changes_share(source: Path, duration_ms: int) -> float:
    """The share of half-seconds in which the picture changes: about 0.02 for slides, over 0.5 for camera footage."""
    look = "fps=2,scale=160:-2,select='gt(scene,0.02)',metadata=print:file=-"
    done = _run(["-i", str(source), "-an", "-vf", look, "-f", "null", "-"], duration_ms)
    return done.stdout.count(b"pts_time:") / max(1, duration_ms // 500)


def _run(arguments: Sequence[str], duration_ms: int) -> "subprocess.CompletedProcess[bytes]":
    limit = max(ENCODE_SECONDS_MIN, ENCODE_SECONDS_FACTOR * duration_ms // 1000)
    command = [executable(), "-hide_banner", "-nostdin", "-protocol_whitelist", "file,pipe", *arguments]
    try:
        done = subprocess.run(command, capture_output=True, timeout=limit, check=False)  # noqa: S603
    except subprocess.TimeoutExpired as error:
        raise MediaError("ffmpeg did not come to an end in time.") from error
    if done.returncode:
        raise MediaError(_last_words(done.stderr))
    return done


def encode(source: Path, target: Path, recipe: Sequence[str], duration_ms: int, notice: Notice | None = None) -> None:
    """Writes `target` by a recipe of ffmpeg's options; tells how far it has come."""
    command = [executable(), "-hide_banner", "-nostdin", "-y", "-loglevel", "error", "-progress", "pipe:1"]
    command += ["-protocol_whitelist", "file,pipe", "-i", str(source), *recipe, str(target)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:  # noqa: S603
        try:
            for line in process.stdout or ():
                if notice and line.startswith(b"out_time_us=") and line[12:].strip().isdigit():
                    notice(min(int(line[12:]) // 1000, duration_ms))
            _, said = process.communicate()
        except BaseException:
            process.kill()
            raise
    if process.returncode:
        raise MediaError(f"{source.name}: {_last_words(said)}")


def _last_words(said: bytes) -> str:
    lines = said.decode("utf-8", "replace").strip().splitlines()[-ERROR_LINES:]
    return "ffmpeg cannot read it: " + " / ".join(lines)
