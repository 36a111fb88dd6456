"""What a picture is like, measured in one pass: how often it changes, how much it moves, how much of it is lines.

Shape: shares of looks, two a second. Whoever decides by them needs no frame any more. Source: ffmpeg's filters
`select` (scene score), `signalstats` (YDIF, YAVG) and `edgedetect`, on pictures that are small enough to be cheap.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from offline_bundles.errors import MediaError
from offline_bundles.media import ffmpeg

LOOKS_PER_SECOND = 2
CHANGED = 0.02  # of ffmpeg's scene score; measured to find each slide, and not a hand that writes
STILL = 0.2  # levels of grey by which a pixel of 160x90 differs on average; a hand that writes: 0.01, a desktop: 3
DIGITS = 4  # what is kept; the filters' last bits are the processor's
SMALL = "flags=bilinear+accurate_rnd+bitexact"
CHANGES = f"scale=160:-2:{SMALL},select='gte(scene,0)',signalstats"
SCORES = "metadata=print:key=lavfi.scene_score:file=-,metadata=print:key=lavfi.signalstats.YDIF:file=-"
# Strokes of letters are as thin as this at 640 pixels.
LINES = f"scale=640:-2:{SMALL},format=gray,edgedetect=low=0.1:high=0.3,signalstats"
INK = "metadata=print:key=lavfi.signalstats.YAVG:file=-"
WHITE = 255


@dataclass(frozen=True, slots=True)
class Features:
    """`changes` and `stills` are shares of looks; `motion` is the mean difference from look to look in levels of
    grey; `edges` is the share of the picture that is thin lines, as letters are.
    """

    changes: float
    stills: float
    motion: float
    edges: float

    def as_text(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> "Features":
        return cls(**json.loads(text))


def features(source: Path, duration_ms: int, notice: ffmpeg.Notice | None = None) -> Features:
    """Looks at the whole source once. Raises `MediaError`."""
    graph = f"[0:v:0]fps={LOOKS_PER_SECOND},split[a][b];[a]{CHANGES},{SCORES}[c];[b]{LINES},{INK}[d]"
    nowhere = ("-f", "null", "-")
    recipe = ("-filter_complex", graph, "-map", "[c]", *nowhere, "-map", "[d]", *nowhere)
    found = ffmpeg.work(source, recipe, ffmpeg.seconds_max(duration_ms), notice=notice).measured
    scores, steps, ink = (
        found.get(f"lavfi.{name}", []) for name in ("scene_score", "signalstats.YDIF", "signalstats.YAVG")
    )
    if not (scores and steps and ink):
        raise MediaError(f"{source.name} holds no moving picture. Save it as MP4 and try again.")
    return Features(
        changes=_share([score > CHANGED for score in scores]),
        stills=_share([step < STILL for step in steps]),
        motion=round(sum(steps) / len(steps), DIGITS),
        edges=round(sum(ink) / len(ink) / WHITE, DIGITS),
    )


def _share(looks: Sequence[bool]) -> float:
    return round(sum(looks) / len(looks), DIGITS)
