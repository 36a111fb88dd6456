"""How good a rendition looks beside its source: VMAF, 0 to 100, where a difference of six is one that people see.

Both are shown at the source's size, as a phone's full screen would, and compared at the same instants: at most one a
second and 240 in all, so that an hour of lecture costs as much as four minutes. What lies between two instants (how
smoothly it moves) is not judged. Decision 10 says why VMAF, and what it does not see.
"""

import re
from pathlib import Path

from offline_bundles.errors import MediaError
from offline_bundles.media import ffmpeg
from offline_bundles.media.ladder import Rung
from offline_bundles.media.probe import Probe

INSTANTS_MAX = 240  # of a long source; measured: half or twice as many move the sample's mean by 0.1 at most
BRIEF_MS = 10_000  # below it every frame is judged
SIDE_MIN, SIDE_MAX = 240, 720  # VMAF knows no smaller picture than this; no phone of ours shows a larger one
SCORE = re.compile(r"VMAF score: ([\d.]+)")


def vmaf(rung: Rung, rendition: Path, source: Path, probe: Probe, notice: ffmpeg.Notice | None = None) -> float:
    """To one digit: the last bits of the mean are the processor's. Raises `MediaError`."""
    side = min(probe.width, probe.height)
    scale = min(max(side, SIDE_MIN), SIDE_MAX) / side
    width, height = (max(2, round(length * scale / 2) * 2) for length in (probe.width, probe.height))
    shown = f"scale={width}:{height}:flags=bicubic+accurate_rnd+bitexact,setsar=1,format=yuv420p"
    rate = _rate(rung, probe)
    # The source goes through the rung's own frame rate first: both sides then show the same moment.
    graph = (
        f"[0:v:0]fps={rung.frame_rate:g},fps={rate},{shown}[whole];[1:v:0]fps={rate},{shown}[small];"
        "[small][whole]libvmaf=n_threads=1:shortest=1"
    )
    recipe = ("-i", f"file:{rendition}", "-lavfi", graph, "-loglevel", "info", "-nostats", "-f", "null", "-")
    said = ffmpeg.work(source, recipe, ffmpeg.seconds_max(probe.duration_ms), notice=notice).said
    score = next((found for line in said if (found := SCORE.search(line))), None)
    if score is None:
        raise MediaError(f"{source.name}: the quality of {rung.name} cannot be measured.")
    return round(float(score[1]), 1)


def _rate(rung: Rung, probe: Probe) -> str:
    """Instants a second, as ffmpeg reads it."""
    if probe.duration_ms < BRIEF_MS:
        return f"{rung.frame_rate:g}"
    return f"1/{-(-probe.duration_ms // (INSTANTS_MAX * 1000))}"
