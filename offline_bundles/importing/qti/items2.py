"""An item of QTI 2.x or 3.0 taken apart: its declarations, its body, its interactions. What it means is `mapping2`'s.

Source: 1EdTech, QTI 2.2 and QTI 3.0 assessment, section and item information models.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import islice
from xml.etree.ElementTree import Element

from offline_bundles.importing.qti.documents import attribute, child, children, name_of, text_of, within
from offline_bundles.importing.qti.markup import BLANK, inner_html
from offline_bundles.importing.qti.scoring import number

INLINE = {"textEntryInteraction", "inlineChoiceInteraction"}
UNSEEN = {"rubricBlock", "templateBlock", "templateInline", "feedbackBlock", "feedbackInline", "modalFeedback"}
INTERACTIONS_MAX = 50  # of one item; tests that people take have some 20 gaps in a text
SILENT = {"endAttemptInteraction", "stylesheet", "catalogInfo", "companionMaterialsInfo"}
MAP_RESPONSE = "map_response"


@dataclass(frozen=True, slots=True)
class Declaration:
    """A response's right values, in their order, and what each value gives; `default` is what any other gives."""

    correct: tuple[str, ...] = ()
    mapped: Mapping[str, Fraction] = field(default_factory=dict)
    default: Fraction = Fraction(0)
    cardinality: str = "single"
    base_type: str = "identifier"
    exact_case: bool = False


@dataclass(frozen=True)
class Interaction:
    """`declaration` is empty where the item has none for it."""

    kind: str
    element: Element
    ident: str
    declaration: Declaration


@dataclass(frozen=True)
class Item2:
    """`html`: the body without its interactions; where one stands within a text it leaves a gap."""

    ident: str
    title: str
    html: str
    interactions: tuple[Interaction, ...]
    rules: str
    points: Fraction
    rubric: str
    feedback: bool
    element: Element


def read_item(element: Element) -> Item2:
    body = child(element, "itemBody")
    declared = {attribute(each, "identifier"): _declaration(each) for each in children(element, "responseDeclaration")}
    found = tuple(_interaction(each, declared) for each in _interactions(body))
    return Item2(
        ident=attribute(element, "identifier"),
        title=attribute(element, "title"),
        html=_body(body, found),
        interactions=found,
        rules=_rules(element),
        points=_points(element),
        rubric=_rubric(element),
        feedback=any(text_of(each) for each in within(element, "modalFeedback", "feedbackBlock", "feedbackInline")),
        element=element,
    )


def _interactions(body: Element | None) -> list[Element]:
    if body is None:
        return []
    found = (each for each in body.iter() if name_of(each).endswith("Interaction") and name_of(each) not in SILENT)
    return list(islice(found, INTERACTIONS_MAX + 1))


def _interaction(element: Element, declared: Mapping[str, Declaration]) -> Interaction:
    ident = attribute(element, "responseIdentifier")
    return Interaction(name_of(element), element, ident, declared.get(ident, Declaration()))


def _declaration(element: Element) -> Declaration:
    mapping = child(element, "mapping")
    entries = [] if mapping is None else children(mapping, "mapEntry")
    correct = child(element, "correctResponse")
    return Declaration(
        correct=tuple(text_of(value) for value in ([] if correct is None else children(correct, "value"))),
        mapped={attribute(each, "mapKey"): number(attribute(each, "mappedValue")) or Fraction(0) for each in entries},
        default=Fraction(0) if mapping is None else number(attribute(mapping, "defaultValue")) or Fraction(0),
        cardinality=attribute(element, "cardinality", "single"),
        base_type=attribute(element, "baseType", "identifier"),
        exact_case=any(attribute(each, "caseSensitive").lower() == "true" for each in entries),
    )


def _body(body: Element | None, found: tuple[Interaction, ...]) -> str:
    inline = [each.element for each in found if each.kind in INLINE]
    gaps = [] if body is None else list(islice(within(body, "gap"), INTERACTIONS_MAX))

    def shown(element: Element) -> str | None:
        tag = name_of(element)
        if element in inline:
            return BLANK if len(inline) == 1 else f"{BLANK} ({inline.index(element) + 1})"
        if tag == "gap":
            return f" {BLANK} ({gaps.index(element) + 1}) " if element in gaps else BLANK
        if tag in ("prompt", "gapText", "gapImg"):
            return ""
        if tag in ("gapMatchInteraction", "hottextInteraction"):
            return inner_html(element, shown)
        return "" if tag.endswith("Interaction") or tag in UNSEEN | SILENT else None

    return inner_html(body, shown)


def _rules(element: Element) -> str:
    """How the item is scored: a standard template's name, "own" for rules of its own, "" for none."""
    processing = child(element, "responseProcessing")
    if processing is None:
        return ""
    template = attribute(processing, "template").rpartition("/")[2].removesuffix(".xml")
    if template:
        return template
    return "own" if len(processing) else ""


def _points(element: Element) -> Fraction:
    """`MAXSCORE`, else the score's own maximum, else 1."""
    for outcome in children(element, "outcomeDeclaration"):
        if attribute(outcome, "identifier") in ("MAXSCORE", "MAX_SCORE"):
            points = number(text_of(child(outcome, "defaultValue")))
            if points:
                return points
    for outcome in children(element, "outcomeDeclaration"):
        if attribute(outcome, "identifier") == "SCORE":
            return number(attribute(outcome, "normalMaximum")) or Fraction(1)
    return Fraction(1)


def _rubric(element: Element) -> str:
    """What a scorer reads."""
    blocks = [
        each for each in within(element, "rubricBlock") if {"scorer", "tutor"} & set(attribute(each, "view").split())
    ]
    return "\n\n".join(dict.fromkeys(filter(None, (text_of(block) for block in blocks))))
