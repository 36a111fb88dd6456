"""A Moodle course backup as a course: a section is a lesson, its activities follow in their order."""

from collections.abc import Iterator
from dataclasses import replace

from offline_bundles.errors import BrokenPackage
from offline_bundles.importing.html import plain_text
from offline_bundles.importing.imported import Activity, ImportedCourse, Lesson, Page
from offline_bundles.importing.moodle.activities import READERS, REASONS, UNKNOWN
from offline_bundles.importing.moodle.backup import (
    BACKUP_FILE,
    OLD_BACKUP_FILE,
    Backup,
    Module,
    Section,
    read_backup,
    read_file,
)
from offline_bundles.importing.moodle.bank import Bank, read_bank
from offline_bundles.importing.moodle.course import Opened, Reading, with_links
from offline_bundles.importing.moodle.fields import value
from offline_bundles.importing.moodle.pool import area_of, with_given_names, with_places
from offline_bundles.importing.ports import Package
from offline_bundles.importing.questions import Item, slug

NO_BANK = "question bank"


class MoodleImporter:
    form = "Moodle course backup"

    def recognises(self, package: Package) -> bool:
        return package.has(BACKUP_FILE) or package.has(OLD_BACKUP_FILE)

    def opened(self, package: Package) -> Package:
        """The package in which the places of the course are to be found: files under their given names."""
        return with_given_names(package)

    def read(self, package: Package) -> ImportedCourse:
        """Places are names in `opened(package)`. Raises `BrokenPackage` when there is nothing to learn in it."""
        named = with_given_names(package)
        reading = Reading(named, Bank())
        backup = read_backup(named, reading.findings)
        reading = _with_bank(reading)
        for path, fault in named.faults:
            Item(path, "file", reading.findings).broken(fault)
        lessons = tuple(lesson for each in backup.sections for lesson in _lesson(each, backup, reading))
        _tell_unused(reading)
        if not lessons:
            raise BrokenPackage("Nothing in this backup could be taken: no page, file, quiz or book that learners see.")
        return ImportedCourse(
            form=self.form,
            id=slug(backup.title) or "moodle-course",
            title=plain_text(backup.title),
            language=backup.language or "und",
            lessons=lessons,
            description=plain_text(backup.summary),
            findings=tuple(reading.findings),
        )


def _with_bank(reading: Reading) -> Reading:
    try:
        bank = read_bank(reading.package)
    except BrokenPackage as error:
        Item(NO_BANK, NO_BANK, reading.findings).broken(str(error))
        return reading
    return replace(reading, bank=bank)


def _lesson(section: Section, backup: Backup, reading: Reading) -> Iterator[Lesson]:
    if not section.visible:
        _tell_hidden(section, reading)
        return
    activities: list[Activity] = [*_summary(section, backup, reading)]
    for module in section.modules:
        activities += _activities(module, section, reading)
    if activities:
        yield Lesson(f"section-{section.id}", section.title, tuple(activities))


def _tell_hidden(section: Section, reading: Reading) -> None:
    Item(section.title, "section", reading.findings).dropped("it is hidden from learners")
    for module in section.modules:
        Item(f"{section.title} / {module.title}", module.kind, reading.findings).dropped("its section is hidden")


def _summary(section: Section, backup: Backup, reading: Reading) -> Iterator[Page]:
    area = area_of(backup.context, "course", "section", section.id)
    body = with_links(with_places(section.summary, area))
    if plain_text(body) or "<img" in body:
        yield Page(reading.names.new(f"section-{section.id}-summary", "page"), section.title, body)


def _activities(module: Module, section: Section, reading: Reading) -> list[Activity]:
    item = Item(f"{section.title} / {module.title}", module.kind, reading.findings)
    if not module.visible:
        item.dropped("it is hidden from learners")
        return []
    if module.kind not in READERS:
        item.dropped(REASONS.get(module.kind, UNKNOWN))
        return []
    try:
        top = read_file(reading.package, f"{module.directory}/{module.kind}.xml")
    except BrokenPackage as error:
        item.broken(str(error))
        return []
    element = top.find(module.kind)
    if element is None:
        item.broken("its file holds no activity of this kind")
        return []
    return READERS[module.kind](Opened(module, element, top.get("contextid", ""), reading, item))


def _tell_unused(reading: Reading) -> None:
    for each in reading.bank.unused():
        where = f"{NO_BANK} / {plain_text(value(each, 'name')) or each.get('id', '')}"
        Item(where, value(each, "qtype"), reading.findings).dropped("it stands in no quiz of the course")
