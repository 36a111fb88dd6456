"""MathML on one line, as people type it: a fraction as (a)/(b), a power as a^b. Source: MathML 3, chapter 3."""

from collections.abc import Callable
from xml.etree.ElementTree import Element

from offline_bundles.errors import BrokenPackage
from offline_bundles.importing.xml import escaped, local, read_xml

OPENING, CLOSING = "<math", "</math>"
FORMULA_CHARACTERS_MAX = 20_000  # the longest of real courses has some 3,000
TEX = "application/x-tex"


def linear(element: Element) -> str:
    """The formula's own TeX where it carries it, in dollars; else what its elements mean."""
    tex = next((each.text for each in element.iter() if each.get("encoding") == TEX), None)
    return f"${tex.strip()}$" if tex else _linear(element)


def _linear(element: Element) -> str:
    tag = local(element.tag)
    parts = [_linear(part) for part in element]
    if tag in ("annotation", "annotation-xml"):
        return ""
    if tag in WRITTEN and len(parts) >= WRITTEN[tag][0]:
        return WRITTEN[tag][1](parts)
    return " ".join(filter(None, [(element.text or "").strip(), *parts]))


def _grouped(part: str) -> str:
    return part if len(part) < 2 or part.isalnum() else f"({part})"


WRITTEN: dict[str, tuple[int, Callable[[list[str]], str]]] = {
    "mfrac": (2, lambda parts: f"{_grouped(parts[0])}/{_grouped(parts[1])}"),
    "msup": (2, lambda parts: f"{_grouped(parts[0])}^{_grouped(parts[1])}"),
    "msub": (2, lambda parts: f"{_grouped(parts[0])}_{_grouped(parts[1])}"),
    "msubsup": (3, lambda parts: f"{_grouped(parts[0])}_{_grouped(parts[1])}^{_grouped(parts[2])}"),
    "munder": (2, lambda parts: f"{_grouped(parts[0])}_{_grouped(parts[1])}"),
    "mover": (2, lambda parts: f"{_grouped(parts[0])}^{_grouped(parts[1])}"),
    "munderover": (3, lambda parts: f"{_grouped(parts[0])}_{_grouped(parts[1])}^{_grouped(parts[2])}"),
    "msqrt": (1, lambda parts: f"√({' '.join(parts)})"),
    "mroot": (2, lambda parts: f"root {_grouped(parts[1])} of ({parts[0]})"),
    "mfenced": (1, lambda parts: f"({', '.join(parts)})"),
}


def without_mathml(fragment: str) -> str:
    """HTML with each formula on one line; one that is no XML stays as it is. Linear in the fragment's length."""
    written, at = [], 0
    while (start := fragment.find(OPENING, at)) >= 0:
        end = fragment.find(CLOSING, start)
        if end < 0:
            break
        end += len(CLOSING)
        written += [fragment[at:start], _formula(fragment[start:end])]
        at = end
    return "".join([*written, fragment[at:]])


def _formula(markup: str) -> str:
    if len(markup) > FORMULA_CHARACTERS_MAX:
        return markup
    try:
        return f" {escaped(linear(read_xml(markup.encode(errors='replace'))))} "
    except BrokenPackage:
        return markup
