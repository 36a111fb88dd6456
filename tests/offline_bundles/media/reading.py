"""What ffmpeg finds in a file that was made: the tests' own eye, which shares no line with the encoder."""

import re
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import imageio_ffmpeg

PACKET = re.compile(r"pts_time:(\S+) .*? iskey:(\d)")


@dataclass(frozen=True)
class Decoded:
    """`times` are when each frame is shown, in seconds; `keys` are those that need no other."""

    times: list[float]
    keys: list[float]


def ffmpeg(*arguments: str | Path) -> str:
    """What it printed; fails the test where it fails."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-nostdin", "-y", "-xerror", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stderr


def frames(path: Path) -> Decoded:
    """Every frame decoded; a broken one fails the test."""
    shown = PACKET.findall(
        ffmpeg("-copyts", "-i", path, "-map", "0:v", "-vf", "showinfo", "-fps_mode", "passthrough", *NOWHERE)
    )
    return Decoded([float(time) for time, _ in shown], [float(time) for time, key in shown if key == "1"])


NOWHERE: Sequence[str] = ("-f", "null", "-")


def seconds_of_sound(path: Path) -> float:
    """By decoding and counting samples."""
    said = ffmpeg("-i", path, "-map", "0:a", "-af", "aresample=48000,astats=measure_perchannel=none", *NOWHERE)
    found = re.search(r"Number of samples: (\d+)", said)
    assert found, said
    return int(found[1]) / 48_000


def similarity(path: Path, source: Path, width: int, height: int, frame_rate: float) -> float:
    """SSIM of a rendition against its source at the rendition's size: 1 is the same."""
    same = f"fps={frame_rate:g},scale={width}:{height}"
    said = ffmpeg("-i", path, "-i", source, "-lavfi", f"[0:v]{same}[a];[1:v]{same}[b];[a][b]ssim", *NOWHERE)
    found = re.search(r"SSIM .*All:([\d.]+)", said)
    assert found, said
    return float(found[1])


@cache
def brief_film() -> bytes:
    """A whole film of a second: small, and made once."""
    with tempfile.TemporaryDirectory() as folder:
        return drawn(Path(folder, "film.mp4"), seconds=1, size="64x48").read_bytes()


def drawn(path: Path, *options: str, seconds: int = 2, size: str = "320x240", rate: int = 10) -> Path:
    """A test picture that moves, with a tone, by ffmpeg's own generators."""
    picture = f"testsrc2=size={size}:rate={rate}:duration={seconds}"
    tone = f"sine=frequency=440:duration={seconds}"
    video = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
    ffmpeg("-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", tone, *video, *(options or ("-c:a", "aac")), path)
    return path
