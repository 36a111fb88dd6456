"""What the reading of one backup shares: the package, the bank, the names given, and what was found."""

import re
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from offline_bundles.importing.imported import Finding, Page
from offline_bundles.importing.moodle.backup import Module
from offline_bundles.importing.moodle.bank import Bank
from offline_bundles.importing.moodle.fields import value
from offline_bundles.importing.moodle.pool import NamedPackage, area_of, with_places
from offline_bundles.importing.questions import Item, Names

COURSE_LINK = re.compile(r"[^\"'\s>]*\$@([A-Z]{1,20})VIEWBYID\*(\d{1,15})@\$[^\"'\s<]*")


@dataclass(frozen=True)
class Reading:
    package: NamedPackage
    bank: Bank
    findings: list[Finding] = field(default_factory=list)
    names: Names = field(default_factory=Names)
    question_names: Names = field(default_factory=Names)


@dataclass(frozen=True)
class Opened:
    """One activity: `element` is what its own XML holds, `context` what its files are listed under."""

    module: Module
    element: Element
    context: str
    reading: Reading
    item: Item

    @property
    def id(self) -> str:
        return module_name(self.module)

    def value(self, path: str) -> str:
        return value(self.element, path)

    def area(self, area: str, item: str = "0") -> str:
        return area_of(self.context, f"mod_{self.module.kind}", area, item)

    def html(self, path: str, area: str, item: str = "0") -> str:
        """A member that is HTML, its addresses in the package."""
        return self.placed(self.value(path), area, item)

    def placed(self, fragment: str, area: str, item: str = "0") -> str:
        return with_links(with_places(fragment, self.area(area, item)))

    def page(self, name: str, title: str, body: str) -> Page:
        return Page(self.reading.names.new(name, "page"), title, body)


def module_name(module: Module) -> str:
    """The id that an activity's first part gets, so that links can name it before it is read."""
    return f"{module.kind}-{module.id}"


def with_links(fragment: str) -> str:
    """Links from one activity to another, in the form that the course model has for them."""
    return COURSE_LINK.sub(lambda found: f"activity:{found[1].lower()}-{found[2]}", fragment)
