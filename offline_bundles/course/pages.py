"""Pages: CommonMark with tables in, a fragment of cleaned HTML out.

Pictures are handed to a callback and become objects. Scripts, styles and frames are dropped; so is everything that a
phone without a network could not show.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

from offline_bundles.errors import MediaError

PAGE_BYTES_MAX = 1 << 20  # a book's chapter has some 60 KB
OBJECT_PREFIX = "/v1/objects/"
TAGS = {
    *("a", "abbr", "b", "blockquote", "br", "caption", "code", "dd", "del", "details", "dl", "dt", "em", "figcaption"),
    *("figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "kbd", "li", "mark", "ol", "p", "pre", "s"),
    *("small", "span", "strong", "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "u"),
    *("ul", "bdi", "bdo"),
}
ATTRIBUTES = {
    "*": {"dir", "lang", "title"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "ol": {"start"},
}
DROPPED_WHOLE = {"script", "style", "iframe", "object", "embed", "form", "textarea", "select", "svg", "math"}


@dataclass(frozen=True, slots=True)
class PlacedPicture:
    """A picture as a page shows it: its object's digest, and its size in pixels."""

    digest: str
    width: int
    height: int


Place = Callable[[Path], PlacedPicture]


@dataclass
class _Page:
    """One page on its way: what had to be dropped gathers in `dropped`, a sentence each."""

    path: Path
    folder: Path
    place: Place
    dropped: list[str]

    def picture(self, token: Token) -> None:
        source = unquote(str(token.attrs.get("src", "")))
        found = (self.path.parent / source).resolve()
        token.attrs["src"] = ""
        if "://" in source or source.startswith(("//", "data:")):
            self.dropped.append(f"{self.path.name}: the picture {source[:80]} is on the network, not in the folder")
        elif not found.is_relative_to(self.folder.resolve()):
            self.dropped.append(f"{self.path.name}: the picture {source[:80]} lies outside the course folder")
        else:
            self._place(token, found)

    def _place(self, token: Token, found: Path) -> None:
        try:
            placed = self.place(found)
        except MediaError as error:
            self.dropped.append(f"{self.path.name}: {error}")
            return
        token.attrs["src"] = f"{OBJECT_PREFIX}{placed.digest}.webp"
        token.attrs["width"], token.attrs["height"] = placed.width, placed.height

    def keep(self, tag: str, attribute: str, value: str) -> str | None:
        """What of an attribute may stay."""
        if (tag, attribute) == ("img", "src") and not value.startswith(OBJECT_PREFIX):
            if value:
                self.dropped.append(f"{self.path.name}: a picture written as HTML, {value[:80]}. Write it as Markdown.")
            return None
        if (tag, attribute) == ("a", "href") and not value.startswith(("https://", "http://", "mailto:", "tel:", "#")):
            return None
        return value


def render_page(path: Path, folder: Path, place: Place) -> tuple[str, list[str]]:
    """The page's HTML, and what was dropped. Raises `MediaError` when the file cannot be read as text."""
    page = _Page(path, folder, place, [])
    markdown = MarkdownIt("commonmark").enable("table")
    tokens = markdown.parse(_text(path))
    for token in tokens:
        for inner in token.children or ():
            if inner.type == "image":
                page.picture(inner)
    rough = markdown.renderer.render(tokens, markdown.options, {})
    return _cleaned(rough, page), page.dropped


def _text(path: Path) -> str:
    if path.stat().st_size > PAGE_BYTES_MAX:
        raise MediaError(f"{path.name} has more than {PAGE_BYTES_MAX >> 20} MB. Cut it into several pages.")
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise MediaError(f"{path.name} is not UTF-8. Save it as UTF-8.") from error


def _cleaned(rough: str, page: _Page) -> str:
    for tag in sorted(DROPPED_WHOLE):
        if f"<{tag}" in rough.lower():
            page.dropped.append(f"{page.path.name}: <{tag}>, which no phone would run")
    clean = nh3.clean(
        rough,
        tags=TAGS,
        clean_content_tags=DROPPED_WHOLE,
        attributes=ATTRIBUTES,
        attribute_filter=page.keep,
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer",
    )
    return clean.strip()
