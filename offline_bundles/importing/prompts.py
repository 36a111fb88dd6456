"""What a question says, from HTML to the plain text and the one picture that a question has here.

Formulas stay readable: TeX as it was written, MathML on one line. Whatever else is lost is a finding of its item.
"""

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import nh3

from offline_bundles.importing.html import HTML_CHARACTERS_MAX, plain_text
from offline_bundles.importing.questions import Item, shortened

MEDIA = {"audio": "sound", "video": "video", "iframe": "frame", "object": "object", "embed": "object"}
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
    """`picture`: a place in the package, or "". `pictures`: how many the package holds of those that it shows."""

    text: str
    picture: str = ""
    picture_alt: str = ""
    pictures: int = 0


def nowhere(address: str) -> None:
    """Of a source that holds no files: every picture is missing."""


def read_prompt(item: Item, fragment: str, place: Place = nowhere) -> Prompt:
    """`place` gives an address's place in the package, or None when the package does not hold it.

    A question has one picture here: the first. That others are left is the caller's to tell.
    """
    text, images = _apart(fragment)
    _report_media(item, fragment)
    placed = [(found, alt) for source, alt in images if (found := _placed(item, source, place))]
    picture, alt = placed[0] if placed else ("", "")
    return Prompt(text, picture, alt, len(placed))


def read_text(item: Item, fragment: str) -> str:
    """A text that can have no picture here: a choice, a match, what is said to an answer."""
    text, images = _apart(fragment)
    _report_media(item, fragment)
    described = [alt for _, alt in images if alt]
    if images:
        item.degraded("a picture in an answer is replaced by its description" if described else "it loses a picture")
    return text or "; ".join(described)


def _apart(fragment: str) -> tuple[str, list[tuple[str, str]]]:
    """The plain text and the pictures, as (address, description), of a fragment."""
    if "<" not in fragment:
        return plain_text(fragment), []
    images: list[tuple[str, str]] = []

    def shown(match: re.Match[str]) -> str:
        found = {name: html.unescape(value) for name, value in ATTRIBUTE.findall(match[1])}
        formula = _formula(found)
        if not formula:
            images.append((found.get("src", ""), plain_text(found.get("alt", ""))))
        return html.escape(formula)

    known = nh3.clean(
        fragment[:HTML_CHARACTERS_MAX],
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
    if urlsplit(source).scheme in ("http", "https", "data"):
        item.degraded(f"its picture is not in the package but at {shortened(source, 60)}")
    else:
        item.broken(f"its picture {shortened(source, 60)} is not in the package")
    return None


def _report_media(item: Item, fragment: str) -> None:
    for tag in dict.fromkeys(found.lower() for found in MEDIA_TAG.findall(fragment)):
        item.degraded(f"the {MEDIA[tag]} in its text is left out")
