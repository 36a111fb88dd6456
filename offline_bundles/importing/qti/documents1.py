"""A QTI 1.2 document: tests, banks and loose items, each of them a quiz here."""

from collections.abc import Iterator
from itertools import islice
from xml.etree.ElementTree import Element

from offline_bundles.errors import BrokenPackage
from offline_bundles.importing.html import plain_text
from offline_bundles.importing.qti.asking import Quizzing
from offline_bundles.importing.qti.documents import (
    DOCUMENT_BYTES_MAX,
    attribute,
    child,
    children,
    name_of,
    read_document,
    text_of,
    within,
)
from offline_bundles.importing.qti.items1 import metadata_of, read_item
from offline_bundles.importing.qti.mapping1 import questions_of
from offline_bundles.importing.qti.quizzes import ITEMS_MAX, ReadQuiz, Shelved, attempts_of
from offline_bundles.importing.questions import shortened

BANK = "objectbank"
BANKS = "non_cc_assessments"  # where Canvas keeps them
EXAM = "cc.exam.v0p1"
ABSENT = {
    "bankentry_item": "it is taken from a question bank that is not in the package",
    "itemref": "it refers to an item that is not in the document",
    "sectionref": "it refers to a section that is not in the document",
}
LABEL_CHARACTERS_MAX = 50


def quizzes1(shelved: Shelved, root: Element, base: str, title: str) -> Iterator[ReadQuiz]:
    """`base`: the document's folder. `title` is for one that gives none. What does not come out is a finding."""
    for held in children(root, "assessment", BANK):
        yield _quiz(shelved, held, base, attribute(held, "title") or metadata_of(held).get("bank_title") or title)
    if children(root, "section", "item"):
        first = next(iter(children(root, "item")), None)
        alone = first is not None and len(children(root, "section", "item")) == 1
        yield _quiz(shelved, root, base, (attribute(first, "title") if alone and first is not None else "") or title)


def _quiz(shelved: Shelved, held: Element, base: str, title: str) -> ReadQuiz:
    quizzing = shelved.quizzing(base)
    metadata = metadata_of(held)
    if metadata.get("qmd_timelimit") or metadata.get("cc_timelimit") or child(held, "duration") is not None:
        quizzing.asking(title, name_of(held), title).item.degraded("its time limit is not kept")
    questions = []
    bank = name_of(held) == BANK
    for number, item in enumerate(_items(quizzing, held, title), 1):
        if bank and attribute(item, "ident") in shelved.asked:
            continue
        if number > ITEMS_MAX:
            quizzing.asking(title, "assessment", title).item.dropped(f"only its first {ITEMS_MAX} items are read")
            break
        found = read_item(item)
        shelved.asked.add(found.metadata.get("assessment_question_identifierref", ""))
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
            yield from _section(quizzing, part, title)
        elif tag in ABSENT:
            ident = attribute(part, "item_ref") or attribute(part, "linkrefid")
            quizzing.asking(f"{title}: {ident}", tag, title).item.broken(ABSENT[tag])


def _section(quizzing: Quizzing, section: Element, title: str) -> Iterator[Element]:
    """A section's items; where it draws some of them, or from a bank, all that it could draw."""
    selection = next(
        (each for part in children(section, "selection_ordering") for each in within(part, "selection")), None
    )
    items = [*_items(quizzing, section, title)]
    if selection is None:
        yield from items
        return
    name = attribute(section, "title") or attribute(section, "ident")
    item = quizzing.asking(f"{title}: {name}", "section", name).item
    bank = text_of(child(selection, "sourcebank_ref"))
    if bank and not items:
        items = _banked(quizzing, bank)
    if bank and not items:
        item.broken("its questions are drawn from a question bank that is not in the package")
    drawn = text_of(child(selection, "selection_number"))
    if items and drawn.isascii() and drawn.isdigit() and drawn != str(len(items)):
        item.degraded(f"{drawn} of its {len(items)} questions were drawn for each learner; now all are asked")
    yield from items


def _banked(quizzing: Quizzing, bank: str) -> list[Element]:
    path = quizzing.files.place(f"{BANKS}/{bank}.xml.qti")
    if not path:
        return []
    try:
        root = read_document(quizzing.files.read(path, DOCUMENT_BYTES_MAX))
    except BrokenPackage:
        return []  # whoever reads the bank itself says what is wrong with it
    return list(islice(within(root, "item"), ITEMS_MAX))
