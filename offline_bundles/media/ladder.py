"""The ladder: which renditions are made of a video, for links and phones that are small.

What the source is like decides, not what it is called: slides stand still and are read, a screen jumps between
stillness and movement, a talker always moves a little, a camera always moves. What is read keeps few frames, long
groups and sharp letters; what moves keeps more frames and less sharpness. Baseline without B-frames, since they
shift the first time stamp; a segment begins at each key frame.

The same bytes on every x86-64: one thread for each rung, since x264's bytes change with their number, and
`cpu-independent`, `accurate_rnd` and `bitexact`, since without them they change with the processor's instructions.
What x264 writes about itself is taken out.
"""

from dataclasses import dataclass
from typing import Literal

from offline_bundles.media.features import Features
from offline_bundles.media.ffmpeg import PORTABLE_SOUND
from offline_bundles.media.probe import Probe

RECIPE_VERSION = 4  # part of the cache's key: raise it whenever what is made changes
Kind = Literal["slides", "screen", "talk", "camera"]
# Measured. Looks that stand still: slides and a hand that writes 0.97-1.00, a desktop shown 0.32, a camera 0.06.
SLIDES_STILLS_MIN, SCREEN_STILLS_MIN = 0.7, 0.2
# A judgement, since there was no talker to measure: a head before a wall moves always and little. A camera in the field
# changed at 0.56 of the looks, and moved by 14.3 levels of grey.
TALK_CHANGES_MAX, TALK_MOTION_MAX = 0.2, 5.0
TEXT_EDGES_MIN = 0.006  # of the picture; a page half written 0.008, slides 0.029; fewer lines hold nothing to read
SEGMENT_SECONDS = 10
# A key frame of a slide costs as much as everything between two of them: measured at 720p and one frame a second,
# groups of ten seconds take 258 kB a minute, of thirty 132, at the same VMAF. A seek decodes thirty frames at most.
SLIDES_GROUP_SECONDS = 30
SLIDECAST_FRAME_RATE = 1.0
SLIDECAST_SIDE_MAX = 720
SLIDECAST_CRF = 32
SLIDECAST_MS_MIN = 1000 * SLIDES_GROUP_SECONDS  # a shorter film has no second slide
FRAME_RATES: dict[Kind, float] = {"slides": 5.0, "screen": 8.0, "talk": 10.0, "camera": 12.0}
HEIGHTS = (240, 360)  # of the shorter side
# Measured on a hand that writes and on drawn slides: `-tune stillimage` costs 2-7 % of the bytes and VMAF too, 2 or 3
# frames a second cost more than 5 (each change is a larger step), and from CRF 30 to 34 a 240p slide loses 17 % of its
# bytes, 1.5 VMAF, and no letter.
READ_CRF = {240: 34, 360: 31}
MOVING_CRF = {240: 31, 360: 30}
SMALL_CRF = 30  # of a source that is smaller than every rung
# Three reference frames save as much as sixteen, in half the time and memory; `veryslow` with three saves 3-10 % of
# `slow`'s bytes for a quarter more time.
PRESET, REFERENCES = "veryslow", 3
# AV1 beside H.264, of what moves alone: on slides it gains nothing. Measured with SVT-AV1's preset 5: the same VMAF for
# 0.5-0.7 of the bytes, in no more time than x264 takes. Phones that cannot play it leave it where it is.
AV1_KINDS: tuple[Kind, ...] = ("talk", "camera")
AV1_PRESET = 5
AV1_CRF = {240: 42, 360: 39}
AV1_MS_MIN = 10_000  # of a shorter film the bytes that it saves are fewer than its playlist and its names cost
AV1_SUFFIX = "-av1"
POSTER_WIDTH_MAX = 480
OVERTIME_SECONDS = 5  # a source that plays on after the end that it gave is cut there

EXACT = ("-fflags", "+bitexact", "-map_metadata", "-1", "-map_chapters", "-1", "-sn", "-dn")
SCALER = "lanczos+accurate_rnd+bitexact"
X264 = (
    f"keyint=infinite:min-keyint=1:bframes=0:ref={REFERENCES}"
    ":threads=1:lookahead-threads=1:sliced-threads=0:cpu-independent=1"
)
VIDEO_FRAGMENTS = ("-f", "mp4", "-movflags", "+empty_moov+default_base_moof+frag_keyframe", "-use_editlist", "0")
AUDIO_FRAGMENTS = (
    *("-f", "mp4", "-movflags", "+empty_moov+default_base_moof", "-use_editlist", "0"),
    *("-frag_duration", str(SEGMENT_SECONDS * 1_000_000)),
)


@dataclass(frozen=True, slots=True)
class Rung:
    """One file to make: its name, and ffmpeg's options after and `before` the source."""

    name: str
    options: tuple[str, ...]
    before: tuple[str, ...] = ()
    width: int = 0
    height: int = 0
    frame_rate: float = 0


def kind_of(seen: Features) -> Kind:
    """A pure rule over what was measured."""
    if seen.stills >= SLIDES_STILLS_MIN:
        return "slides"
    if seen.stills >= SCREEN_STILLS_MIN:
        return "screen"
    quiet = seen.changes <= TALK_CHANGES_MAX and seen.motion <= TALK_MOTION_MAX
    return "talk" if quiet else "camera"


