"""Pages: CommonMark with tables, or HTML in; a fragment of cleaned HTML out.

Pictures are handed to a callback and become objects. Scripts, styles and frames are dropped; so is everything that a
phone without a network could not show.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

import nh3
from markdown_it import MarkdownIt

from offline_bundles.course.nesting import DEPTH_MAX, is_too_deep
from offline_bundles.errors import BundleError, MediaError

PAGE_BYTES_MAX = 1 << 20  # a book's chapter has some 60 KB
OBJECT_PREFIX = "/v1/objects/"
TAGS = {
    *("a", "abbr", "b", "blockquote", "br", "caption", "code", "dd", "del", "details", "dl", "dt", "em", "figcaption"),
    *("figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "kbd", "li", "mark", "ol", "p", "pre", "s"),
    *("small", "span", "strong", "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "u"),
    *("ul", "bdi", "bdo", "cite", "dfn", "ins", "q", "samp", "var", "wbr", "ruby", "rt", "rp", "time"),
    # They mean little, but without them the words on either side of their borders would run together.
    *("address", "article", "aside", "center", "div", "footer", "header", "section"),
}
ATTRIBUTES = {
    "*": {"dir", "lang", "title"},
    "a": {"href"},
    "img": {"src", "alt"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "ol": {"start"},
}
HTML_ENDINGS = (".html", ".htm")
PLACED = re.compile(rf'<img [^>]*?src="{OBJECT_PREFIX}([0-9a-f]{{64}})\.webp"')
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
    placed: dict[str, PlacedPicture] = field(default_factory=dict)
    failed: Exception | None = None  # the store did not take a picture

    def keep(self, tag: str, attribute: str, value: str) -> str | None:
        """What of an attribute may stay."""
        if (tag, attribute) == ("img", "src"):
            return self._picture(unquote(value))
        if (tag, attribute) == ("a", "href") and not value.startswith(("https://", "http://", "mailto:", "tel:", "#")):
            return None
        return value

    def _picture(self, source: str) -> str | None:
        found = (self.path.parent / source).resolve() if "\0" not in source else self.folder
        if "://" in source or source.startswith(("//", "data:")):
            self.dropped.append(f"{self.path.name}: the picture {source[:80]} is on the network, not in the folder")
        elif not found.is_relative_to(self.folder.resolve()):
            self.dropped.append(f"{self.path.name}: the picture {source[:80]} lies outside the course folder")
        else:
            return self._place(found)
        return None

    def _place(self, found: Path) -> str | None:
        try:
            placed = self.place(found)
        except MediaError as error:
            self.dropped.append(f"{self.path.name}: {error}")
            return None
        except (BundleError, OSError) as error:  # the cleaner, which calls this, would lose it, and the picture
            self.failed = error
            return None
        self.placed[placed.digest] = placed
        return f"{OBJECT_PREFIX}{placed.digest}.webp"

    def sized(self, source: re.Match[str]) -> str:
        """A placed picture with its size in pixels, so that the text below does not jump when it appears."""
        placed = self.placed.get(source[1])
        return f'{source[0]} width="{placed.width}" height="{placed.height}"' if placed else source[0]


def render_page(path: Path, folder: Path, place: Place) -> tuple[str, list[str]]:
    """The page's HTML, and what was dropped. Raises `MediaError` when the file cannot be read as text."""
    page = _Page(path, folder, place, [])
    text = _text(path)
    rough = text if path.suffix.lower() in HTML_ENDINGS else _markdown(text)
    cleaned = _cleaned(rough, page)
    if page.failed:
        raise page.failed
    return cleaned, page.dropped


def _markdown(text: str) -> str:
    """A picture's address may be any: whether it is one of the folder's is asked when the HTML is cleaned."""
    markdown = MarkdownIt("commonmark").enable("table")
    return str(markdown.render(text))


def _text(path: Path) -> str:
    if path.stat().st_size > PAGE_BYTES_MAX:
        raise MediaError(f"{path.name} has more than {PAGE_BYTES_MAX >> 20} MB. Cut it into several pages.")
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise MediaError(f"{path.name} is not UTF-8. Save it as UTF-8.") from error


def _cleaned(rough: str, page: _Page) -> str:
    if is_too_deep(rough):
        raise MediaError(f"{page.path.name} nests more than {DEPTH_MAX} tags deep, as no page does. Save it anew.")
    for tag in sorted(DROPPED_WHOLE):
        if f"<{tag}" in rough.lower():
            page.dropped.append(f"{page.path.name}: <{tag}>, which no phone would run")
    clean = nh3.clean(
        rough,
        tags=TAGS,
        clean_content_tags=DROPPED_WHOLE,
        attributes=ATTRIBUTES,
        attribute_filter=page.keep,
        url_schemes={"http", "https", "mailto", "tel", "data", "file"},  # the last two for `keep` to tell of
        link_rel="noopener noreferrer",
    )
    return PLACED.sub(page.sized, clean).strip()
