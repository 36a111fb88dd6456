"""From pairs of identifiers to a matching question, in which every item has one match."""

from collections import Counter
from dataclasses import dataclass, field, replace

from offline_bundles.importing.imported import Pair, Question
from offline_bundles.importing.questions import Item


@dataclass(slots=True)
class Sides:
    """Texts by identifier on either side, and which belong together."""

    items: dict[str, str] = field(default_factory=dict)
    matches: dict[str, str] = field(default_factory=dict)
    right: list[tuple[str, str]] = field(default_factory=list)

    def swapped(self) -> "Sides":
        return Sides(self.matches, self.items, [(match, item) for item, match in self.right])

    @property
    def ambiguous(self) -> bool:
        """Whether an item belongs to several matches."""
        return any(count > 1 for count in Counter(item for item, _ in self.right).values())


def matched(item: Item, sides: Sides, question: Question) -> Question:
    """The side whose every member has one match asks for it; what is left over on either side is told or added."""
    if sides.ambiguous and not sides.swapped().ambiguous:
        sides = sides.swapped()
    right = dict(sides.right)
    if sides.ambiguous:
        item.degraded("some of its items have several right matches; one of each counts")
    alone = [text for ident, text in sides.items.items() if ident not in right]
    if alone:
        item.degraded(f"{len(alone)} things without a match are left out")
    pairs = [
        Pair(sides.items[ident], sides.matches[match])
        for ident, match in right.items()
        if ident in sides.items and match in sides.matches
    ]
    used = {pair.match for pair in pairs}
    spare = dict.fromkeys(text for text in sides.matches.values() if text and text not in used)
    return replace(question, kind="matching", pairs=(*pairs, *(Pair("", text) for text in spare)))
