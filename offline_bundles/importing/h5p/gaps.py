"""The star notation of H5P: `*word/another:tip*` in running text is a gap, a text to drag, or a word to mark.

Source: the semantics.json of H5P.Blanks (`/` parts alternatives, `:` begins a tip), H5P.DragText (`:` begins a tip,
`\\+` and `\\-` feedback) and H5P.MarkTheWords. Two stars stand for a star in Blanks and MarkTheWords.
"""

import re
from dataclasses import dataclass

GAP = re.compile(r"\*([^*\n]{1,500})\*")
STAR = "\ue000"  # of the private use area: stands for "**" while gaps are sought
DRAG_FEEDBACK = re.compile(r"\\[+-][^\\]*")
BLANK = "_____"
ANOTHER = "…"


@dataclass(frozen=True, slots=True)
class Gap:
    """`sentence`: the text with this gap as a line to write on, and every other gap as an ellipsis."""

    sentence: str
    accept: tuple[str, ...]
    tip: str


def gaps(line: str, *, alternatives: bool = True) -> list[Gap]:
    """Of one paragraph of plain text, in order. Without `alternatives` a slash is a slash."""
    line = line.replace("**", STAR)
    found = list(GAP.finditer(line))
    return [_gap(line, found, index, alternatives) for index in range(len(found))]


def _gap(line: str, found: list[re.Match[str]], wanted: int, alternatives: bool) -> Gap:
    parts, end = [], 0
    for index, each in enumerate(found):
        parts += [line[end : each.start()], BLANK if index == wanted else ANOTHER]
        end = each.end()
    inside, _, tip = DRAG_FEEDBACK.sub("", found[wanted][1]).partition(":")
    accept = tuple(dict.fromkeys(map(_plain, inside.split("/") if alternatives else [inside])))
    return Gap(_plain("".join([*parts, line[end:]])), tuple(filter(None, accept)), _plain(tip))


def starred(field: str) -> list[str]:
    """The texts between stars, one after another: DragText's distractors."""
    return [plain for each in GAP.findall(field) if (plain := _plain(DRAG_FEEDBACK.sub("", each).partition(":")[0]))]


def marked_words(line: str) -> list[tuple[str, bool]]:
    """Every word of the text, and whether it is to be marked."""
    line = line.replace("**", STAR)
    words: list[tuple[str, bool]] = []
    end = 0
    for each in GAP.finditer(line):
        words += [(word, False) for word in line[end : each.start()].split()]
        words.append((each[1], True))
        end = each.end()
    words += [(word, False) for word in line[end:].split()]
    return [(plain, right) for word, right in words if (plain := _plain(word).strip(".,;:!?"))]


def _plain(text: str) -> str:
    return " ".join(text.replace(STAR, "*").split())
