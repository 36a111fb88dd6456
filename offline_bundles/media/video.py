"""A video in, its ladder out: rungs are made side by side, and only those that are not in the cache.

Invariants: the same source gives the same bytes; a second call encodes nothing; no rendition that is dropped here
was better than one that stays.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from offline_bundles.media import ffmpeg, ladder
from offline_bundles.media.boxes import fragments
from offline_bundles.media.cached import made_once, source_digest
from offline_bundles.media.encoded import EncodedVideo, Rendition
from offline_bundles.media.features import Features, features
from offline_bundles.media.ladder import Rung
from offline_bundles.media.probe import Probe, probe
from offline_bundles.media.quality import vmaf
from offline_bundles.media.worth import worth_their_bytes

WORKERS = 2  # processes of ffmpeg at a time, a rung each: a small laptop's cores, and one thread for each rung
SHORT_MS_MAX = 2_000  # a rendition may end a frame or two before its source; a file that was cut ends long before
Progress = Callable[[str, int, int], None]  # what is being made, milliseconds done, milliseconds in all


def encode_video(source: Path, *, cache: Path, progress: Progress | None = None) -> EncodedVideo:
    """Makes every rung. Raises `MediaError` when the source cannot be read.

    `progress` is called from the threads that do the work.
    """
    found = probe(source)
    one = _Source(source, source_digest(source), found, cache, progress)
    rungs = ladder.video_rungs(found, _seen(one))
    with ThreadPoolExecutor(WORKERS) as workers:  # in this order: what a phone needs first
        base_made = workers.submit(one.made, rungs[0])
        sounds_made = [workers.submit(one.made, rung) for rung in ladder.audio_rungs(found)]
        video_made = [base_made, *(workers.submit(one.made, rung) for rung in rungs[1:])]
        poster_made = workers.submit(one.made_poster)
    poster, poster_reused = poster_made.result()
    made = [future.result() for future in (*video_made, *sounds_made)]
    video = _ascending(rendition for rendition, _ in made[: len(rungs)])
    audio = _ascending(rendition for rendition, _ in made[len(rungs) :])
    kept, dropped = worth_their_bytes(video, source.stat().st_size)
    reused = poster_reused + sum(was for _, was in made)
    played_ms = max(rendition.duration_ms for rendition in (*video, *audio))
    breaks_off = played_ms + SHORT_MS_MAX < found.duration_ms
    notes = [*_notes(one), *(f"{source.name}: {reason}" for reason in dropped)]
    if breaks_off:
        notes.append(f"{source.name} breaks off after {played_ms // 1000} of {found.duration_ms // 1000} seconds")
    duration_ms = played_ms if breaks_off else found.duration_ms
    return EncodedVideo(duration_ms, kept, audio, poster, tuple(notes), len(made) + 1 - reused, reused)


@dataclass(frozen=True, slots=True)
class _Source:
    path: Path
    digest: str
    probe: Probe
    cache: Path
    progress: Progress | None

    def made(self, rung: Rung) -> tuple[Rendition, bool]:
        path, reused = self._file(rung, ".mp4")
        with path.open("rb") as file:
            layout = fragments(file)
        rendition = Rendition(
            name=rung.name,
            width=rung.width,
            height=rung.height,
            frame_rate=rung.frame_rate,
            codecs=layout.codecs,
            language="" if rung.height else self.probe.language,
            path=path,
            bytes=path.stat().st_size,
            init=layout.init,
            segments=layout.segments,
            vmaf=self._vmaf(rung, path) if rung.height else None,
        )
        return rendition, reused

    def _vmaf(self, rung: Rung, made: Path) -> float:
        """Measured once for each file that was made."""

        def measure(target: Path) -> None:
            target.write_text(str(vmaf(rung, made, self.path, self.probe)), encoding="ascii")

        key = (self.digest, made.name, "vmaf", str(ladder.RECIPE_VERSION), ffmpeg.version())
        path, _ = made_once(self.cache, key, ".txt", measure)
        return float(path.read_text(encoding="ascii"))

    def made_poster(self) -> tuple[Path, bool]:
        return self._file(ladder.poster_rung(self.probe), ".webp")

    def _file(self, rung: Rung, suffix: str) -> tuple[Path, bool]:
        recipe = (*rung.before, "-i", *rung.options)
        key = (self.digest, rung.name, *recipe, str(ladder.RECIPE_VERSION), ffmpeg.version())
        return made_once(self.cache, key, suffix, lambda target: self._encode(rung, target))

    def _encode(self, rung: Rung, target: Path) -> None:
        total = self.probe.duration_ms
        label = f"{self.path.name} {rung.name}"

        def notice(done_ms: int) -> None:
            if self.progress:
                self.progress(label, min(done_ms, total), total)

        recipe = (*rung.options, f"file:{target}")
        ffmpeg.work(self.path, recipe, ffmpeg.seconds_max(total), before=rung.before, notice=notice)


def _seen(one: _Source) -> Features:
    """Looked at once for each source: it takes as long as a fast encode."""

    def look(target: Path) -> None:
        target.write_text(features(one.path, one.probe.duration_ms).as_text(), encoding="ascii")

    key = (one.digest, "features", str(ladder.RECIPE_VERSION), ffmpeg.version())
    path, _ = made_once(one.cache, key, ".txt", look)
    return Features.from_text(path.read_text(encoding="ascii"))


def _ascending(renditions: Iterator[Rendition]) -> tuple[Rendition, ...]:
    return tuple(sorted(renditions, key=lambda rendition: (rendition.bytes, -rendition.height)))


def _notes(one: _Source) -> Iterator[str]:
    if not one.probe.sounds:
        yield f"{one.path.name} has no sound"
    if one.probe.sounds > 1:
        yield f"{one.path.name} has {one.probe.sounds} sound tracks; only the first was taken"
