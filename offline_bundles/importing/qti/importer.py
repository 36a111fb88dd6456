"""QTI by itself: a package with a manifest, a folder of documents, or one document, as a course of one lesson."""

import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from offline_bundles.course.fields import LANGUAGE
from offline_bundles.errors import BrokenPackage
from offline_bundles.importing.imported import Activity, ImportedCourse, Lesson
from offline_bundles.importing.manifests import (
    XML_LANGUAGE,
    Manifest,
    manifest_path,
    manifest_start,
    read_manifest,
    strays,
)
from offline_bundles.importing.ports import Package
from offline_bundles.importing.qti.asking import Files
from offline_bundles.importing.qti.documents import DOCUMENT_BYTES_MAX, name_of, read_document
from offline_bundles.importing.qti.documents1 import quizzes1
from offline_bundles.importing.qti.documents2 import ITEM, SECTION, STIMULUS, TEST, Tests2
from offline_bundles.importing.qti.quizzes import ReadQuiz, Shelved, activities_of
from offline_bundles.importing.questions import Item, Names

UNKNOWN_LANGUAGE = "und"  # BCP 47's word for a language that nobody named
ENDINGS = (".xml", ".qti")
ROOTS = ("<questestinterop", "<assessmentItem", "<assessmentTest", "<qti-assessment-item", "<qti-assessment-test")
ROOT1 = "questestinterop"
START_BYTES = 4_096
RECOGNISED_FILES_MAX = 200  # looked into before a folder is said to hold no QTI
SILENT_ENDINGS = (".xml", ".qti", ".css", ".xsd", ".dtd", ".js")  # what a question is made of, not what it shows
RICHER = "non_cc_assessments"  # where Canvas keeps a test as it is, beside the poorer one that the standard allows


@dataclass(slots=True)
class _Reading:
    """One import of documents; `languages` are those that they name."""

    package: Package
    shelved: Shelved
    languages: list[str] = field(default_factory=list)
    stimuli: list[str] = field(default_factory=list)

    def document(self, path: str) -> Element | None:
        """The root of a QTI document; None for another's, and a finding for what cannot be read."""
        try:
            root = read_document(self.shelved.files.read(path, DOCUMENT_BYTES_MAX))
        except BrokenPackage as error:
            Item(path, "file", self.shelved.findings).broken(str(error))
            return None
        language = root.get(XML_LANGUAGE, "")
        self.languages += [language] if LANGUAGE.fullmatch(language) else []
        if name_of(root) in (ROOT1, TEST, ITEM):
            return root
        if name_of(root) == STIMULUS:  # read where an item refers to it
            self.stimuli.append(path)
        elif name_of(root) != SECTION:  # a section is read where its test refers to it
            Item(path, name_of(root), self.shelved.findings).dropped("it is no test and no item of QTI")
        return None


class QtiImporter:
    form = "QTI"

    def recognises(self, package: Package) -> bool:
        if manifest_path(package):
            return "imsqti" in manifest_start(package)
        return any(_is_qti(package, name) for name in _documents(package)[:RECOGNISED_FILES_MAX])

    def read(self, package: Package) -> ImportedCourse:
        reading = _Reading(package, Shelved(Files(package)))
        manifest = read_manifest(package) if manifest_path(package) else None
        quizzes = [quiz for quiz in _quizzes(reading, _named(reading)) if quiz.questions or quiz.pages]
        if not quizzes:
            why = reading.shelved.findings[0].why if reading.shelved.findings else "no document of it is QTI"
            raise BrokenPackage(f"{package.name} holds no question that can be read: {why}.")
        _tell_of_unused(reading, manifest)
        for stray in strays(package, manifest) if manifest else ():
            Item(stray, "file", reading.shelved.findings).dropped("it lies beside the package, not in it")
        title = (manifest.title if manifest else "") or (quizzes[0].title if len(quizzes) == 1 else package.name)
        activities: list[Activity] = []
        for quiz in quizzes:
            activities += activities_of(quiz, reading.shelved.names)
        return ImportedCourse(
            form=self.form,
            id=Names().new(package.name, "qti"),
            title=title,
            language=next(iter(reading.languages), UNKNOWN_LANGUAGE),
            lessons=(Lesson(Names().new(title, "lesson"), title, tuple(activities)),),
            attribution=manifest.rights if manifest else "",
            findings=tuple(reading.shelved.findings),
        )


def _tell_of_unused(reading: _Reading, manifest: Manifest | None) -> None:
    """Files that the manifest lists for a question, but that no question shows."""
    for resource in manifest.resources.values() if manifest else ():
        for name in resource.files:
            shown = name in reading.shelved.files.used or name == resource.href or name.lower().endswith(SILENT_ENDINGS)
            if reading.package.has(name) and not shown:
                Item(name, "file", reading.shelved.findings).dropped("no question shows it")


def _documents(package: Package) -> list[str]:
    """Candidates by their endings, each test of Canvas once, in its richer form."""
    names = [name for name in package.names() if name.lower().endswith(ENDINGS)]
    richer = {posixpath.basename(name).partition(".")[0] for name in names if RICHER in name.split("/")}
    return [name for name in names if posixpath.basename(posixpath.dirname(name)) not in richer]


def _is_qti(package: Package, name: str) -> bool:
    with package.open(name) as file:
        start = file.read(START_BYTES).decode("utf-8", "replace")
    return any(root in start for root in ROOTS)


def _named(reading: _Reading) -> list[str]:
    """The documents of a package: those that its manifest names, where it has one."""
    package = reading.package
    if not manifest_path(package):
        return [name for name in _documents(package) if _is_qti(package, name)]
    found: list[str] = []
    for resource in read_manifest(package).resources.values():
        if not resource.kind.startswith("imsqti"):
            continue
        for missing in resource.missing:
            why = f"it names {missing}, which the package does not hold"
            Item(resource.ident, resource.kind, reading.shelved.findings).broken(why)
        path = resource.href or next((name for name in resource.files if name.endswith(ENDINGS)), "")
        found += [path] if path and package.has(path) else []
    return list(dict.fromkeys(found))


def _quizzes(reading: _Reading, paths: Sequence[str]) -> Iterator[ReadQuiz]:
    """Tests first, so that the items which no test asks for are known; they make a quiz of their own."""
    tests = Tests2(reading.shelved)
    items: list[str] = []
    for path in paths:
        root = reading.document(path)
        if root is None:
            continue
        if name_of(root) == TEST:
            yield tests.quiz(root, path)
        elif name_of(root) == ITEM:
            items.append(path)
        else:
            yield from quizzes1(
                reading.shelved, root, posixpath.dirname(path), posixpath.splitext(posixpath.basename(path))[0]
            )
    loose = [path for path in items if path not in tests.used]
    if loose:
        yield tests.loose(loose, reading.package.name)
    for path in reading.stimuli:
        if path not in tests.stimuli:
            Item(path, STIMULUS, reading.shelved.findings).dropped("no question is about this text")
