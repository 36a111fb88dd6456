"""Where each file of a package goes in the course folder: once, under a short plain name, by what it is."""

import posixpath
from base64 import b64decode
from dataclasses import dataclass, field
from urllib.parse import unquote, unquote_to_bytes

from offline_bundles.importing.films import Films, Seen
from offline_bundles.importing.imported import Finding, Outcome
from offline_bundles.importing.paths import joined
from offline_bundles.importing.pictures import Judged, Pictures
from offline_bundles.importing.ports import Package
from offline_bundles.importing.questions import Names, slug

RESOURCE_BYTES_MAX = 64 << 20  # what packing takes as one file
VIDEO_BYTES_MAX = 4 << 30  # an hour in full HD; a card's file system ends here too
VIDEO_ENDINGS = (".mp4", ".m4v", ".webm", ".mov", ".mkv", ".ogv", ".avi")
# What a phone opens outside the app. A page or a picture that can run code (HTML, SVG) is not among them.
SOUND_ENDINGS = (".mp3", ".m4a", ".aac", ".ogg", ".oga", ".opus", ".wav", ".flac")
RESOURCE_ENDINGS = {
    *(".pdf", ".epub", ".txt", ".csv", ".tsv", ".md", ".rtf", ".json", ".zip", ".tex", ".srt", ".vtt", ".ipynb"),
    *(".doc", ".docx", ".odt", ".xls", ".xlsx", ".ods", ".ppt", ".pptx", ".odp", ".key", ".h5p", ".gpx", ".py"),
    *(*SOUND_ENDINGS, ".png", ".jpg", ".jpeg", ".gif", ".webp"),
}
WAYS_TO_A_PAGE = ("", "/README.md", "/index.md", "/index.html", ".md", ".html")


@dataclass
class Shelf:
    """`copies`: paths in the folder, and the package's files that go there. `written`: pictures out of pages."""

    package: Package
    pictures: Pictures
    films: Films
    copies: dict[str, str] = field(default_factory=dict)
    written: dict[str, bytes] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    _placed: dict[tuple[str, str], str] = field(default_factory=dict)
    _names: dict[str, Names] = field(default_factory=dict)

    def find(self, outcome: Outcome, where: str, kind: str, why: str, about: str = "") -> None:
        self.findings.append(Finding(outcome, where, kind, why, about=about))

    def name(self, room: str, wanted: str, otherwise: str) -> str:
        """A name in one folder of the course that nothing else has there."""
        return self._names.setdefault(room, Names()).new(slug(wanted), otherwise)

    def lookup(self, base: str, link: str) -> str:
        """The package's file that a link means, or ""."""
        found = joined(base, link)
        if not found:
            return ""
        return next((found + way for way in WAYS_TO_A_PAGE if self.package.has(found + way)), "")

    def put(self, room: str, source: str, ending: str = "") -> str:
        """The path in the folder of one of the package's files."""
        if (room, source) not in self._placed:
            stem, own = posixpath.splitext(posixpath.basename(source))
            path = f"{room}/{self.name(room, stem, room.rstrip('s'))}{ending or own.lower()}"
            self._placed[room, source] = path
            self.copies[path] = source
        return self._placed[room, source]

    def put_picture(self, where: str, source: str) -> str:
        """The path in the folder, or "" and a finding."""
        judged = self.pictures.judge(source)
        if judged.why:
            self.find(Outcome.DROPPED, where, "picture", f"the picture {source} stays behind: {judged.why}.", source)
            return ""
        if judged.drawn:
            stem = posixpath.splitext(posixpath.basename(source))[0]
            return self._put_drawing(where, judged, stem)
        return self.put("pictures", source, judged.ending)

    def put_inline(self, where: str, address: str) -> str:
        """A picture that a page holds in its own text (`data:`); the path in the folder, or "" and a finding."""
        raw = inline_bytes(address)
        judged = self.pictures.judge_bytes(raw)
        if judged.why:
            self.find(Outcome.DROPPED, where, "picture", f"a picture written into the page stays behind: {judged.why}.")
            return ""
        return (
            self._put_drawing(where, judged, "inline")
            if judged.drawn
            else self._put_written(raw, "inline", judged.ending)
        )

    def _put_drawing(self, where: str, judged: Judged, name: str) -> str:
        if judged.lost:
            self.find(Outcome.DEGRADED, where, "picture", f"of its SVG {name}, {judged.lost} are left out.")
        return self._put_written(judged.drawn, name, judged.ending)

    def _put_written(self, raw: bytes, name: str, ending: str) -> str:
        path = next((path for path, known in self.written.items() if known == raw), "")
        path = path or f"pictures/{self.name('pictures', name, 'picture')}{ending}"
        self.written[path] = raw
        return path

    def refusal(self, source: str) -> str:
        """Why a file cannot be an activity of its own, or ""."""
        ending = posixpath.splitext(source)[1].lower()
        most = VIDEO_BYTES_MAX if is_video(source) else RESOURCE_BYTES_MAX
        if not is_video(source) and ending not in RESOURCE_ENDINGS:
            return f"a file of the kind {ending or 'without an ending'} is not opened on a phone"
        if self.package.size(source) > most:
            return f"it has more than {most >> 20} MB"
        return self.seen(source).why if self.package.size(source) else "it is empty"

    def seen(self, source: str) -> Seen:
        """What a glance at a film or a recording says; of other files nothing."""
        if is_video(source):
            return self.films.judge_film(source)
        return self.films.judge_recording(source) if source.lower().endswith(SOUND_ENDINGS) else Seen()

    def take_along(self, where: str, source: str) -> str:
        """The path in the folder of a file that is an activity of its own; what it has lost is told."""
        room, kind = ("media", "video") if is_video(source) else ("files", "file")
        if (room, source) not in self._placed and (lost := self.seen(source).lost):
            self.find(Outcome.DEGRADED, where, kind, f"{source} {lost}.", source)
        return self.put(room, source)


def inline_bytes(address: str) -> bytes:
    """What a `data:` address holds; nothing when it is broken."""
    head, _, body = address.partition(",")
    try:
        return b64decode(unquote(body)) if head.endswith(";base64") else unquote_to_bytes(body)
    except ValueError:
        return b""


def is_video(source: str) -> bool:
    return source.lower().endswith(VIDEO_ENDINGS)
