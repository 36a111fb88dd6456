"""How deep HTML nests, before it is parsed: the time of a parser that asks "is a `p` open?" grows with the depth, so
that a megabyte of `<div>` takes it minutes and a package of a few kilobytes hours.

The depth is never told too small, whatever the markup: a closing tag counts only where a parser must see it. Source:
WHATWG HTML, section 13.2 (tokenization; elements whose contents are raw text, or that ignore tags).
"""

import re
from collections import Counter

DEPTH_MAX = 500  # real pages nest some 40 deep; at 500 a megabyte is parsed in two seconds
ATTRIBUTES = (
    r"""(?:[\s/]++|(?:=[^\s/>=]*+|[^\s/>=]++)"""
    r"""(?:\s*+=\s*+(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z)|[^\s>"'][^\s>]*+)?+)?+)*+(?:>|\Z)"""
)
# Between their tags a parser sees text, or leaves tags out: what is closed in there may close nothing outside.
RAW = {"script", "style"}  # text without any doubt, unless drawings or formulas stand about
APART = "script|style|textarea|title|noscript|iframe|noembed|noframes|xmp|select|template"
TOKEN = re.compile(
    r"<!--(?:-?>|.*?(?:--!?>|\Z))|<[!?][^>]*+"
    rf"|<(?P<apart>{APART})(?=[\s/>]){ATTRIBUTES}(?P<inside>.*?)(?:</(?P=apart)|\Z)"
    rf"|<(?P<closing>/?)(?P<name>[a-z][^\s/>]*+){ATTRIBUTES}",
    re.DOTALL | re.IGNORECASE,
)
OPENED = re.compile(r"<([a-z][^\s/>]*+)", re.IGNORECASE)
FOREIGN = re.compile(r"<(?:svg|math)", re.IGNORECASE)
# Without an end, or closed by the next of their kind: they nest only within others that are counted.
FLAT = {
    *("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"),
    *("p", "li", "dd", "dt", "tr", "td", "th", "thead", "tbody", "tfoot", "colgroup", "option", "optgroup", "rt", "rp"),
}


def is_too_deep(fragment: str) -> bool:
    return fragment.count("<") > DEPTH_MAX and depth_of(fragment) > DEPTH_MAX


def depth_of(fragment: str) -> int:
    """At least as many elements as ever are open at once; it is not looked further once there are too many."""
    has_foreign = FOREIGN.search(fragment) is not None
    is_open: Counter[str] = Counter()
    deepest = total = 0
    for token in TOKEN.finditer(fragment):
        name, apart = (token["name"] or "").lower(), (token["apart"] or "").lower()
        if apart and (has_foreign or apart not in RAW):
            total += sum(1 for opened in OPENED.finditer(token["inside"]) if opened[1].lower() not in FLAT)
        elif name and name not in FLAT:
            step = -min(is_open[name], 1) if token["closing"] else 1
            is_open[name] += step
            total += step
        deepest = max(deepest, total)
        if deepest > DEPTH_MAX:
            break
    return deepest
