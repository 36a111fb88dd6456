"""Runs ffmpeg: the one that the pinned package `imageio-ffmpeg` carries, so that the same input gives the same bytes.

A source is hostile until it proves otherwise: only formats that hold one file's own streams are opened (a playlist
or a list of parts could name other files of this machine), frames and words are bounded, and what takes too long is
ended. ffmpeg has no JSON here (no ffprobe), so what it prints is read: a file's own titles are indented further than
the lines that are trusted.
"""

import re
import shutil
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import imageio_ffmpeg

from offline_bundles.errors import MediaError

ENCODE_SECONDS_FACTOR = 60  # a small laptop encodes a rung at several times real time; this is far beyond
ENCODE_SECONDS_MIN = 600
LINE_BYTES_MAX = 4_096  # of what ffmpeg prints; a longer line is read in parts
LINES_KEPT = 200  # enough for every line about every stream, and for the reason of a failure
ERROR_LINES = 3
DISK_FULL = "No space left on device"  # as the system says it in ffmpeg's lines
ERROR_CHARACTERS = 400
PIXELS_MAX = 4_096 * 4_096  # a frame's; a 4K camera's, upright or not. More could fill the memory of a small laptop
STREAMS_MAX = 32  # a film with every language has fewer
CONTAINERS = "mov,matroska,webm,avi,mpegts,mpeg,ogg,flv,asf"
SOUND_CONTAINERS = f"{CONTAINERS},mp3,wav,flac,aac"
LOOK_MEMORY_BYTES_MAX = 2 << 30  # of addresses; a real file's header takes a tenth, a made-up one may ask for anything
# Without the processor's own instructions ffmpeg's sound comes out the same everywhere, at no cost that one notices.
PORTABLE_SOUND = ("-cpuflags", "0")
Notice = Callable[[int], None]  # milliseconds done; heard twice a second. What it raises ends the work


@cache
def executable() -> str:
    return str(imageio_ffmpeg.get_ffmpeg_exe())


@cache
def _tied() -> tuple[str, ...]:
    """Ends ffmpeg together with whoever started it, even if that one is killed, where the system knows how (Linux)."""
    found = shutil.which("setpriv")
    return (found, "--pdeathsig", "KILL") if found else ()


@cache
def _little_memory() -> tuple[str, ...]:
    """Bounds what merely looks at a file, where the system knows how (Linux)."""
    found = shutil.which("prlimit")
    return (found, f"--as={LOOK_MEMORY_BYTES_MAX}") if found else ()


def _guards(containers: str = CONTAINERS) -> tuple[str, ...]:
    return (
        *("-hide_banner", "-nostdin", "-y", "-protocol_whitelist", "file,pipe", "-format_whitelist", containers),
        *("-max_pixels", str(PIXELS_MAX), "-max_streams", str(STREAMS_MAX), "-flags", "+bitexact"),
    )


@cache
def version() -> str:
    """Part of every cache key: another ffmpeg gives other bytes."""
    return str(imageio_ffmpeg.get_ffmpeg_version())


