"""What a backup says of itself: its course, its sections, the activities in their order.

Source: Moodle's backup format 2, as written by backup/moodle2/backup_stepslib.php. `users.xml` is never read.
"""

from dataclasses import dataclass
from xml.etree.ElementTree import Element

from offline_bundles.errors import BrokenPackage
from offline_bundles.importing.html import plain_text
from offline_bundles.importing.imported import Finding
from offline_bundles.importing.moodle.fields import value, whole
from offline_bundles.importing.ports import Package
from offline_bundles.importing.questions import Item
from offline_bundles.importing.xml import read_xml

BACKUP_FILE = "moodle_backup.xml"
COURSE_FILE = "course/course.xml"
OLD_BACKUP_FILE = "moodle.xml"  # Moodle 1.9 and before: another format
FILE_BYTES_MAX = 64 << 20  # a question bank of 10,000 questions has some 40 MB
SECTIONS_MAX = 500  # a course by the day has 365
MODULES_MAX = 5_000
STRAYS = "Other activities"  # of sections that the backup does not list


@dataclass(frozen=True, slots=True)
class Module:
    """One activity: `kind` is Moodle's word ("page"), `directory` the folder of its files."""

    id: str
    kind: str
    title: str
    directory: str
    section: str
    visible: bool


@dataclass(frozen=True, slots=True)
class Section:
    id: str
    title: str
    summary: str
    visible: bool
    modules: tuple[Module, ...]


@dataclass(frozen=True, slots=True)
class Backup:
    title: str
    summary: str
    language: str
    context: str
    sections: tuple[Section, ...]


def read_file(package: Package, name: str) -> Element:
    """Raises `BrokenPackage`, with the file's name."""
    raw = package.read(name, FILE_BYTES_MAX)
    try:
        return read_xml(raw)
    except BrokenPackage as error:
        raise BrokenPackage(f"{name}: {error}") from error


def read_backup(package: Package, findings: list[Finding]) -> Backup:
    """Raises `BrokenPackage` when there is no course to speak of."""
    if not package.has(BACKUP_FILE):
        raise BrokenPackage("A backup of Moodle 1.9 or before. Restore it in Moodle 2 or later and back it up again.")
    top = read_file(package, BACKUP_FILE)
    course = read_file(package, COURSE_FILE) if package.has(COURSE_FILE) else None
    modules = [_module(each, package, findings) for each in _listed(top, "activities/activity", MODULES_MAX)]
    sections = [_section(each, package, modules, findings) for each in _listed(top, "sections/section", SECTIONS_MAX)]
    strays = tuple(each for each in modules if each.section not in {section.id for section in sections})
    if strays:
        sections.append(Section("none", STRAYS, "", True, strays))
    if not any(section.modules for section in sections):
        raise BrokenPackage("The backup holds no activity. Back the course up again, with its activities.")
    return Backup(
        title=value(course, "fullname") or value(top, "information/original_course_fullname") or package.name,
        summary=value(course, "summary"),
        language=value(course, "lang").replace("_", "-"),
        context=course.get("contextid", "") if course is not None else "",
        sections=tuple(sections),
    )


def _listed(top: Element, path: str, most: int) -> list[Element]:
    found = top.findall(f"information/contents/{path}")
    if len(found) > most:
        raise BrokenPackage(f"The backup lists {len(found)} {path}; at most {most} are read.")
    return found


def _module(listed: Element, package: Package, findings: list[Finding]) -> Module:
    directory, kind = value(listed, "directory"), value(listed, "modulename")
    about = f"{directory}/module.xml"
    visible = True
    if package.has(about):
        try:
            visible = whole(read_file(package, about), "visible", 1) == 1
        except BrokenPackage as error:
            Item(value(listed, "title"), kind, findings).broken(str(error))
    title = plain_text(value(listed, "title")) or kind
    return Module(value(listed, "moduleid"), kind, title, directory, value(listed, "sectionid"), visible)


def _section(listed: Element, package: Package, modules: list[Module], findings: list[Finding]) -> Section:
    """Its modules in the order of its sequence; those that the sequence forgot come last."""
    name, about = value(listed, "sectionid"), None
    try:
        about = read_file(package, f"{value(listed, 'directory')}/section.xml")
    except BrokenPackage as error:
        Item(value(listed, "title") or name, "section", findings).broken(str(error))
    sequence = value(about, "sequence").split(",")
    own = [module for module in modules if module.section == name]
    rank = {module: place for place, module in enumerate(sequence)}
    number = whole(about, "number")
    title = plain_text(value(about, "name")) or (f"Section {number}" if number else "General")
    ordered = tuple(sorted(own, key=lambda module: rank.get(module.id, len(rank))))
    return Section(name, title, value(about, "summary"), whole(about, "visible", 1) == 1, ordered)
