"""Which importer a package is for. Each looks at names and a few first bytes; the first that knows it reads it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from offline_bundles.card.layout import INDEX_NAME
from offline_bundles.course.reading import COURSE_FILE
from offline_bundles.errors import BrokenPackage
from offline_bundles.importing.cartridge import CartridgeImporter
from offline_bundles.importing.gift import GiftImporter
from offline_bundles.importing.h5p import H5pImporter
from offline_bundles.importing.imported import ImportedCourse
from offline_bundles.importing.kolibri import KolibriImporter
from offline_bundles.importing.kolibri.drive import with_its_storage
from offline_bundles.importing.loose import LooseImporter
from offline_bundles.importing.markdown import MarkdownImporter
from offline_bundles.importing.moodle import MoodleImporter
from offline_bundles.importing.olx import OlxImporter
from offline_bundles.importing.packages import open_package
from offline_bundles.importing.ports import Importer, Package
from offline_bundles.importing.qti import QtiImporter

# The narrow ones first: what names itself is asked before what is known by its endings alone.
IMPORTERS: tuple[Importer, ...] = (
    MoodleImporter(),
    H5pImporter(),
    KolibriImporter(),
    OlxImporter(),
    CartridgeImporter(),
    QtiImporter(),
    GiftImporter(),
    MarkdownImporter(),
    LooseImporter(),
)
ARCHIVES = (".zip", ".imscc", ".mbz", ".h5p", ".tar.gz", ".tgz")
PACKAGES_SHOWN = 5
MANIFEST = "imsmanifest.xml"
LISTS = {MANIFEST, "course.xml", "library.xml", "moodle_backup.xml", "h5p.json"}  # each names the rest of its course
PARTS = (".xml", ".json", ".html", ".htm")  # what courses are written in, and no course by itself
SCORM = (b"adlcp", b"ADL SCORM")  # its namespace, and what its schema calls itself
HEAD_BYTES = 8_192  # where a manifest names its schema
# What is Tiffin's own already, and the command for it.
OWN = {
    COURSE_FILE: "is a course folder already. Pack it: tiffin pack FOLDER.",
    INDEX_NAME: "is a card with packed courses. Take them: tiffin take FILE.",
}


def importer_of(package: Package) -> Importer:
    """Raises `BrokenPackage` when no importer knows it."""
    for name, what in OWN.items():
        if package.has(name):
            raise BrokenPackage(f"{package.name} {what}")
    for importer in IMPORTERS:
        if importer.recognises(package):
            return importer
    if what := _active_kind(package):
        raise BrokenPackage(
            f"{package.name} is a {what} package: HTML and scripts that report to a running server. No code of a "
            "course is run here, so nothing of it can come in. Give what it was made from: pages, videos, questions."
        )
    inner = [name for name in package.names() if name.lower().endswith(ARCHIVES)]
    if len(package.names()) == len(inner) == 1:
        raise BrokenPackage(f"{inner[0]} is named like an archive and is none, or is damaged. Get or export it again.")
    if inner:
        shown = ", ".join(inner[:PACKAGES_SHOWN])
        raise BrokenPackage(f"{package.name} holds {len(inner)} packages and no course itself. Import one, as {shown}.")
    known = ", ".join(importer.form for importer in IMPORTERS)
    alone = package.names()[0] if len(package.names()) == 1 else package.name
    raise BrokenPackage(
        f"{alone} is no course of a kind that is known here: {known}. {_beside(alone)}See docs/import.md."
    )


def _beside(name: str) -> str:
    """Somebody who unpacked a course may name a part of it."""
    return f"If {name} is a part of a course, give the folder that holds the course. " if name.endswith(PARTS) else ""


def _active_kind(package: Package) -> str:
    """SCORM and cmi5 have manifests of their own."""
    if any(name.lower().endswith("cmi5.xml") for name in package.names()):
        return "cmi5"
    if not package.has(MANIFEST):
        return ""
    with package.open(MANIFEST) as file:
        return "SCORM" if any(sign in file.read(HEAD_BYTES) for sign in SCORM) else ""


@contextmanager
def open_course(path: Path) -> Iterator[tuple[ImportedCourse, Package]]:
    """The course, and the package in which its places are: what `plan_folder` takes. Raises `BrokenPackage`."""
    if path.name in LISTS and path.is_file():
        raise BrokenPackage(f"{path.name} only lists what a course is made of. Give the folder that it lies in.")
    with open_package(path) as opened:
        package = with_its_storage(path, opened)
        importer = importer_of(package)
        # A Moodle backup calls its files by their digests; its importer's places are the names that teachers gave.
        named = importer.opened(package) if isinstance(importer, MoodleImporter) else package
        yield importer.read(named), named


def import_course(path: Path) -> ImportedCourse:
    """Reads any known package. Raises `BrokenPackage`."""
    with open_course(path) as (course, _):
        return course
