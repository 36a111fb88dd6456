"""XML of strangers: no DTD, no entities of its own, bounded in bytes, elements and depth. Source: XML 1.0, section 4.4.

A DOCTYPE that only points to an outer file is passed over, unread: QTI 1.2 comes with one.
"""

import re
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, tostring

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import XMLParser

from offline_bundles.errors import BrokenPackage

XML_BYTES_MAX = 64 << 20  # a Moodle question bank of 10,000 questions has some 40 MB
ELEMENTS_MAX = 2_000_000  # what 64 MB of real XML holds at most
DEPTH_MAX = 200  # pages nest some 40 deep; recursion over a tree stays far from Python's limit
OUTER_DOCTYPE = re.compile(rb"""<!DOCTYPE\s+[\w:.-]+(?:\s+(?:SYSTEM|PUBLIC)(?:\s+(?:"[^"<>\[]*"|'[^'<>\[]*'))+)?\s*>""")
PROLOG_BYTES = 4_096


class _BoundedBuilder(TreeBuilder):
    """Counts while the tree grows, so that nothing unbounded is ever held."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = self._elements = 0

    def start(self, tag: str, attrs: dict[str, str], /) -> Element:
        self._depth += 1
        self._elements += 1
        if self._depth > DEPTH_MAX or self._elements > ELEMENTS_MAX:
            raise BrokenPackage(f"XML more than {DEPTH_MAX} deep or of more than {ELEMENTS_MAX} elements.")
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> Element:
        self._depth -= 1
        return super().end(tag)


def read_xml(raw: bytes, bytes_max: int = XML_BYTES_MAX) -> Element:
    """The root element, comments left out. Raises `BrokenPackage` with what is wrong, and at which line."""
    if len(raw) > bytes_max:
        raise BrokenPackage(f"XML of {len(raw) >> 20} MB; at most {bytes_max >> 20} MB are read.")
    doctype = OUTER_DOCTYPE.search(raw, 0, PROLOG_BYTES)
    if doctype:
        raw = raw[: doctype.start()] + raw[doctype.end() :]
    parser = XMLParser(target=_BoundedBuilder(), forbid_dtd=True, forbid_entities=True, forbid_external=True)
    try:
        parser.feed(raw)
        root: Element = parser.close()
    except DefusedXmlException as error:
        raise BrokenPackage("XML with a DTD or entities of its own, which are not read. Export it without.") from error
    except (ParseError, ValueError, LookupError) as error:
        raise BrokenPackage(f"no XML that can be read: {error}.") from error
    return root


def inner_xml(element: Element) -> str:
    """What stands inside an element, as written: for XML that carries HTML."""
    return escaped(element.text or "") + "".join(tostring(child, "unicode") for child in element)


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def local(tag: str) -> str:
    """A tag without its namespace."""
    return tag.rpartition("}")[2]
