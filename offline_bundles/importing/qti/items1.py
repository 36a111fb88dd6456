"""A QTI 1.2 item taken apart: what it asks, where answers go, how they are judged. What it means is `mapping1`'s.

Source: IMS QTI ASI XML binding 1.2; Common Cartridge 1.3, section 4 (its profile); Canvas' exports.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from offline_bundles.importing.qti.documents import attribute, child, children, name_of, text_of, within
from offline_bundles.importing.qti.markup import BLANK, html_of
from offline_bundles.importing.qti.scoring import Processing
from offline_bundles.importing.xml import escaped

RESPONSES = {"response_lid", "response_str", "response_num", "response_xy", "response_grp"}
MATERIALS = {"material", "material_ref"}
EMBEDDED = {"mataudio": "audio", "matvideo": "video", "matapplet": "object", "matapplication": "object"}
RENDERINGS = ("render_choice", "render_fib", "render_hotspot", "render_slider", "render_extension", "ims_render_object")


@dataclass(frozen=True)
class Option:
    """`settings`: the label's attributes, where newer Canvas keeps how a blank is compared."""

    ident: str
    html: str
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Response:
    """One place for an answer. `kind`: "lid" picks options, "str" and "num" are typed, "xy" points, "grp" groups."""

    ident: str
    kind: str
    cardinality: str
    html: str
    options: tuple[Option, ...]
    rendering: str
    typed: str


@dataclass(frozen=True)
class Item1:
    """`html`: what stands outside the responses; typed ones among it leave a gap."""

    ident: str
    title: str
    metadata: Mapping[str, str]
    html: str
    responses: tuple[Response, ...]
    processing: Processing
    feedback: Mapping[str, str]
    element: Element

    @property
    def kind(self) -> str:
        """The source's own word for it."""
        return self.metadata.get("question_type") or self.metadata.get("cc_profile") or "item"


def metadata_of(element: Element) -> dict[str, str]:
    """Canvas' and Common Cartridge's label-and-entry pairs, below `itemmetadata` or straight below an assessment."""
    found: dict[str, str] = {}
    for metadata in children(element, "itemmetadata", "qtimetadata"):
        for pair in within(metadata, "qtimetadatafield"):
            found.setdefault(text_of(child(pair, "fieldlabel")), text_of(child(pair, "fieldentry")))
        for each in metadata:
            if not len(each):
                found.setdefault(name_of(each), text_of(each))
    return found


def read_item(element: Element) -> Item1:
    pieces: list[str | Response] = []
    for presentation in children(element, "presentation"):
        _walk(presentation, pieces)
    said = {attribute(each, "ident"): materials(each) for each in within(element, "itemfeedback")}
    return Item1(
        ident=attribute(element, "ident"),
        title=attribute(element, "title"),
        metadata=metadata_of(element),
        html=_joined(pieces),
        responses=tuple(piece for piece in pieces if isinstance(piece, Response)),
        processing=Processing.of(element),
        feedback=said,
        element=element,
    )


def _walk(element: Element, pieces: list[str | Response]) -> None:
    for part in element:
        tag = name_of(part)
        if tag in MATERIALS:
            pieces.append(material(part))
        elif tag in RESPONSES:
            pieces.append(_response(part))
        else:
            _walk(part, pieces)


def _joined(pieces: list[str | Response]) -> str:
    """A typed answer leaves a gap where text goes on behind it; several gaps are numbered."""
    gaps = sum(_is_gap(piece) for piece in pieces)
    last_text = max((at for at, piece in enumerate(pieces) if isinstance(piece, str)), default=-1)
    written, number = list[str](), 0
    for at, piece in enumerate(pieces):
        if isinstance(piece, str):
            written.append(piece)
        elif _is_gap(piece) and (gaps > 1 or at < last_text):
            number += 1
            written.append(f" {BLANK} ({number}) " if gaps > 1 else f" {BLANK} ")
    return "".join(written)


def _is_gap(piece: str | Response) -> bool:
    return isinstance(piece, Response) and piece.rendering == "render_fib"


def _response(element: Element) -> Response:
    rendering = next((name_of(each) for each in within(element, *RENDERINGS)), "")
    typed = next((attribute(each, "fibtype") for each in within(element, "render_fib")), "")
    labels = [
        Option(attribute(label, "ident"), materials(label), dict(label.attrib))
        for label in within(element, "response_label")
    ]
    own: list[str] = []
    _own_materials(element, own)
    return Response(
        ident=attribute(element, "ident"),
        kind=name_of(element).removeprefix("response_"),
        cardinality=attribute(element, "rcardinality", "Single").lower(),
        html="".join(own),
        options=tuple(labels),
        rendering=rendering,
        typed=typed.lower(),
    )


def _own_materials(element: Element, found: list[str]) -> None:
    for part in element:
        if name_of(part) in MATERIALS:
            found.append(material(part))
        elif name_of(part) != "response_label":
            _own_materials(part, found)


def materials(element: Element) -> str:
    return "".join(material(each) for each in within(element, "material"))


def material(element: Element) -> str:
    """One `material` as HTML, in a paragraph of its own unless it is a run of text."""
    return "".join(_matter(part) for part in element)


def _matter(part: Element) -> str:
    tag, address = name_of(part), escaped(attribute(part, "uri")).replace('"', "&quot;")
    if tag in ("mattext", "matemtext"):
        html = attribute(part, "texttype", "text/plain").lower() == "text/html"
        text = part.text or ""
        return (text if html or len(part) else escaped(text)) + html_of(part)
    if tag == "matimage":
        return f'<img src="{address}" alt="{escaped(attribute(part, "label"))}">'
    if tag in EMBEDDED:
        return f'<{EMBEDDED[tag]} src="{address}">'
    return "<br>" if tag == "matbreak" else ""
