"""A folder of videos and papers as lessons: each folder one, its files in the order of their names.

Captions go to the video whose name they begin with; captions without a video become a page to read.
"""

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from offline_bundles.errors import BrokenPackage
from offline_bundles.importing.imported import (
    Activity,
    Finding,
    ImportedCourse,
    Lesson,
    Outcome,
    Page,
    Resource,
    Video,
)
from offline_bundles.importing.languages import tag_of
from offline_bundles.importing.ports import Package
from offline_bundles.importing.questions import Names
from offline_bundles.importing.shelf import RESOURCE_ENDINGS, is_video
from offline_bundles.importing.titles import LICENCES, licence, natural, spoken
from offline_bundles.importing.transcripts import transcript

CAPTIONS = (".vtt", ".srt")
PAPERS = {".pdf", ".epub", ".docx", ".doc", ".odt", ".pptx", ".ppt", ".odp", ".mp3", ".m4a", ".ogg", ".opus", ".wav"}
# A course of another kind, whose videos alone would not be the course.
OF_OTHERS = {"imsmanifest.xml", "cmi5.xml", "tincan.xml", "moodle_backup.xml", "h5p.json", "course.yaml"}
LANGUAGE_AT_END = re.compile(r"[._-]([a-z]{2,3}(?:-[A-Z]{2})?)$")
MAIN = "en"  # of captions that name no language, and of titles; to be mended in course.yaml
BEST_FIRST = (".mp4", ".m4v", ".webm")  # of the same film in several forms


class LooseImporter:
    form = "Videos and papers"

    def recognises(self, package: Package) -> bool:
        """The last to be asked: many packages hold a video or a PDF."""
        if any(posixpath.basename(name) in OF_OTHERS for name in package.names()):
            return False
        return any(_kind(name) in ("video", "captions") or _ending(name) in PAPERS for name in package.names())

    def read(self, package: Package) -> ImportedCourse:
        """Raises `BrokenPackage` when nothing in it can be learnt from."""
        findings: list[Finding] = []
        names = sorted(package.names(), key=lambda name: (natural(posixpath.dirname(name)), natural(name)))
        names = [name for name in names if _is_taken(name, findings)]
        reader = _Reader(package, findings)
        lessons = [reader.lesson(folder, list(files)) for folder, files in groupby(names, key=posixpath.dirname)]
        lessons = [lesson for lesson in lessons if lesson.activities]
        if not lessons:
            raise BrokenPackage(f"{package.name} holds no video, no captions and no paper that can be read.")
        return ImportedCourse(
            form=self.form,
            id=package.name,
            title=spoken(package.name),
            language=MAIN,
            lessons=tuple(lessons),
            licence=licence(package),
            findings=tuple(findings),
        )


def _ending(name: str) -> str:
    return posixpath.splitext(name)[1].lower()


def _kind(name: str) -> str:
    if is_video(name):
        return "video"
    if name.lower().endswith(CAPTIONS):
        return "captions"
    return "file" if _ending(name) in RESOURCE_ENDINGS else ""


def _is_taken(name: str, findings: list[Finding]) -> bool:
    base = posixpath.basename(name)
    about = base in LICENCES or re.fullmatch(r"[A-Z][A-Z_-]+\.md", base)
    if about or not _kind(name):
        why = "it is about the folder itself." if about else "a file of this kind is not opened on a phone."
        findings.append(Finding(Outcome.DROPPED, name, "file", why))
    return not about and bool(_kind(name))


@dataclass
class _Reader:
    package: Package
    findings: list[Finding]
    names: Names = field(default_factory=Names)

    def lesson(self, folder: str, files: Sequence[str]) -> Lesson:
        activities = tuple(self._activities(files))
        return Lesson(folder or self.package.name, spoken(folder or self.package.name), activities)

    def _activities(self, files: Sequence[str]) -> Iterator[Activity]:
        films = self._films([name for name in files if _kind(name) == "video"])
        captions = [name for name in files if _kind(name) == "captions"]
        for name in files:
            if name in films:
                mine = [each for each in captions if _belongs(each, name)]
                yield Video(self._named(name), _title(name), name, _by_language(mine))
                captions = [each for each in captions if each not in mine]
            elif _kind(name) == "file":
                yield Resource(self._named(name), _title(name), name)
        for stem, alone in groupby(captions, key=lambda each: _apart(each)[0]):
            yield from self._page(stem, _by_language(list(alone)))

    def _films(self, videos: Sequence[str]) -> set[str]:
        """One file of each film; the same in another form is named and left."""
        kept: dict[str, str] = {}
        for name in sorted(videos, key=lambda each: (_ending(each) not in BEST_FIRST, _ending(each))):
            stem = posixpath.splitext(name)[0]
            if kept.setdefault(stem, name) != name:
                why = f"{posixpath.basename(kept[stem])} is the same film in another form."
                self.findings.append(Finding(Outcome.DROPPED, name, "video", why))
        return set(kept.values())

    def _named(self, name: str) -> str:
        return self.names.new(posixpath.splitext(posixpath.basename(name))[0], "file")

    def _page(self, stem: str, by_language: Mapping[str, str]) -> Iterator[Page]:
        """What captions say, where their video is not there."""
        texts = {language: text for language, each in by_language.items() if (text := transcript(self.package, each))}
        for language, name in by_language.items():
            lost = language not in texts
            why = "it holds no captions that can be read." if lost else "its video is not there: it is a page to read."
            outcome = Outcome.DROPPED if lost else Outcome.DEGRADED
            self.findings.append(Finding(outcome, name, "captions", why))
        if not texts:
            return
        first = MAIN if MAIN in texts else next(iter(texts))
        pages = {language: Page("", spoken(stem), text) for language, text in texts.items()}
        own = pages.pop(first)
        yield replace(own, id=self._named(f"{stem}.vtt"), translations=pages)


def _title(name: str) -> str:
    return spoken(posixpath.splitext(name)[0])


def _apart(captions: str) -> tuple[str, str]:
    """The name without its language, and the language."""
    stem = posixpath.splitext(captions)[0]
    found = LANGUAGE_AT_END.search(stem)
    return (stem[: found.start()], tag_of(found[1])) if found else (stem, MAIN)


def _belongs(captions: str, video: str) -> bool:
    stem = posixpath.splitext(video)[0]
    return stem in (posixpath.splitext(captions)[0], _apart(captions)[0])


def _by_language(captions: Sequence[str]) -> dict[str, str]:
    return {_apart(each)[1]: each for each in reversed(captions)}
