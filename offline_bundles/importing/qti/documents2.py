"""Documents of QTI 2.x and 3.0: a test with the items that it refers to, or items alone."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from offline_bundles.errors import BrokenPackage
from offline_bundles.importing.html import plain_text
from offline_bundles.importing.imported import Question
from offline_bundles.importing.paths import joined
from offline_bundles.importing.ports import Package
from offline_bundles.importing.qti.asking import Quizzing
from offline_bundles.importing.qti.documents import (
    DOCUMENT_BYTES_MAX,
    attribute,
    child,
    children,
    name_of,
    read_document,
    within,
)
from offline_bundles.importing.qti.items2 import read_item
from offline_bundles.importing.qti.mapping2 import questions_of
from offline_bundles.importing.qti.markup import inner_html
from offline_bundles.importing.qti.quizzes import ReadQuiz, Shelved, attempts_of
from offline_bundles.importing.questions import shortened

TEST, ITEM, SECTION, STIMULUS = "assessmentTest", "assessmentItem", "assessmentSection", "assessmentStimulus"
LABEL_CHARACTERS_MAX = 50


@dataclass(slots=True)
class Tests2:
    """All tests of one package; `used` are the items that stood in one, `stimuli` the texts that items are about."""

    shelved: Shelved
    used: set[str] = field(default_factory=set)
    sections: set[str] = field(default_factory=set)
    stimuli: set[str] = field(default_factory=set)

    @property
    def package(self) -> Package:
        return self.shelved.files.package

    def quiz(self, test: Element, path: str) -> ReadQuiz:
        title = attribute(test, "title") or attribute(test, "identifier") or path
        quizzing = self.shelved.quizzing()
        questions = [question for each in self._parts(quizzing, test, path, title) for question in each]
        if any(attribute(limit, "maxTime") for limit in within(test, "timeLimits")):
            quizzing.asking(title, TEST, title).item.degraded("its time limit is not kept")
        control = next(within(test, "itemSessionControl"), None)
        attempts = "" if control is None else attribute(control, "maxAttempts")
        return ReadQuiz(
            attribute(test, "identifier"),
            title,
            tuple(questions),
            tuple(quizzing.pages),
            attempts=attempts_of(attempts),
        )

    def loose(self, items: list[str], title: str) -> ReadQuiz:
        """Items that no test refers to."""
        quizzing = self.shelved.quizzing()
        questions = []
        for number, path in enumerate(items, 1):
            questions += self._item(quizzing, path, f"{title}, {number}")
        return ReadQuiz("", title, tuple(questions), tuple(quizzing.pages))

    def _parts(self, quizzing: Quizzing, held: Element, path: str, title: str) -> Iterator[list[Question]]:
        """Of a test or a section of it, in `path`: the questions of each item that it refers to, at any depth."""
        for part in within(held, SECTION, "assessmentItemRef", "assessmentSectionRef"):
            where = f"{title}, {len(self.used) + 1}"
            if name_of(part) == SECTION:
                self._tell_of_choice(quizzing, part, title)
                continue
            found = joined(path.rpartition("/")[0], attribute(part, "href"))
            if not found or not self.package.has(found):
                why = f"it refers to {attribute(part, 'href') or 'nothing'}, which is not in the package"
                quizzing.asking(f"{where}: {attribute(part, 'identifier')}", name_of(part), title).item.broken(why)
            elif name_of(part) == "assessmentItemRef":
                yield self._item(quizzing, found, where)
            elif found not in self.sections:  # each once: a section might refer to itself
                self.sections.add(found)
                section = self._read(quizzing, found, where)
                yield from () if section is None else self._parts(quizzing, section, found, title)

    def _tell_of_choice(self, quizzing: Quizzing, section: Element, title: str) -> None:
        selection = child(section, "selection")
        drawn = "" if selection is None else attribute(selection, "select")
        if drawn:
            there = sum(1 for _ in within(section, "assessmentItemRef"))
            why = f"{drawn} of its {there} questions were drawn for each learner; now all are asked"
            quizzing.asking(f"{title}: {attribute(section, 'title')}", "section", title).item.degraded(why)

    def _read(self, quizzing: Quizzing, path: str, where: str) -> Element | None:
        try:
            return read_document(self.shelved.files.read(path, DOCUMENT_BYTES_MAX))
        except BrokenPackage as error:
            quizzing.asking(f"{where}: {path}", "file", path).item.broken(str(error))
            return None

    def _item(self, quizzing: Quizzing, path: str, where: str) -> list[Question]:
        self.used.add(path)
        element = self._read(quizzing, path, where)
        if element is None:
            return []
        if name_of(element) != ITEM:
            quizzing.asking(f"{where}: {path}", name_of(element), path).item.dropped("it is no item of QTI 2 or 3")
            return []
        found = read_item(element)
        label = shortened(plain_text(found.html) or found.title, LABEL_CHARACTERS_MAX)
        self._stimuli(quizzing, element, path.rpartition("/")[0], f"{where}: {label}")
        quizzing.files = quizzing.files.at(path.rpartition("/")[0])
        kind = " and ".join(dict.fromkeys(each.kind for each in found.interactions)) or ITEM
        return questions_of(quizzing.asking(f"{where}: {label}", kind, found.title or label), found)

    def _stimuli(self, quizzing: Quizzing, item: Element, folder: str, where: str) -> None:
        """The texts that an item is about, of QTI 3: each a page before the quiz, once for all items that share it."""
        for ref in children(item, f"{STIMULUS}Ref"):
            address = attribute(ref, "href")
            found = joined(folder, address)
            asking = quizzing.asking(where, STIMULUS, attribute(ref, "title"))
            if not self.package.has(found):
                asking.item.broken(f"the text that it is about, {address or 'without a name'}, is not in the package")
                continue
            asking.item.degraded("the text that it is about is a page before the quiz")
            if found not in self.stimuli:
                self.stimuli.add(found)
                self._stimulus_page(quizzing, found, where)

    def _stimulus_page(self, quizzing: Quizzing, path: str, where: str) -> None:
        text = self._read(quizzing, path, where)
        if text is not None:
            quizzing.files = quizzing.files.at(path.rpartition("/")[0])
            title = attribute(text, "title") or path
            quizzing.asking(where, STIMULUS, title).page(inner_html(child(text, "stimulusBody")))
