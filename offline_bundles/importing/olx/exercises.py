"""Two blocks that are no `problem` and still ask something: things to drag onto a picture, and an open question.

Source: the blocks' own exports, `drag-and-drop-v2` since its first version, and edX's open response assessment.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from offline_bundles.importing.html import plain_text
from offline_bundles.importing.imported import Finding, Pair, Question
from offline_bundles.importing.olx.blocks import Block
from offline_bundles.importing.prompts import Place, read_prompt
from offline_bundles.importing.questions import Item, checked, for_a_person

DRAGGING = "drag-and-drop-v2"
ESSAY = "openassessment"
NOWHERE = "none"


def read_exercise(block: Block, place: Place, findings: list[Finding]) -> tuple[Question, ...]:
    """Its question; whatever of it cannot be asked here stands in `findings`."""
    item = Item(block.where, block.tag, [])
    read = _dragging if block.tag == DRAGGING else _essay
    question = read(block, item, place)
    whole = checked(item, question) if question else None
    findings += item.findings
    return (whole,) if whole else ()


def _dragging(block: Block, item: Item, place: Place) -> Question | None:
    """A matching question: what was dragged, with the names of the places."""
    try:
        data = json.loads(block.settings.get("data", ""))
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        item.dropped("what is dragged where is not in it, or cannot be read.")
        return None
    pairs = tuple(_pairs(item, data))
    names = [pair.item for pair in pairs if pair.item]
    if len(set(names)) < len(names):
        item.dropped("two of its things read the same: without the picture nobody could tell them apart.")
        return None
    item.degraded("things are matched with the names of places, not dragged onto a picture.")
    prompt = read_prompt(item, block.settings.get("question_text") or f"<p>{block.title}</p>", place)
    image = str(data.get("targetImg") or "")
    picture = place(image) if image else None
    if image and not picture:
        item.broken(f"its picture {image[:80]} is not in the package.")
    described = plain_text(str(data.get("targetImgDescription") or ""))
    said = plain_text(_text(data.get("feedback"), "finish"))
    name = f"{block.name}-1"
    return Question(
        name, "matching", prompt.text, pairs=pairs, feedback=said, picture=picture or "", picture_alt=described
    )


def _pairs(item: Item, data: Mapping[str, Any]) -> Iterator[Pair]:
    """Each thing with its place, then the places where nothing goes."""
    zones = _mappings(data.get("zones"))
    titles = {
        str(zone.get(key)): _text(zone, "title") for zone in zones for key in ("title", "id", "uid") if zone.get(key)
    }
    used = set()
    for thing in _mappings(data.get("items")):
        goals = thing.get("zones") if isinstance(thing.get("zones"), list) else [thing.get("zone")]
        found = [titles[str(goal)] for goal in goals or () if str(goal) in titles]
        text = _text(thing, "displayName") or _text(thing, "imageDescription")
        if thing.get("imageURL"):
            item.degraded("a picture to drag is replaced by its name.")
        if not found:
            item.degraded(f"“{text[:40]}”, which goes nowhere, is left out.")
            continue
        if len(found) > 1:
            item.degraded(f"“{text[:40]}” may go to several places; here the first is right.")
        used.add(found[0])
        yield Pair(plain_text(text), plain_text(found[0]))
    yield from (Pair("", plain_text(title)) for title in dict.fromkeys(titles.values()) if title and title not in used)


def _essay(block: Block, item: Item, place: Place) -> Question:
    """A question in free text; the rubric's criteria stand beside the answer for whoever reads it."""
    prompts = [each.findtext("description") or "" for each in block.element.iter("prompt")]
    prompt = read_prompt(item, "\n".join(filter(None, prompts)), place)
    criteria = [_criterion(each) for each in block.element.iter("criterion")]
    question = Question(
        f"{block.name}-1",
        "free_text",
        prompt.text or block.title,
        picture=prompt.picture,
        picture_alt=prompt.picture_alt,
    )
    return for_a_person(item, question, "other learners, or she herself, judged the answer", "\n".join(criteria))


def _criterion(criterion: Any) -> str:
    label = plain_text(criterion.findtext("label") or criterion.findtext("name") or "")
    return f"{label}: {plain_text(criterion.findtext('prompt') or '')}".strip(": ")


def _text(values: Any, name: str) -> str:
    value = values.get(name) if isinstance(values, dict) else None
    return value.strip() if isinstance(value, str) else ""


def _mappings(value: Any) -> Sequence[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
