"""A glance at a film or a recording: whether it can be read at all, and whether its end is there.

Nothing is decoded. A file that was cut short still says how long it was, at its beginning; so the packets of its last
seconds are asked for. That costs two short runs of ffmpeg however long the film is.
"""

from pathlib import Path

from offline_bundles.errors import MediaError
from offline_bundles.media import ffmpeg
from offline_bundles.media.probe import AUDIO, duration_of, probe
from offline_bundles.media.video import SHORT_MS_MAX

GLANCE_SECONDS_MAX = 60  # for each of the two runs; an hour of film takes a fifth of one, on a busy machine some more
TAIL_MS = 10_000  # before the end: packets of a film come far more often
FILM = ("0:v:0", "0:a:0?")
RECORDING = ("0:a:0",)


def glance_at_film(source: Path) -> str:
    """Why it plays less than it says, or "". Raises `MediaError` for what packing would refuse."""
    duration_ms = probe(source, seconds=GLANCE_SECONDS_MAX).duration_ms
    return _end(source, duration_ms, FILM, ffmpeg.CONTAINERS)


def glance_at_recording(source: Path) -> str:
    """The same of sound alone. Raises `MediaError` for what no phone can play."""
    lines = ffmpeg.describe(source, GLANCE_SECONDS_MAX, containers=ffmpeg.SOUND_CONTAINERS)
    if not any(AUDIO.match(line) for line in lines):
        raise MediaError(f"{source.name} is no sound that can be played. Save it as MP3 or M4A and try again.")
    return _end(source, duration_of(lines) or 0, RECORDING, ffmpeg.SOUND_CONTAINERS)


def _end(source: Path, duration_ms: int, streams: tuple[str, ...], containers: str) -> str:
    from_ms = max(0, duration_ms - TAIL_MS)
    end_ms = ffmpeg.reached(source, streams, GLANCE_SECONDS_MAX, from_ms=from_ms, containers=containers)
    if end_ms is None:
        return (
            f"breaks off before its last {TAIL_MS // 1000} of {duration_ms // 1000} seconds" if from_ms else "is empty"
        )
    if end_ms + SHORT_MS_MAX >= duration_ms:
        return ""
    return f"breaks off after {end_ms // 1000} of {duration_ms // 1000} seconds"
