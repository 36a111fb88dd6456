"""A video in, its ladder out: rungs are made side by side, and only those that are not in the cache.

Invariants: the same source gives the same bytes; a second call encodes nothing; no rendition that is dropped here
was better than one that stays.
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from offline_bundles.errors import MediaError
from offline_bundles.media import ladder
from offline_bundles.media.encoded import EncodedVideo, Rendition
from offline_bundles.media.film import Film, Made, Progress, open_film
from offline_bundles.media.ladder import Rung
from offline_bundles.media.worth import worth_beside, worth_their_bytes

WORKERS = 2  # processes of ffmpeg at a time, a rung each: a small laptop's cores, and one thread for each rung
SHORT_MS_MAX = 2_000  # a rendition may end a frame or two before its source; a file that was cut ends long before
LeftOut = Mapping[tuple[str, str], str]  # by source's digest and rung's name: why it is not made, "" when it follows


def is_whole_in_cache(source: Path, *, cache: Path) -> bool:
    """Whether packing this video encodes nothing. Raises `MediaError`."""
    one = open_film(source, cache=cache)
    return not one.unseen_ms and all(one.is_made(rung) for every in one.ladders() for rung in every)


def make_rung(source: Path, name: str, *, cache: Path, progress: Progress | None = None) -> bool:
    """Makes one planned file and judges it; whether the cache had it. Raises `MediaError`."""
    one = open_film(source, cache=cache, progress=progress)
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
    one = open_film(source, cache=cache, progress=progress)
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


def _done(rungs: Sequence[Rung], futures: Sequence["Future[Made]"], failed: dict[str, str]) -> list[Made]:
    """What was made; what was not goes to `failed`, by name, with its reason."""
    made = []
    for rung, future in zip(rungs, futures, strict=True):
        try:
            made.append(future.result())
        except MediaError as error:
            failed[rung.name] = str(error)
    return made


def _ascending(made: Sequence[Made]) -> tuple[Rendition, ...]:
    return tuple(sorted((one for one, _ in made), key=lambda rendition: (rendition.bytes, -rendition.height)))


def _cut(one: Film, breaks_off: bool, played_ms: int) -> Iterator[str]:
    if breaks_off:
        yield f"{one.path.name} breaks off after {played_ms // 1000} of {one.probe.duration_ms // 1000} seconds"


def _notes(one: Film) -> Iterator[str]:
    if not one.probe.sounds:
        yield f"{one.path.name} has no sound"
    if one.probe.sounds > 1:
        yield f"{one.path.name} has {one.probe.sounds} sound tracks; only the first was taken"
