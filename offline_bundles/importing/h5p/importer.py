"""An `.h5p` package as a course: `h5p.json` names the content type, `content/content.json` holds what it shows."""

from collections.abc import Iterator, Mapping
from typing import Any

from offline_bundles.course.fields import LANGUAGE
from offline_bundles.errors import BrokenPackage
from offline_bundles.importing.h5p.content import (
    CONTENT_BYTES_MAX,
    CONTENT_FILE,
    H5P_BYTES_MAX,
    H5P_FILE,
    LIBRARY,
    Content,
    mappings,
    read_json,
    text,
)
from offline_bundles.importing.h5p.flow import Flow
from offline_bundles.importing.h5p.trail import Trail
from offline_bundles.importing.html import plain_text
from offline_bundles.importing.imported import Finding, ImportedCourse, Lesson, Outcome
from offline_bundles.importing.ports import Package
from offline_bundles.importing.questions import slug

UNKNOWN_LANGUAGE = "und"  # BCP 47: undetermined
UNDISCLOSED = "U"  # H5P's word for a licence that no one named


class H5pImporter:
    form = "H5P"

    def recognises(self, package: Package) -> bool:
        return package.has(H5P_FILE)

    def read(self, package: Package) -> ImportedCourse:
        """Raises `BrokenPackage` when the package is none, or holds nothing that could be taken."""
        about = read_json(package, H5P_FILE, H5P_BYTES_MAX)
        top = _top(about, read_json(package, CONTENT_FILE, CONTENT_BYTES_MAX))
        trail = Trail(package).inside(top.title)
        lessons = tuple(lesson for lesson in _lessons(top, trail) if lesson.activities)
        if not lessons:
            raise BrokenPackage(_nothing(top, trail.findings))
        return ImportedCourse(
            form=self.form,
            id=slug(top.title) or "h5p",
            title=top.title,
            language=_language(about),
            description=plain_text(top.text("bookCover", "coverDescription")),
            lessons=lessons,
            licence=_licence(about),
            attribution=_attribution(about),
            findings=tuple(trail.findings),
        )


def _top(about: Mapping[str, Any], params: Mapping[str, Any]) -> Content:
    library = text(about, "mainLibrary")
    if not LIBRARY.fullmatch(library):
        raise BrokenPackage(f"{H5P_FILE} names no mainLibrary, so its kind is unknown. Save it once more in H5P.")
    return Content(library, params, plain_text(text(about, "title")) or "H5P")


def _lessons(top: Content, trail: Trail) -> Iterator[Lesson]:
    if top.library != "H5P.InteractiveBook":
        yield _lesson(top, "lesson-1", trail)
        return
    if top.mapping("bookCover", "coverMedium", "params"):
        trail.item(top.library).dropped("the picture or film on its cover is left out")
    for number, chapter in enumerate(top.contents("chapters"), 1):
        yield _lesson(chapter, f"chapter-{number}", trail)


def _lesson(found: Content, name: str, trail: Trail) -> Lesson:
    flow = Flow(trail, plain_text(found.title) or name)
    flow.add(found, trail)
    flow.end()
    return Lesson(name, flow.title, tuple(flow.activities))


def _nothing(top: Content, findings: list[Finding]) -> str:
    lost = [each for each in findings if each.outcome is not Outcome.DEGRADED]
    whys = "; ".join(f"{each.kind}: {each.why}" for each in lost[:3]) or "it is empty"
    return f"The package holds {top.library}, and nothing in it could be taken. {whys}."


def _language(about: Mapping[str, Any]) -> str:
    for named in (text(about, "language"), text(about, "defaultLanguage")):
        if LANGUAGE.fullmatch(named) and named != UNKNOWN_LANGUAGE:
            return named
    return UNKNOWN_LANGUAGE


def _licence(about: Mapping[str, Any]) -> str:
    named = text(about, "license")
    return "" if named == UNDISCLOSED else " ".join(filter(None, [named, text(about, "licenseVersion")]))


def _attribution(about: Mapping[str, Any]) -> str:
    names = ", ".join(filter(None, (text(each, "name") for each in mappings(about, "authors"))))
    return plain_text("\n".join(filter(None, [names, text(about, "source"), text(about, "licenseExtras")])))
