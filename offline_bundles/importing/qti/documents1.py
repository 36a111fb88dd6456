"""A QTI 1.2 document: tests, banks and loose items, each of them a quiz here."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from offline_bundles.importing.html import plain_text
from offline_bundles.importing.qti.asking import Quizzing
from offline_bundles.importing.qti.documents import attribute, child, children, name_of, text_of, within
from offline_bundles.importing.qti.items1 import metadata_of, read_item
from offline_bundles.importing.qti.mapping1 import questions_of
from offline_bundles.importing.qti.quizzes import ITEMS_MAX, ReadQuiz, Shelved, attempts_of
from offline_bundles.importing.questions import shortened

EXAM = "cc.exam.v0p1"
ABSENT = {
    "bankentry_item": "it is taken from a question bank that is not in the package",
    "itemref": "it refers to an item that is not in the document",
    "sectionref": "it refers to a section that is not in the document",
}
LABEL_CHARACTERS_MAX = 50


def quizzes1(shelved: Shelved, root: Element, base: str, title: str) -> Iterator[ReadQuiz]:
    """`base`: the document's folder. `title` is for one that gives none. What does not come out is a finding."""
    for held in children(root, "assessment", "objectbank"):
        yield _quiz(shelved, held, base, attribute(held, "title") or metadata_of(held).get("bank_title") or title)
    if children(root, "section", "item"):
        first = next(iter(children(root, "item")), None)
        alone = first is not None and len(children(root, "section", "item")) == 1
        yield _quiz(shelved, root, base, (attribute(first, "title") if alone and first is not None else "") or title)


def _quiz(shelved: Shelved, held: Element, base: str, title: str) -> ReadQuiz:
    quizzing = shelved.quizzing(base)
    metadata = metadata_of(held)
    questions = []
    for number, item in enumerate(_items(quizzing, held, title), 1):
        if number > ITEMS_MAX:
            quizzing.asking(title, "assessment", title).item.dropped(f"only its first {ITEMS_MAX} items are read")
            break
        found = read_item(item)
        label = shortened(plain_text(found.html) or found.title, LABEL_CHARACTERS_MAX)
        questions += questions_of(quizzing.asking(f"{title}, {number}: {label}", found.kind, label or title), found)
    return ReadQuiz(
        ident=attribute(held, "ident"),
        title=title,
        questions=tuple(questions),
        pages=tuple(quizzing.pages),
        graded=metadata.get("cc_profile") == EXAM,
        attempts=attempts_of(metadata.get("cc_maxattempts", "")),
    )


def _items(quizzing: Quizzing, held: Element, title: str) -> Iterator[Element]:
    """Every item at any depth of sections; what a section leaves to chance or to a bank is a finding."""
    for part in held:
        tag = name_of(part)
        if tag == "item":
            yield part
        elif tag == "section":
            _tell_of_choice(quizzing, part, title)
            yield from _items(quizzing, part, title)
        elif tag in ABSENT:
            ident = attribute(part, "item_ref") or attribute(part, "linkrefid")
            quizzing.asking(f"{title}: {ident}", tag, title).item.broken(ABSENT[tag])


def _tell_of_choice(quizzing: Quizzing, section: Element, title: str) -> None:
    """A section may draw some of its items, or all of them from a bank."""
    selection = next(within(section, "selection"), None)
    if selection is None or child(section, "selection_ordering") is None:
        return
    name = attribute(section, "title") or attribute(section, "ident")
    item = quizzing.asking(f"{title}: {name}", "section", name).item
    drawn, there = text_of(child(selection, "selection_number")), len(children(section, "item"))
    if child(selection, "sourcebank_ref") is not None and not there:
        item.broken("its questions are drawn from a question bank that is not in the package")
    elif drawn.isascii() and drawn.isdigit() and drawn != str(there):
        item.degraded(f"{drawn} of its {there} questions were drawn for each learner; now all are asked")
