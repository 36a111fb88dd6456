"""The question bank of a backup. Since Moodle 4 a quiz names an entry of it, and an entry has versions."""

from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from offline_bundles.importing.moodle.backup import read_file
from offline_bundles.importing.moodle.fields import value, whole
from offline_bundles.importing.ports import Package

QUESTIONS_FILE = "questions.xml"
DRAFT = "draft"
NO_PARENT = ("", "0")


@dataclass(frozen=True)
class Bank:
    """`contexts`: of a question's category, where its files are listed.

    `used`: the ids that some quiz has taken; `outdated`: those of drafts and of versions that another has followed.
    """

    by_id: dict[str, Element] = field(default_factory=dict)
    by_entry: dict[str, dict[int, Element]] = field(default_factory=dict)
    contexts: dict[str, str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    outdated: set[str] = field(default_factory=set)

    def question(self, name: str) -> Element | None:
        return self.by_id.get(name)

    def of_entry(self, name: str, version: int = 0) -> Element | None:
        """The version asked for; without one the latest, as Moodle takes it."""
        versions = self.by_entry.get(name, {})
        return versions.get(version or max(versions, default=0))

    def unused(self) -> list[Element]:
        """Questions that stand in no quiz; parts of other questions and older versions are none of their own."""
        known = self.used | self.outdated
        return [
            each
            for name, each in self.by_id.items()
            if name not in known and value(each, "parent") in (*NO_PARENT, name)
        ]


def read_bank(package: Package) -> Bank:
    """Raises `BrokenPackage` when the bank is there and cannot be read."""
    bank = Bank()
    if not package.has(QUESTIONS_FILE):
        return bank
    for category in read_file(package, QUESTIONS_FILE).iter("question_category"):
        for question in category.iter("question"):
            if question.get("id") and question.find("qtype") is not None:
                bank.by_id[question.get("id", "")] = question
                bank.contexts[question.get("id", "")] = value(category, "contextid")
        for entry in category.iter("question_bank_entry"):
            _add_entry(bank, entry)
    return bank


def _add_entry(bank: Bank, entry: Element) -> None:
    """Drafts count only where there is nothing else."""
    name = entry.get("id", "")
    listed = list(entry.iter("question_versions"))
    ready = [each for each in listed if value(each, "status") != DRAFT] or listed
    bank.by_entry[name] = {
        whole(each, "version", number): question
        for number, each in enumerate(ready, 1)
        if (question := each.find("questions/question")) is not None
    }
    latest = bank.of_entry(name)
    versions = [question for each in listed if (question := each.find("questions/question")) is not None]
    bank.outdated.update(each.get("id", "") for each in versions if each is not latest)
