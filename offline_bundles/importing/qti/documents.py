"""QTI's XML in one vocabulary: names without their namespaces, QTI 3's as QTI 2 spells them.

QTI 3.0 writes `qti-choice-interaction` and `max-choices` where 2.x writes `choiceInteraction` and `maxChoices`; beyond
that they are alike, and one reader does for both (1EdTech, QTI 3.0 best practice, "Mapping QTI 2.x to 3.0").
"""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from offline_bundles.importing.xml import local, read_xml

DOCUMENT_BYTES_MAX = 16 << 20  # a bank of some thousand items
PROLOG_BYTES = 8_192
# QTI 1.2 documents may carry declarations of elements, which change nothing; those of entities are refused below.
DECLARATIONS = re.compile(
    rb"<!DOCTYPE[^\[>]{0,300}\[(?:[^\]<]|<!--(?:[^-]|-(?!->)){0,2000}-->|<!(?:ELEMENT|ATTLIST)[^>\]]{0,2000}>)*\]\s*>"
)


def read_document(raw: bytes) -> Element:
    """The root. Raises `BrokenPackage`."""
    start, rest = raw[:PROLOG_BYTES], raw[PROLOG_BYTES:]
    return read_xml(DECLARATIONS.sub(b"", start, count=1) + rest, DOCUMENT_BYTES_MAX)


def name_of(element: Element) -> str:
    """`choiceInteraction`, whether the document says so or `qti-choice-interaction`."""
    return camel(local(element.tag).removeprefix("qti-"))


def camel(written: str) -> str:
    first, *others = written.split("-")
    return first + "".join(other[:1].upper() + other[1:] for other in others)


def attribute(element: Element, name: str, default: str = "") -> str:
    """By QTI 2's spelling; QTI 3's is found as well."""
    value = element.get(name)
    if value is None:
        value = element.get(re.sub(r"[A-Z]", lambda letter: f"-{letter[0].lower()}", name))
    return default if value is None else value


def children(element: Element, *names: str) -> list[Element]:
    return [child for child in element if name_of(child) in names]


def child(element: Element | None, name: str) -> Element | None:
    return None if element is None else next(iter(children(element, name)), None)


def within(element: Element, *names: str) -> Iterator[Element]:
    """Elements of these names at any depth, in the document's order, the element itself included."""
    return (found for found in element.iter() if name_of(found) in names)


def text_of(element: Element | None) -> str:
    """All text in an element, white space folded."""
    return "" if element is None else " ".join("".join(element.itertext()).split())