def seconds_max(duration_ms: int) -> int:
    return max(ENCODE_SECONDS_MIN, ENCODE_SECONDS_FACTOR * duration_ms // 1000)


@dataclass
class Done:
    """How far a run of ffmpeg came: frames written, milliseconds of the source behind it.

    `measured` are what its filters printed of each frame, by name; `said` are the last lines of everything else.
    """

    frames: int = 0
    reached_ms: int = 0
    measured: dict[str, list[float]] = field(default_factory=dict)
    said: tuple[str, ...] = ()


def describe(source: Path, seconds: float, *, containers: str = CONTAINERS) -> list[str]:
    """The lines that ffmpeg prints about a file, whether it likes it or not."""
    _, lines = _run((*_guards(containers), "-i", f"file:{source}"), seconds, Done(), None, _little_memory())
    return lines


def reached(
    source: Path, streams: Sequence[str], seconds: float, *, from_ms: int = 0, containers: str = CONTAINERS
) -> int | None:
    """To which millisecond the packets of some streams go, read and not decoded; None where none comes at all."""
    start, done = ("-ss", f"{from_ms / 1000:g}"), Done()
    asked = ("-loglevel", "error", "-progress", "pipe:1", *start, *_guards(containers), "-i", f"file:{source}")
    maps = (word for stream in streams for word in ("-map", stream))
    _run((*asked, *maps, "-c", "copy", "-f", "null", "-"), seconds, done, None, _little_memory())
    return from_ms + done.reached_ms if done.reached_ms else None


def work(
    source: Path, recipe: Sequence[str], seconds: float, *, before: Sequence[str] = (), notice: Notice | None = None
) -> Done:
    """Reads a source by a recipe of ffmpeg's options, some of them `before` the source. Raises `MediaError`."""
    done = Done()
    said = ("-loglevel", "error", "-progress", "pipe:1")
    code, lines = _run((*said, *before, *_guards(), "-i", f"file:{source}", *recipe), seconds, done, notice)
    done.said = tuple(lines)
    if code and any(DISK_FULL in line for line in lines):
        raise MediaError(f"The disk has no room for what {source.name} becomes. Make room, then do the same again.")
    if code:
        reason = " / ".join(lines[-ERROR_LINES:])[-ERROR_CHARACTERS:]
        raise MediaError(f"{source.name} cannot be read. Save it as MP4 and try again. ffmpeg says: {reason}")
    return done


def _run(
    arguments: Sequence[str], seconds: float, done: Done, notice: Notice | None, limits: Sequence[str] = ()
) -> tuple[int, list[str]]:
    """The exit code, and the last lines that ffmpeg printed apart from its progress."""
    with _started((*limits, executable(), *arguments), seconds) as process:
        kept = deque(_heeded(_lines(process), done, notice), maxlen=LINES_KEPT)
        return process.wait(), list(kept)


@contextmanager
def _started(program: Sequence[str], seconds: float) -> Iterator["subprocess.Popen[bytes]"]:
    """An ffmpeg that ends with the block: by itself, when its time is up, or when the block fails."""
    command = (*_tied(), *program)
    late = threading.Event()
    # What it prints in one stream: two pipes read one after the other can wait for each other for ever.
    with subprocess.Popen(  # noqa: S603
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        timer = threading.Timer(seconds, _end, (process, late))
        timer.start()
        try:
            yield process
        except BaseException:
            process.kill()
            raise
        finally:
            timer.cancel()
    if late.is_set():
        raise MediaError(f"ffmpeg did not come to an end in {seconds:g} seconds. Cut the video into parts.")


def _end(process: "subprocess.Popen[bytes]", late: threading.Event) -> None:
    late.set()
    process.kill()


def _lines(process: "subprocess.Popen[bytes]") -> Iterator[str]:
    while process.stdout and (raw := process.stdout.readline(LINE_BYTES_MAX)):
        yield raw.decode("utf-8", "replace").rstrip()


PROGRESS = re.compile(r"([a-z0-9_]+)=\s*(\S*)")  # a line of `-progress`
MEASURED = re.compile(r"(lavfi\.[\w.]{1,40})=(-?\d[\d.e+-]{0,20})")  # a line of the filter `metadata`
MEASURED_MAX = 100_000  # of each name; four hours at two looks a second are 28,800


def _heeded(lines: Iterator[str], done: Done, notice: Notice | None) -> Iterator[str]:
    """Passes on what is no progress, and notes what is. Some numbers are "N/A" until the first frame."""
    for line in lines:
        progress = PROGRESS.fullmatch(line)
        if found := MEASURED.fullmatch(line):
            _measure(found[1], found[2], done)
        elif not progress:
            yield line
        elif progress[1] == "frame" and progress[2].isdecimal():
            done.frames = int(progress[2])
        elif progress[1] == "out_time_us" and progress[2].isdecimal():  # below zero: nothing of what was asked for
            done.reached_ms = int(progress[2]) // 1000
        elif progress[1] == "progress" and notice:  # the last line of each round, which comes even where nothing moves
            notice(done.reached_ms)


def _measure(name: str, number: str, done: Done) -> None:
    values = done.measured.setdefault(name, [])
    if len(values) < MEASURED_MAX:
        values.append(float(number))
