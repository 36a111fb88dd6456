"""A video in, its ladder out: rungs are made side by side, and only those that are not in the cache.

Invariants: the same source gives the same bytes; a second call encodes nothing; no rendition that is dropped here
was better than one that stays.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from offline_bundles.errors import MediaError
from offline_bundles.media import ffmpeg, ladder
from offline_bundles.media.boxes import fragments
from offline_bundles.media.cached import is_made, made_once, place, source_digest
from offline_bundles.media.encoded import EncodedVideo, Rendition
from offline_bundles.media.features import Features, features
from offline_bundles.media.ladder import Rung
from offline_bundles.media.probe import Probe, probe
from offline_bundles.media.quality import vmaf
from offline_bundles.media.worth import worth_beside, worth_their_bytes

WORKERS = 2  # processes of ffmpeg at a time, a rung each: a small laptop's cores, and one thread for each rung
LOOK = "is looked at"  # beside a film's name, where progress names a rung otherwise
SHORT_MS_MAX = 2_000  # a rendition may end a frame or two before its source; a file that was cut ends long before
Progress = Callable[[str, int, int], None]  # what is being made, milliseconds done, milliseconds in all
LeftOut = Mapping[tuple[str, str], str]  # by source's digest and rung's name: why it is not made, "" when it follows


@dataclass(frozen=True, slots=True)
class PlannedRung:
    """A file that a video becomes. `first`: nothing is worth publishing without it; `made`: the cache has it."""

    name: str
    first: bool
    made: bool


def plan_video(source: Path, *, cache: Path, progress: Progress | None = None) -> tuple[str, tuple[PlannedRung, ...]]:
    """The source's digest and what it becomes, in the order of need. Raises `MediaError` for what is no video."""
    one = _opened(source, cache, progress)
    base, *rest = one.rungs()
    sounds = ladder.audio_rungs(one.probe)
    first = [PlannedRung(rung.name, True, one.is_made(rung)) for rung in (base, *sounds)]
    return one.digest, (*first, *(PlannedRung(rung.name, False, one.is_made(rung)) for rung in rest))


def is_whole_in_cache(source: Path, *, cache: Path) -> bool:
    """Whether packing this video encodes nothing. Raises `MediaError`."""
    one = _opened(source, cache, None)
    return one.is_seen() and all(one.is_made(rung) for every in one.ladders() for rung in every)


def make_rung(source: Path, name: str, *, cache: Path, progress: Progress | None = None) -> bool:
    """Makes one planned file and judges it; whether the cache had it. Raises `MediaError`."""
    one = _opened(source, cache, progress)
    planned = (*one.rungs(), *ladder.audio_rungs(one.probe))
    rung = next((rung for rung in planned if rung.name == name), None)
    if rung is None:
        raise MediaError(f"{source.name} becomes no {name}: it was changed meanwhile. Pack it again.")
    return one.made(rung)[1]


def encode_video(
    source: Path, *, cache: Path, progress: Progress | None = None, left_out: LeftOut | None = None
) -> EncodedVideo:
    """Makes every rung that is not `left_out`. What cannot be made is said; the rest is as good without it.

    Raises `MediaError` when the source cannot be read, or becomes no picture at all. `progress` is called from the
    threads that do the work.
    """
    one = _opened(source, cache, progress)
    reasons = {name: why for (digest, name), why in (left_out or {}).items() if digest == one.digest}
    rungs, sounds = ([rung for rung in every if rung.name not in reasons] for every in one.ladders())
    failed = {name: why for name, why in reasons.items() if why}
    with ThreadPoolExecutor(WORKERS) as workers:  # in this order: what a phone needs first
        base_made = [workers.submit(one.made, rung) for rung in rungs[:1]]
        sounds_made = [workers.submit(one.made, rung) for rung in sounds]
        video_made = [*base_made, *(workers.submit(one.made, rung) for rung in rungs[1:])]
        poster_made = workers.submit(one.made_poster)
    video, sound = _done(rungs, video_made, failed), _done(sounds, sounds_made, failed)
    poster, poster_reused = poster_made.result()
    if not any(rendition.is_base for rendition, _ in video):
        raise MediaError(next(iter(failed.values()), f"{source.name} has no picture yet."))
    kept, dropped = _worth(_ascending(video), source.stat().st_size)
    played_ms = max(rendition.duration_ms for rendition, _ in (*video, *sound))
    breaks_off = played_ms + SHORT_MS_MAX < one.probe.duration_ms
    reused = poster_reused + sum(was for _, was in (*video, *sound))
    return EncodedVideo(
        duration_ms=played_ms if breaks_off else one.probe.duration_ms,
        video=kept,
        audio=_ascending(sound),
        poster=poster,
        notes=(*_notes(one), *(f"{source.name}: {reason}" for reason in dropped), *_cut(one, breaks_off, played_ms)),
        failed=tuple(f"{source.name} has no {name}, which could not be made: {why}" for name, why in failed.items()),
        following=tuple(f"{source.name} {name}" for name, why in reasons.items() if not why),
        encoded=len(video) + len(sound) + 1 - reused,
        reused=reused,
    )


