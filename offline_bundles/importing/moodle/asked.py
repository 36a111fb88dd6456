"""One question of the bank as a quiz asks it."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from xml.etree.ElementTree import Element

from offline_bundles.importing.imported import Question
from offline_bundles.importing.moodle.bank import Bank
from offline_bundles.importing.moodle.fields import value
from offline_bundles.importing.prompts import Place
from offline_bundles.importing.questions import Item


@dataclass(frozen=True)
class Asked:
    """One question of the bank, at its place in a quiz. `points`: what the quiz gives for it."""

    element: Element
    item: Item
    bank: Bank
    place: Place
    points: Fraction

    @property
    def kind(self) -> str:
        return value(self.element, "qtype")

    @property
    def plugin(self) -> Element | None:
        return self.element.find(f"plugin_qtype_{self.kind}_question")

    def listed(self, path: str) -> list[Element]:
        return self.plugin.findall(path) if self.plugin is not None else []


Read = Callable[[Asked, Question], list[Question]]
