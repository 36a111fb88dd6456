"""One film and the files that it becomes, in a cache: looked at, encoded and judged, each once.

Invariant: the same source gives the same bytes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from offline_bundles.media import ffmpeg, ladder
from offline_bundles.media.boxes import fragments
from offline_bundles.media.cached import is_made, made_once, place, source_digest
from offline_bundles.media.encoded import Rendition
from offline_bundles.media.features import Features, features
from offline_bundles.media.ladder import Rung
from offline_bundles.media.probe import Probe, probe
from offline_bundles.media.quality import vmaf

LOOK = "is looked at"  # beside a film's name, where progress names a rung otherwise
Progress = Callable[[str, int, int], None]  # what is being made, milliseconds done, milliseconds in all
Made = tuple[Rendition, bool]  # and whether the cache had it


@dataclass(frozen=True, slots=True)
class PlannedRung:
    """A file that a video becomes. `first`: nothing is worth publishing without it; `made`: the cache has it.

    `work_ms`: how much of the film is gone through for it.
    """

    name: str
    first: bool
    made: bool
    work_ms: int


def open_film(source: Path, *, cache: Path, progress: Progress | None = None) -> "Film":
    """Reads it through once for its digest. Raises `MediaError` for what is no video."""
    return Film(source, source_digest(source), probe(source), cache, progress)


@dataclass(frozen=True, slots=True)
class Film:
    """`digest` is of the source's bytes; `progress` is told of whatever is made."""

    path: Path
    digest: str
    probe: Probe
    cache: Path
    progress: Progress | None

    def rungs(self) -> tuple[Rung, ...]:
        return ladder.video_rungs(self.probe, self._seen())

    def ladders(self) -> tuple[tuple[Rung, ...], tuple[Rung, ...]]:
        """Of the picture, and of the sound."""
        return self.rungs(), ladder.audio_rungs(self.probe)

    def plan(self) -> tuple[PlannedRung, ...]:
        """What it becomes, in the order of need; it is looked at for that. Raises `MediaError`."""
        (base, *rest), sounds = self.ladders()
        first = [self._planned(rung, first=True) for rung in (base, *sounds)]
        return (*first, *(self._planned(rung, first=False) for rung in rest))

    def _planned(self, rung: Rung, *, first: bool) -> PlannedRung:
        return PlannedRung(rung.name, first, self.is_made(rung), self.work_ms(rung))

    def work_ms(self, rung: Rung) -> int:
        """A picture is encoded, and then compared with its source, which takes about as long."""
        return self.probe.duration_ms * (2 if rung.height else 1)

    @property
    def unseen_ms(self) -> int:
        """How much of it is still to be looked at: all of it, or nothing."""
        return 0 if is_made(self.cache, self._seen_key(), ".txt") else self.probe.duration_ms

    def is_made(self, rung: Rung) -> bool:
        """Whether it is there, and judged if it is a picture."""
        made = place(self.cache, self._key(rung), ".mp4")
        return made.is_file() and (not rung.height or is_made(self.cache, self._judged_key(made), ".txt"))

    def made(self, rung: Rung) -> Made:
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
            encoded_ms = self.probe.duration_ms
            score = vmaf(rung, made, self.path, self.probe, lambda done_ms: self._notice(rung, encoded_ms + done_ms))
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
        ffmpeg.work(self.path, recipe, seconds, before=rung.before, notice=partial(self._notice, rung))

    def _notice(self, rung: Rung, done_ms: int) -> None:
        self._tell(rung.name, done_ms, self.work_ms(rung))

    def _notice_look(self, done_ms: int) -> None:
        self._tell(LOOK, done_ms, self.probe.duration_ms)

    def _tell(self, what: str, done_ms: int, total_ms: int) -> None:
        if self.progress:
            self.progress(f"{self.path.name} {what}", min(done_ms, total_ms), total_ms)

    def _seen(self) -> Features:
        """Looked at once for each source: it takes as long as a fast encode."""
        path, _ = made_once(self.cache, self._seen_key(), ".txt", self._look, partial(self._notice_look, 0))
        return Features.from_text(path.read_text(encoding="ascii"))

    def _seen_key(self) -> tuple[str, ...]:
        return (self.digest, "features", str(ladder.RECIPE_VERSION), ffmpeg.version())

    def _look(self, target: Path) -> None:
        found = features(self.path, self.probe.duration_ms, self._notice_look)
        target.write_text(found.as_text(), encoding="ascii")
