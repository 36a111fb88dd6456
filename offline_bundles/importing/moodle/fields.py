"""Members of a backup's XML. Moodle writes `$@NULL@$` where its database had nothing."""

import re
from fractions import Fraction
from xml.etree.ElementTree import Element

from offline_bundles.quiz.numbers import read_number

NULL = "$@NULL@$"
WHOLE = re.compile(r"-?\d{1,15}")
SCIENTIFIC = re.compile(r"([+-]?\d{1,20}(?:\.\d{1,20})?)[eE]([+-]?\d{1,2})")


def value(element: Element | None, path: str) -> str:
    """The text of a member, or nothing."""
    found = element.findtext(path, "").strip() if element is not None else ""
    return "" if found == NULL else found


def whole(element: Element | None, path: str, default: int = 0) -> int:
    found = value(element, path)
    return int(found) if WHOLE.fullmatch(found) else default


def share(element: Element | None, path: str) -> Fraction:
    return number(value(element, path)) or Fraction(0)


def number(written: str) -> Fraction | None:
    """A decimal, or one with a small exponent. Bounded: 1e999999999 would fill the memory."""
    scientific = SCIENTIFIC.fullmatch(written)
    if scientific:
        return Fraction(scientific[1]) * Fraction(10) ** int(scientific[2])
    plain = read_number(written)
    return Fraction(plain) if plain is not None else None
