"""What QTI says to a learner, as HTML: XHTML as it stands, MathML on one line, gaps where an answer is typed."""

from collections.abc import Callable, Iterable
from xml.etree.ElementTree import Element

from offline_bundles.importing.mathml import linear
from offline_bundles.importing.qti.documents import attribute, name_of
from offline_bundles.importing.xml import escaped

BLANK = "_____"
VOID = {"br", "hr", "img"}
Shown = Callable[[Element], str | None]


def html_of(elements: Iterable[Element], shown: Shown = lambda element: None) -> str:
    """The elements one after the other, with what follows each. `shown` may say what stands for an element instead."""
    return "".join(_one(element, shown) + escaped(element.tail or "") for element in elements)


def inner_html(element: Element | None, shown: Shown = lambda element: None) -> str:
    """What stands inside an element."""
    return "" if element is None else escaped(element.text or "") + html_of(element, shown)


def _one(element: Element, shown: Shown) -> str:
    instead = shown(element)
    if instead is not None:
        return instead
    tag = name_of(element)
    if tag == "math":
        return f" {escaped(linear(element))} "
    if tag == "printedVariable":
        return BLANK
    written = {"object": _object, "img": _image}.get(tag)
    if written:
        return written(element)
    inner = escaped(element.text or "") + html_of(element, shown)
    return f"<{tag}>{inner}</{tag}>" if tag not in VOID else f"<{tag}>"


def _image(element: Element) -> str:
    return f'<img src="{_quoted(attribute(element, "src"))}" alt="{_quoted(attribute(element, "alt"))}">'


def _object(element: Element) -> str:
    """QTI 2 shows pictures by `object`; sound and video stay objects, so that their loss is seen."""
    kind, address = attribute(element, "type"), _quoted(attribute(element, "data"))
    if kind.startswith("image/"):
        return f'<img src="{address}" alt="{_quoted("".join(element.itertext()).strip())}">'
    tag = "video" if kind.startswith("video/") else "audio" if kind.startswith("audio/") else "object"
    return f'<{tag} src="{address}"></{tag}>'


def _quoted(text: str) -> str:
    return escaped(text).replace('"', "&quot;")