def video_rungs(source: Probe, seen: Features) -> tuple[Rung, ...]:
    """The base first. No more pixels than the source has; at least one."""
    kind, shorter = kind_of(seen), min(source.width, source.height)
    sides = [side for side in HEIGHTS if side <= shorter] or [shorter]
    rungs = tuple(_moving(source, side, kind) for side in sides)
    if kind in AV1_KINDS and source.duration_ms >= AV1_MS_MIN:
        return (*rungs, *(_av1(source, side, kind) for side in sides))
    read = kind == "slides" and seen.edges >= TEXT_EDGES_MIN and source.duration_ms >= SLIDECAST_MS_MIN
    return (*rungs, _slidecast(source)) if read and shorter > max(HEIGHTS) else rungs


def _moving(source: Probe, side: int, kind: Kind) -> Rung:
    read = kind in ("slides", "screen")
    group = SLIDES_GROUP_SECONDS if kind == "slides" else SEGMENT_SECONDS
    quality = (READ_CRF if read else MOVING_CRF).get(side, SMALL_CRF)
    return _video(source, f"{side}p", side, min(source.frame_rate, FRAME_RATES[kind]), group, quality)


def _av1(source: Probe, side: int, kind: Kind) -> Rung:
    """Of the same shape as its H.264 sibling. SVT-AV1 gives the same bytes for any number of threads, any processor."""
    frame_rate = min(source.frame_rate, FRAME_RATES[kind])
    group = round(SEGMENT_SECONDS * frame_rate)
    quality = AV1_CRF.get(side, min(AV1_CRF.values()))
    coded = (
        *("-c:v", "libsvtav1", "-preset", str(AV1_PRESET), "-crf", str(quality), "-g", str(group)),
        *("-svtav1-params", "lp=1:scd=0:irefresh-type=2", "-flags:v", "+bitexact"),
    )
    return _coded(source, f"{side}p{AV1_SUFFIX}", side, frame_rate, coded)


def _slidecast(source: Probe) -> Rung:
    """A still a second at the source's own size: what does not change costs nothing, and every player shows it."""
    side = min(source.width, source.height, SLIDECAST_SIDE_MAX)
    rate = min(source.frame_rate, SLIDECAST_FRAME_RATE)
    return _video(source, "slidecast", side, rate, SLIDES_GROUP_SECONDS, SLIDECAST_CRF)


def _video(source: Probe, name: str, side: int, frame_rate: float, group: int, quality: int) -> Rung:
    coded = (
        *("-c:v", "libx264", "-profile:v", "baseline", "-preset", PRESET, "-crf", str(quality), "-threads", "1"),
        *("-x264-params", X264, "-sc_threshold", "0", "-force_key_frames", f"expr:gte(t,n_forced*{group})"),
        *("-flags:v", "+bitexact", "-bsf:v", "filter_units=remove_types=6"),
    )
    return _coded(source, name, side, frame_rate, coded)


def _coded(source: Probe, name: str, side: int, frame_rate: float, coded: tuple[str, ...]) -> Rung:
    width, height = _scaled(source, side)
    shape = f"fps={frame_rate:g},scale={width}:{height}:flags={SCALER},setsar=1,format=yuv420p"
    options = ("-map", "0:v:0", "-t", _until(source), "-vf", shape, *coded, *EXACT, *VIDEO_FRAGMENTS)
    return Rung(name, options, (), width, height, frame_rate)


def _scaled(source: Probe, side: int) -> tuple[int, int]:
    """Even, as yuv420p wants it."""
    scale = side / min(source.width, source.height)
    width, height = (max(2, round(length * scale / 2) * 2) for length in (source.width, source.height))
    return width, height


def _until(source: Probe) -> str:
    return f"{source.duration_ms / 1000 + OVERTIME_SECONDS:.2f}"


def audio_rungs(source: Probe) -> tuple[Rung, ...]:
    """Opus for nearly everyone; AAC for those without. None for a source without sound."""
    sound = ("-map", "0:a:0", "-t", _until(source), "-ac", "1", "-flags:a", "+bitexact")
    opus = ("-c:a", "libopus", "-b:a", "16k", "-application", "voip", "-ar", "48000", "-frame_duration", "60")
    aac = ("-c:a", "aac", "-b:a", "24k", "-ar", "24000")
    rungs = (
        Rung("opus-16k", (*sound, *opus, *EXACT, *AUDIO_FRAGMENTS), PORTABLE_SOUND),
        Rung("aac-24k", (*sound, *aac, *EXACT, *AUDIO_FRAGMENTS), PORTABLE_SOUND),
    )
    return rungs if source.sounds else ()


def poster_rung(source: Probe) -> Rung:
    """A still of a tenth of the way in, where the title stands."""
    at = f"{source.duration_ms / 10_000:.1f}"
    width = min(POSTER_WIDTH_MAX, source.width)
    height = max(1, round(source.height * width / source.width))
    options = (
        *("-map", "0:v:0", "-frames:v", "1", "-vf", f"scale={width}:{height}:flags={SCALER},setsar=1"),
        *("-c:v", "libwebp", "-quality", "50", "-threads", "1", "-flags:v", "+bitexact", *EXACT, "-f", "webp"),
    )
    return Rung("poster", options, ("-ss", at))