def _worth(ascending: Sequence[Rendition], source_bytes: int) -> tuple[tuple[Rendition, ...], list[str]]:
    """H.264 is judged by itself, since every phone plays it; then what AV1 saves beside it."""
    base = [one for one in ascending if one.is_base]
    kept, dropped = worth_their_bytes(base, source_bytes) if base else ((), [])
    siblings = {one.height: one for one in kept}
    reasons = {one.name: worth_beside(one, siblings.get(one.height)) for one in ascending if not one.is_base}
    stay = tuple(one for one in ascending if one in kept or reasons.get(one.name) == "")
    return stay, [*dropped, *filter(None, reasons.values())]


Made = tuple[Rendition, bool]  # and whether the cache had it


def _done(rungs: Sequence[Rung], futures: Sequence["Future[Made]"], failed: dict[str, str]) -> list[Made]:
    """What was made; what was not goes to `failed`, by name, with its reason."""
    made = []
    for rung, future in zip(rungs, futures, strict=True):
        try:
            made.append(future.result())
        except MediaError as error:
            failed[rung.name] = str(error)
    return made


def _opened(source: Path, cache: Path, progress: Progress | None) -> "_Source":
    return _Source(source, source_digest(source), probe(source), cache, progress)


@dataclass(frozen=True, slots=True)
class _Source:
    path: Path
    digest: str
    probe: Probe
    cache: Path
    progress: Progress | None

    def rungs(self) -> tuple[Rung, ...]:
        return ladder.video_rungs(self.probe, _seen(self))

    def ladders(self) -> tuple[tuple[Rung, ...], tuple[Rung, ...]]:
        """Of the picture, and of the sound."""
        return self.rungs(), ladder.audio_rungs(self.probe)

    def is_seen(self) -> bool:
        return is_made(self.cache, _seen_key(self), ".txt")

    def is_made(self, rung: Rung) -> bool:
        """Whether it is there, and judged if it is a picture."""
        made = place(self.cache, self._key(rung), ".mp4")
        return made.is_file() and (not rung.height or is_made(self.cache, self._judged_key(made), ".txt"))

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
            whole_ms = self.probe.duration_ms
            score = vmaf(rung, made, self.path, self.probe, lambda _: self._notice(rung.name, whole_ms))
            target.write_text(str(score), encoding="ascii")

        path, _ = made_once(self.cache, self._judged_key(made), ".txt", measure)
        return float(path.read_text(encoding="ascii"))

    def _judged_key(self, made: Path) -> tuple[str, ...]:
        return (self.digest, made.name, "vmaf", str(ladder.RECIPE_VERSION), ffmpeg.version())

    def made_poster(self) -> tuple[Path, bool]:
        return self._file(ladder.poster_rung(self.probe), ".webp")

    def _file(self, rung: Rung, suffix: str) -> tuple[Path, bool]:
        return made_once(self.cache, self._key(rung), suffix, lambda target: self._encode(rung, target))

    def _key(self, rung: Rung) -> tuple[str, ...]:
        recipe = (*rung.before, "-i", *rung.options)
        return (self.digest, rung.name, *recipe, str(ladder.RECIPE_VERSION), ffmpeg.version())

    def _encode(self, rung: Rung, target: Path) -> None:
        recipe = (*rung.options, f"file:{target}")
        seconds = ffmpeg.seconds_max(self.probe.duration_ms)
        ffmpeg.work(self.path, recipe, seconds, before=rung.before, notice=partial(self._notice, rung.name))

    def _notice(self, name: str, done_ms: int) -> None:
        """Once a rung is whole it is judged, and stays at its end as long as that takes."""
        if self.progress:
            total = self.probe.duration_ms
            self.progress(f"{self.path.name} {name}", min(done_ms, total), total)

    def look(self, target: Path) -> None:
        found = features(self.path, self.probe.duration_ms, partial(self._notice, LOOK))
        target.write_text(found.as_text(), encoding="ascii")


def _seen(one: _Source) -> Features:
    """Looked at once for each source: it takes as long as a fast encode."""
    path, _ = made_once(one.cache, _seen_key(one), ".txt", one.look)
    return Features.from_text(path.read_text(encoding="ascii"))


def _seen_key(one: _Source) -> tuple[str, ...]:
    return (one.digest, "features", str(ladder.RECIPE_VERSION), ffmpeg.version())


def _ascending(made: Sequence[Made]) -> tuple[Rendition, ...]:
    return tuple(sorted((one for one, _ in made), key=lambda rendition: (rendition.bytes, -rendition.height)))


def _cut(one: _Source, breaks_off: bool, played_ms: int) -> Iterator[str]:
    if breaks_off:
        yield f"{one.path.name} breaks off after {played_ms // 1000} of {one.probe.duration_ms // 1000} seconds"


def _notes(one: _Source) -> Iterator[str]:
    if not one.probe.sounds:
        yield f"{one.path.name} has no sound"
    if one.probe.sounds > 1:
        yield f"{one.path.name} has {one.probe.sounds} sound tracks; only the first was taken"
