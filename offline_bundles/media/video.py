"""A video in, its ladder out: rungs are made side by side, and only those that are not in the cache."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from offline_bundles.media import ffmpeg, ladder
from offline_bundles.media.boxes import fragments
from offline_bundles.media.cached import made_once, source_digest
from offline_bundles.media.encoded import EncodedVideo, Rendition

WORKERS = 2  # rungs at a time; each has one thread
Progress = Callable[[str, int, int], None]  # what is being made, milliseconds done, milliseconds in all


@dataclass(frozen=True, slots=True)
class _Source:
    path: Path
    digest: str
    probe: ffmpeg.Probe
    cache: Path
    progress: Progress | None


def encode_video(source: Path, *, cache: Path, progress: Progress | None = None) -> EncodedVideo:
    """Makes every rung. Raises `MediaError` when the source cannot be read."""
    one = _Source(source, source_digest(source), ffmpeg.probe(source), cache, progress)
    slides = _is_slides(one)
    video = ladder.video_rungs(one.probe, slides=slides)
    audio = ladder.audio_rungs() if one.probe.has_audio else ()
    with ThreadPoolExecutor(WORKERS) as workers:
        made = dict(workers.map(lambda rung: (rung.name, _made(one, rung, ".mp4")), (*video, *audio)))
    poster, poster_reused = _made(one, ladder.poster_rung(one.probe), ".webp")
    notes: list[str] = [] if one.probe.has_audio else [f"{source.name} has no sound"]
    renditions = _kept(one, [_rendition(one, rung, made[rung.name][0]) for rung in video], notes)
    sounds = sorted((_rendition(one, rung, made[rung.name][0]) for rung in audio), key=_bytes)
    reused = sum(was for _, was in (*made.values(), (poster, poster_reused)))
    return EncodedVideo(
        one.probe.duration_ms,
        renditions,
        tuple(sounds),
        poster,
        tuple(notes),
        encoded=len(made) + 1 - reused,
        reused=reused,
    )


def _bytes(rendition: Rendition) -> int:
    return rendition.bytes


def _is_slides(one: _Source) -> bool:
    """Looked at once for each source: it takes as long as a fast encode."""

    def look(target: Path) -> None:
        target.write_text(f"{ffmpeg.changes_share(one.path, one.probe.duration_ms):.4f}")

    path, _ = made_once(one.cache, (one.digest, "changes", ffmpeg.version()), ".txt", look)
    return float(path.read_text()) <= ladder.SLIDES_SHARE_MAX


def _made(one: _Source, rung: ladder.Rung, suffix: str) -> tuple[Path, bool]:
    parts = (one.digest, rung.name, *rung.options, str(ladder.RECIPE_VERSION), ffmpeg.version())

    def notice(done_ms: int) -> None:
        if one.progress:
            one.progress(f"{one.path.name} {rung.name}", done_ms, one.probe.duration_ms)

    def make(target: Path) -> None:
        ffmpeg.encode(one.path, target, rung.options, one.probe.duration_ms, notice)

    return made_once(one.cache, parts, suffix, make)


def _rendition(one: _Source, rung: ladder.Rung, path: Path) -> Rendition:
    with path.open("rb") as file:
        layout = fragments(file)
    return Rendition(
        rung.name,
        path,
        path.stat().st_size,
        layout.codecs,
        layout.init,
        layout.segments,
        rung.width,
        rung.height,
        rung.frame_rate,
    )


def _kept(one: _Source, renditions: list[Rendition], notes: list[str]) -> tuple[Rendition, ...]:
    """In ascending order of bytes; one that is larger than its source is of no use to anyone."""
    ordered = sorted(renditions, key=_bytes)
    limit = one.path.stat().st_size
    kept = [ordered[0], *(rendition for rendition in ordered[1:] if rendition.bytes <= limit)]
    notes += [f"{one.path.name}: {each.name} was larger than its source" for each in ordered if each not in kept]
    return tuple(kept)
