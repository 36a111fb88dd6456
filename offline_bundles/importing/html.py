"""HTML of strangers, in fragments: its plain text, its links, a clean copy. nh3 parses as browsers do, in linear time.

Source: WHATWG HTML, section 13.2; the tags that stay are the pages' own.
"""

import html
import re
from collections.abc import Callable, Set
from dataclasses import dataclass

import nh3

from offline_bundles.course.nesting import DEPTH_MAX, is_too_deep
from offline_bundles.course.pages import ATTRIBUTES, DROPPED_WHOLE, TAGS
from offline_bundles.errors import BrokenPackage

HTML_CHARACTERS_MAX = 1 << 20  # the largest page of the real courses has some 90,000
SPACED = {"td", "th", "dt", "button", "label", "option"}
BLOCKS = {
    *("address", "article", "aside", "blockquote", "br", "caption", "dd", "details", "div", "dl", "fieldset", "figure"),
    *("figcaption", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p"),
    *("pre", "section", "summary", "table", "tbody", "tfoot", "thead", "tr", "ul"),
}
UNSEEN = {"script", "style", "head", "template", "noscript", "svg", "math"}
TAG = re.compile(r"</?([a-z0-9]+)[^>]*>")
PREFORMATTED = re.compile(r"<pre>.*?</pre>", re.DOTALL)  # on what nh3 wrote without attributes
INDENT = "\ue000"  # a space that folding does not see; private use, and no text's own
LINKS = {
    "a": {"href"},
    "area": {"href"},
    "audio": {"src"},
    "embed": {"src"},
    "iframe": {"src"},
    "img": {"src"},
    "input": {"src"},
    "link": {"href"},
    "object": {"data"},
    "script": {"src"},
    "source": {"src"},
    "track": {"src"},
    "video": {"src", "poster"},
}
ANY_SCHEME = {"http", "https", "mailto", "tel", "ftp", "data", "blob", "file"}

Rewrite = Callable[[str, str, str], str | None]


@dataclass(frozen=True, slots=True)
class Link:
    """One address in a fragment, as written there."""

    tag: str
    attribute: str
    value: str


def plain_text(fragment: str) -> str:
    """What a person reads: blocks on lines of their own, white space folded, entities resolved; scripts are no text."""
    fragment = fragment.replace(INDENT, "")
    if "<" not in fragment and "&" not in fragment:
        return _folded(fragment)
    if is_too_deep(fragment):
        return _folded(html.unescape(re.sub(r"<[^>]*+(?:>|\Z)", " ", fragment[:HTML_CHARACTERS_MAX])))
    simple = nh3.clean(
        fragment[:HTML_CHARACTERS_MAX],
        tags=BLOCKS | SPACED,
        clean_content_tags=UNSEEN,
        attributes={},
        link_rel=None,
    )
    simple = re.sub(r"\s+", " ", PREFORMATTED.sub(_kept, simple))
    return _folded(html.unescape(TAG.sub(_gap, simple)))


def _kept(code: re.Match[str]) -> str:
    """Code keeps its lines and its indents: in Python they are half of what it says."""
    return code[0].replace("\n", "<br>").replace("\t", INDENT * 4).replace(" ", INDENT)


def _gap(tag: re.Match[str]) -> str:
    return "\n" if tag[1] in BLOCKS else " "


def _folded(text: str) -> str:
    lines = (re.sub(r"[^\S\n]+", " ", line).strip().rstrip(INDENT) for line in text.split("\n"))
    return "\n".join(line for line in lines if line).replace(INDENT, " ")


def links(fragment: str) -> tuple[Link, ...]:
    """Every address that a fragment names, in its order, active ones (`javascript:`) left out."""
    found: list[Link] = []
    if is_too_deep(fragment):
        return ()

    def note(tag: str, attribute: str, value: str) -> str | None:
        if attribute in LINKS.get(tag, ()):  # a title or a language passes here as well
            found.append(Link(tag, attribute, value))
        return None

    nh3.clean(
        fragment[:HTML_CHARACTERS_MAX],
        tags=set(LINKS) | BLOCKS | {"span", "b", "i", "em", "strong", "td", "th"},
        clean_content_tags=set(),
        attributes=LINKS,
        attribute_filter=note,
        url_schemes=ANY_SCHEME,
        link_rel=None,
    )
    return tuple(found)


def refusal(fragment: str) -> str:
    """Why a fragment is no page, or ""."""
    if len(fragment) > HTML_CHARACTERS_MAX:
        return f"it has more than {HTML_CHARACTERS_MAX >> 20} MB. Cut it into several"
    return f"its HTML nests more than {DEPTH_MAX} tags deep, as no page does" if is_too_deep(fragment) else ""


def cleaned(fragment: str, rewrite: Rewrite | None = None, schemes: Set[str] = frozenset()) -> str:
    """The fragment with the tags and attributes that a page may have.

    `rewrite`: an attribute's new value, or None. `schemes`: what addresses may have beside the usual, for it to see.
    Raises `BrokenPackage` for what `refusal` refuses.
    """
    if why := refusal(fragment):
        raise BrokenPackage(f"A page cannot be read: {why}.")
    return nh3.clean(
        fragment,
        tags=TAGS,
        clean_content_tags=DROPPED_WHOLE,
        attributes=ATTRIBUTES,
        attribute_filter=rewrite,
        url_schemes={"http", "https", "mailto", "tel", *schemes},
        link_rel=None,
    ).strip()
