"""A resource of a cartridge as the activities that it becomes, by what the manifest says it is."""

import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html import escape
from xml.etree.ElementTree import Element

from offline_bundles.errors import BrokenPackage
from offline_bundles.importing.cartridge.canvas import Canvas, taken_as
from offline_bundles.importing.html import plain_text
from offline_bundles.importing.imported import Activity, Page, Quiz, Resource, Video
from offline_bundles.importing.manifests import Manifest, ManifestResource
from offline_bundles.importing.ports import Package
from offline_bundles.importing.qti.documents import attribute, child, children, name_of, read_document, text_of, within
from offline_bundles.importing.qti.documents1 import BANK, quizzes1
from offline_bundles.importing.qti.documents2 import ITEM, TEST, Tests2
from offline_bundles.importing.qti.quizzes import ReadQuiz, Shelved, activities_of
from offline_bundles.importing.questions import Item, shortened
from offline_bundles.importing.xml import read_xml

PAGE_BYTES_MAX = 4 << 20  # the largest page of the real cartridges has 90 kB
XML_BYTES_MAX = 16 << 20
TITLE_CHARACTERS_MAX = 200
TITLE_WITHIN_CHARACTERS = 8_192  # a head stands first
PAGES = (".html", ".htm", ".xhtml")
VIDEOS = (".mp4", ".m4v", ".webm", ".mov", ".ogv", ".mkv", ".avi")
PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg", ".bmp", ".tif", ".tiff", ".ico")
TITLE = re.compile(r"<(?:\w{1,20}:)?title\b[^>]{0,200}>([^<]{0,1000})</", re.IGNORECASE)
RICHER = "non_cc_assessments"  # Canvas' own, fuller form of a quiz
HANDED_IN = "assignment_settings.xml"  # beside an assignment's page, as older Canvas exports it
NOT_HANDED_IN = "its text is a page; what learners make of it is not handed in here"
FOREIGN = {
    "imsbasiclti": "a tool on another server, which no phone reaches without a network",
    "imsiwb": "a drawing for a whiteboard, which nothing here shows",
    "idpfepub": "a book in EPUB, which nothing here shows",
    "csmd": "a list of curriculum standards",
}


