"""The ladder: which renditions are made of a video, for links and phones that are small.

Slides keep few frames and sharp text; camera footage keeps more frames and less sharpness. No B-frames, since they
shift the first time stamp; a key frame each ten seconds, where a segment begins; one thread for each rung, since
x264's bytes change with their number.
"""

from dataclasses import dataclass

from offline_bundles.media.ffmpeg import Probe

RECIPE_VERSION = 1  # part of the cache's key: raise it whenever what is made changes
SEGMENT_SECONDS = 10
SLIDES_SHARE_MAX = 0.2  # of half-seconds that change; measured: 0.02-0.1 for slides and handwriting, 0.5+ for camera
EXACT = ("-fflags", "+bitexact", "-map_metadata", "-1", "-map_chapters", "-1", "-sn", "-dn")
FRAGMENTED = ("-f", "mp4", "-movflags", "+empty_moov+default_base_moof+frag_keyframe", "-use_editlist", "0")
AUDIO_FRAGMENTED = (
    *("-f", "mp4", "-movflags", "+empty_moov+default_base_moof", "-use_editlist", "0"),
    *("-frag_duration", str(SEGMENT_SECONDS * 1_000_000)),
)


@dataclass(frozen=True, slots=True)
class Rung:
    """One rendition to make: its name, and the options that make it. `height`: 0 for sound."""

    name: str
    options: tuple[str, ...]
    width: int = 0
    height: int = 0
    frame_rate: float = 0


def video_rungs(source: Probe, *, slides: bool) -> tuple[Rung, ...]:
    """Never larger than the source; at least one."""
    heights = [height for height in (240, 360) if height <= source.height] or [source.height - source.height % 2]
    return tuple(_video(source, height, slides=slides) for height in heights)


def _video(source: Probe, height: int, *, slides: bool) -> Rung:
    width = round(source.width * height / source.height / 2) * 2
    frame_rate = min(source.frame_rate, 5 if slides else 12)
    quality = {True: {240: 32, 360: 30}, False: {240: 31, 360: 30}}[slides].get(height, 30)
    x264 = "keyint=infinite:min-keyint=1:bframes=0:threads=1:lookahead-threads=1:sliced-threads=0"
    options = (
        *("-map", "0:v:0", "-an", "-vf", f"fps={frame_rate:g},scale={width}:{height}:flags=lanczos,format=yuv420p"),
        *("-c:v", "libx264", "-profile:v", "baseline", "-preset", "slow", "-crf", str(quality), "-threads", "1"),
        *(("-tune", "stillimage") if slides else ()),
        *("-x264-params", x264, "-sc_threshold", "0"),
        *("-force_key_frames", f"expr:gte(t,n_forced*{SEGMENT_SECONDS})", "-flags:v", "+bitexact"),
        *("-bsf:v", "filter_units=remove_types=6", *EXACT, *FRAGMENTED),
    )
    return Rung(f"{height}p", options, width, height, frame_rate)


def audio_rungs() -> tuple[Rung, ...]:
    """Opus for nearly everyone; AAC for those without."""
    sound = ("-map", "0:a:0", "-vn", "-ac", "1", "-flags:a", "+bitexact")
    opus = ("-c:a", "libopus", "-b:a", "16k", "-application", "voip", "-ar", "48000", "-frame_duration", "60")
    aac = ("-c:a", "aac", "-b:a", "24k", "-ar", "24000")
    return (
        Rung("opus-16k", (*sound, *opus, *EXACT, *AUDIO_FRAGMENTED)),
        Rung("aac-24k", (*sound, *aac, *EXACT, *AUDIO_FRAGMENTED)),
    )


def poster_rung(source: Probe) -> Rung:
    """A still of a tenth of the way in, where the title stands."""
    at = source.duration_ms / 10_000
    width = min(480, source.width - source.width % 2)
    options = (
        *("-ss", f"{at:.1f}", "-map", "0:v:0", "-an", "-frames:v", "1", "-vf", f"scale={width}:-2:flags=lanczos"),
        *("-c:v", "libwebp", "-quality", "50", "-threads", "1", "-flags:v", "+bitexact", *EXACT, "-f", "webp"),
    )
    return Rung("poster", options, width)
