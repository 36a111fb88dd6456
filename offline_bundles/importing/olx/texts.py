"""Texts inside an edX problem: elements to plain text, with what is not meant to be read beside it left out."""

from collections.abc import Collection
from copy import deepcopy
from xml.etree.ElementTree import Element, tostring

from offline_bundles.importing.html import plain_text
from offline_bundles.importing.imported import Question

HINTS = ("correcthint",)
# edX's own elements for inputs and answers: what they hold is no text of the question.
UNREAD = {
    *(
        "script",
        "style",
        "solution",
        "demandhint",
        "hintgroup",
        "choicehint",
        "optionhint",
        "correcthint",
        "compoundhint",
    ),
    *(
        "stringequalhint",
        "choicegroup",
        "checkboxgroup",
        "radiogroup",
        "optioninput",
        "textline",
        "formulaequationinput",
    ),
    *("responseparam", "additional_answer", "answer", "drag_and_drop_input", "jsinput", "schematic", "link", "textbox"),
}


def without(element: Element, tags: Collection[str]) -> Element:
    """A copy without elements of some tags; the text that stood after them stays."""
    copied = deepcopy(element)
    _strip(copied, tags)
    copied.tail = None
    return copied


def _strip(element: Element, tags: Collection[str]) -> None:
    last: Element | None = None
    for child in list(element):
        if child.tag in tags:
            if last is None:
                element.text = (element.text or "") + (child.tail or "")
            else:
                last.tail = (last.tail or "") + (child.tail or "")
            element.remove(child)
        else:
            if child.tag == "clarification":  # edX shows it when a sign behind the word is touched
                child.text = f" ({(child.text or '').strip()})"
            _strip(child, tags)
            last = child


def markup(element: Element, leaving: Collection[str] = ()) -> str:
    return tostring(without(element, leaving), "unicode", method="html")


def said(element: Element, leaving: Collection[str] = ()) -> str:
    return plain_text(markup(element, leaving))


def feedback_of(response: Element, question: Question) -> str:
    """What a response says to a right answer goes before the problem's solution."""
    hints = [said(hint) for hint in response if hint.tag in HINTS]
    return "\n".join(filter(None, (*hints, question.feedback)))