@dataclass(slots=True)
class Cartridge:
    """One cartridge on its way in. `made`: the first activity of each resource, by its ident; `told`: resources that
    are dealt with, in whatever way; `pages`: files that are a page already."""

    package: Package
    manifest: Manifest
    shelved: Shelved
    canvas: Canvas = field(default_factory=Canvas)
    made: dict[str, str] = field(default_factory=dict)
    pages: set[str] = field(default_factory=set)
    told: set[str] = field(default_factory=set)

    def item(self, where: str, kind: str) -> Item:
        return Item(where, kind, self.shelved.findings)

    def activities(self, resource: ManifestResource, title: str) -> list[Activity]:
        """What the resource becomes, under the title that the organisation gives it; else findings."""
        title = title or posixpath.basename(resource.href) or resource.ident
        self.told.add(resource.ident)
        for missing in resource.missing:
            self.item(title, resource.kind).broken(f"it names {missing}, which the package does not hold")
        try:
            found = self._made(resource, title)
        except BrokenPackage as error:
            self.item(title, resource.kind).broken(str(error))
            return []
        quizzes = [activity for activity in found if isinstance(activity, Quiz)]
        if found:
            self.made[resource.ident] = (quizzes or found)[0].id
        return found

    def _made(self, resource: ManifestResource, title: str) -> list[Activity]:
        kind = resource.kind
        foreign = next((why for name, why in FOREIGN.items() if kind.startswith(name)), "")
        if foreign:
            self.item(title, kind).dropped(foreign)
            return []
        maker = next((make for name, make in MAKERS.items() if kind.startswith(name)), None)
        return maker(self, resource, title) if maker else self._file(resource, title)

    def _file(self, resource: ManifestResource, title: str) -> list[Activity]:
        """Web content, and whatever else a module leads to, by the ending of its file."""
        path = resource.href or next(iter(resource.files), "")
        if not path or not self.package.has(path):
            if not resource.missing:
                self.item(title, resource.kind or "resource").dropped("it names no file")
            return []
        ending = posixpath.splitext(path)[1].lower()
        if path in self.pages:
            self.item(title, resource.kind).degraded("its page stands in the course already; here it is only once")
            return []
        if ending in PAGES:
            if any(name.endswith(HANDED_IN) for name in resource.files):
                self.item(title, "assignment").degraded(NOT_HANDED_IN)
            return [self.page(path, title)]
        if ending == ".qti":
            return self._quiz_file(resource, title, path)
        name = self.shelved.names.new(title, "file")
        if ending in VIDEOS:
            return [Video(name, title, path, self.canvas.captions.get(resource.ident, {}))]
        if ending == ".xml" and not resource.kind.startswith("webcontent"):
            self.item(title, resource.kind).dropped("a kind of activity that is not known here")
            return []
        return [Resource(name, title, path)]

    def page(self, path: str, title: str) -> Page:
        self.pages.add(path)
        html = self.shelved.files.read(path, PAGE_BYTES_MAX).decode("utf-8-sig", "replace")
        return self._page(title or title_of(html), body_of(html), posixpath.dirname(path), path)

    def _page(self, title: str, body: str, base: str = "", source: str = "") -> Page:
        shown = shortened(title, TITLE_CHARACTERS_MAX) or "Page"
        return Page(self.shelved.names.new(shown, "page"), shown, body, base, source=source)

    def _document(self, resource: ManifestResource) -> tuple[str, Element]:
        """Its path and its root. Raises `BrokenPackage`."""
        path = resource.href or next(iter(resource.files), "")
        return path, read_xml(self.shelved.files.read(path, XML_BYTES_MAX), XML_BYTES_MAX)

    def _topic(self, resource: ManifestResource, title: str) -> list[Activity]:
        path, topic = self._document(resource)
        self.item(title, "discussion").degraded("its text is a page; nobody can answer on it here")
        self._tell_of_attachments(topic, title)
        return [self._page(title or text_of(child(topic, "title")), _text(topic), posixpath.dirname(path))]

    def _assignment(self, resource: ManifestResource, title: str) -> list[Activity]:
        path, assignment = self._document(resource)
        self.item(title, "assignment").degraded(NOT_HANDED_IN)
        self._tell_of_attachments(assignment, title)
        return [self._page(title or text_of(child(assignment, "title")), _text(assignment), posixpath.dirname(path))]

    def _tell_of_attachments(self, element: Element, title: str) -> None:
        for attachment in within(element, "attachment"):
            self.item(title, "attachment").degraded(f"{attribute(attachment, 'href')}, attached to it, stays behind")

    def _web_link(self, resource: ManifestResource, title: str) -> list[Activity]:
        _, link = self._document(resource)
        address = next((attribute(each, "href") for each in within(link, "url")), "")
        if not address.startswith(("http://", "https://")):
            self.item(title, "web link").dropped("it leads nowhere that a browser opens")
            return []
        self.item(title, "web link").degraded("a page with the address, which only opens with a network")
        shown = escape(address)
        return [self._page(title, f'<p><a href="{shown}">{shown}</a></p>')]

    def _quiz(self, resource: ManifestResource, title: str) -> list[Activity]:
        """In Canvas' own form where there is one: the standard's leaves out kinds that it does not know."""
        richer = posixpath.join(self.manifest.root, RICHER, f"{resource.ident}.xml.qti")
        path = resource.href or next((name for name in resource.files if name.endswith(".xml")), "")
        return self._quiz_file(resource, title, richer if self.package.has(richer) else path)

    def _quiz_file(self, resource: ManifestResource, title: str, path: str) -> list[Activity]:
        root = read_document(self.shelved.files.read(path, XML_BYTES_MAX))
        meta = self._meta(resource)
        found: list[Activity] = []
        for quiz in self._quizzes(root, path, title):
            taken = taken_as(self.item(title, "quiz"), quiz, meta) if meta is not None else quiz
            about = "" if meta is None else "".join(child_text(meta, "description"))
            if plain_text(about):
                found.append(self._page(taken.title, about))
            found += activities_of(taken, self.shelved.names)
        if found and children(root, BANK):
            self.item(title, BANK).degraded("a question bank; what no quiz asks from it is a practice quiz")
        if not any(isinstance(activity, Quiz) for activity in found) and not children(root, BANK):
            self.item(title, "quiz").dropped("none of its questions came along, or it has none")
        return found

    def _quizzes(self, root: Element, path: str, title: str) -> Iterator[ReadQuiz]:
        """The standard wants QTI 1.2; some exporters write tests or items of QTI 2 all the same."""
        if name_of(root) == TEST:
            yield Tests2(self.shelved).quiz(root, path)
        elif name_of(root) == ITEM:
            yield Tests2(self.shelved).loose([path], title)
        else:
            yield from quizzes1(self.shelved, root, posixpath.dirname(path), title)

    def _meta(self, resource: ManifestResource) -> Element | None:
        """Canvas' `assessment_meta.xml`, which the quiz depends on."""
        for ident in resource.dependencies:
            held = self.manifest.resources.get(ident)
            if held and held.href.endswith("assessment_meta.xml") and self.package.has(held.href):
                self.told.add(ident)
                return read_xml(self.shelved.files.read(held.href, XML_BYTES_MAX), XML_BYTES_MAX)
        return None


def child_text(element: Element, name: str) -> list[str]:
    """Text as written, white space and all: it may be HTML."""
    found = child(element, name)
    return [] if found is None else list(found.itertext())


def _text(element: Element) -> str:
    """The text of a topic or an assignment, as HTML."""
    found = child(element, "text")
    written = "".join(child_text(element, "text"))
    html = found is not None and attribute(found, "texttype", "text/html").lower() == "text/html"
    return written if html else f"<p>{escape(written)}</p>"


def body_of(html: str) -> str:
    """What a browser shows of a page. Found by plain search: a pattern would cost the square of a hostile page."""
    lower = html.lower()
    start = lower.find("<body")
    if start < 0:
        end_of_head = lower.find("</head>")
        return html[end_of_head + len("</head>") :] if end_of_head >= 0 else html
    start = lower.find(">", start) + 1
    end = lower.rfind("</body", start)
    return html[start : end if end >= 0 else None] if start else html


def title_of(html: str) -> str:
    found = TITLE.search(html[:TITLE_WITHIN_CHARACTERS])
    return plain_text(found[1]) if found else ""


Maker = Callable[[Cartridge, ManifestResource, str], list[Activity]]
MAKERS: dict[str, Maker] = {
    "imsdt": Cartridge._topic,
    "imswl": Cartridge._web_link,
    "imsqti": Cartridge._quiz,
    "assignment_xml": Cartridge._assignment,
}
