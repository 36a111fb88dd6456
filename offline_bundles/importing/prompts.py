"""What a question says, from HTML to the plain text and the one picture that a question has here.

Formulas stay readable: TeX as it was written, MathML on one line. Whatever else is lost is a finding of its item.
"""

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import nh3

from offline_bundles.course.nesting import is_too_deep
from offline_bundles.importing.html import HTML_CHARACTERS_MAX, plain_text
from offline_bundles.importing.mathml import OPENING, without_mathml
from offline_bundles.importing.questions import Item, shortened

MEDIA = {"audio": "sound", "video": "a video", "iframe": "a frame", "object": "an object", "embed": "an object"}
SEEN = {
    *("p", "div", "br", "li", "ul", "ol", "table", "tr", "td", "th", "h1", "h2", "h3", "h4", "h5", "h6", "pre"),
    *("blockquote", "section", "article", "figure", "figcaption", "dl", "dt", "dd", "img"),
}
IMAGE = re.compile(r"<img\b([^>]*)>")  # on what nh3 wrote: each attribute in double quotes, escaped
ATTRIBUTE = re.compile(r'([a-z-]+)="([^"]*)"')
MEDIA_TAG = re.compile(r"<(audio|video|iframe|object|embed)\b", re.IGNORECASE)

Place = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class Prompt:
    """`picture`: a place in the package, or ""."""

    text: str
    picture: str = ""
    picture_alt: str = ""


def nowhere(address: str) -> None:
    """Of a source that holds no files: every picture is missing."""


def read_prompt(
    item: Item, fragment: str, place: Place = nowhere, *, whole: Callable[[], None] | None = None
) -> Prompt:
    """`place` gives an address's place in the package, or None when the package does not hold it.

    A question here has one picture, the first, and neither sound nor video. `whole` keeps all of it on a page before
    the quiz, where there is such a page; else the rest is left out.
    """
    text, images = _apart(fragment)
    placed = [(found, alt) for source, alt in images if (found := _placed(item, source, place))]
    more = [f"{len(placed)} pictures"] * (len(placed) > 1) + media_in(fragment)
    if more and whole:
        whole()
        item.degraded(f"it shows {' and '.join(more)}; all of it is on a page before the quiz")
    elif more:
        item.degraded(f"it shows {' and '.join(more)}; only the first picture, if any, stays")
    picture, alt = placed[0] if placed else ("", "")
    return Prompt(text, picture, alt)


def read_text(item: Item, fragment: str) -> str:
    """A text that can have no picture here: a choice, a match, what is said to an answer."""
    text, images = _apart(fragment)
    for medium in media_in(fragment):
        item.degraded(f"{medium} in an answer is left out")
    described = [alt for _, alt in images if alt]
    if images:
        item.degraded("a picture in an answer is replaced by its description" if described else "it loses a picture")
    return text or "; ".join(described)


def _apart(fragment: str) -> tuple[str, list[tuple[str, str]]]:
    """The plain text and the pictures, as (address, description), of a fragment."""
    if "<" not in fragment or is_too_deep(fragment):
        return plain_text(fragment), []
    images: list[tuple[str, str]] = []

    def shown(match: re.Match[str]) -> str:
        found = {name: html.unescape(value) for name, value in ATTRIBUTE.findall(match[1])}
        formula = _formula(found)
        if not formula:
            images.append((found.get("src", ""), plain_text(found.get("alt", ""))))
        return html.escape(formula)

    known = nh3.clean(
        without_mathml(fragment)[:HTML_CHARACTERS_MAX],
        tags=SEEN,
        clean_content_tags={"script", "style", "noscript", "template"},
        attributes={"img": {"src", "alt", "class", "data-equation-content"}},
        url_schemes={"http", "https", "data", "file"},
        link_rel=None,
    )
    return plain_text(IMAGE.sub(shown, known)), images


def _formula(attributes: dict[str, str]) -> str:
    """The TeX behind a picture of a formula, as Canvas writes it; else nothing."""
    if "equation_image" not in attributes.get("class", ""):
        return ""
    tex = attributes.get("data-equation-content") or attributes.get("alt", "").removeprefix("LaTeX:").strip()
    return f" ${tex}$ " if tex else ""


def _placed(item: Item, source: str, place: Place) -> str | None:
    found = place(source) if source else None
    if found:
        return found
    shown = shortened(source, 60)
    if urlsplit(source).scheme in ("http", "https", "data"):
        item.degraded(f"its picture is not in the package but at {shown}", shown)
    else:
        item.broken(f"its picture {shown or 'without an address'} is not in the package", shown)
    return None


def media_in(fragment: str) -> list[str]:
    """What else than text and pictures a fragment holds, each kind once."""
    lost = ["a formula that cannot be read"] * (OPENING in without_mathml(fragment))
    return list(dict.fromkeys([MEDIA[found.lower()] for found in MEDIA_TAG.findall(fragment)] + lost))
