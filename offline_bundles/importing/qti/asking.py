"""What turns into questions, beside the item itself: where files lie, which names are given, what becomes a page."""

import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from urllib.parse import quote, unquote

from offline_bundles.errors import BrokenPackage
from offline_bundles.importing.imported import Finding, Page, Question
from offline_bundles.importing.paths import is_remote, joined
from offline_bundles.importing.ports import Package
from offline_bundles.importing.prompts import read_prompt, read_text
from offline_bundles.importing.questions import Item, Names, checked, shortened

# Written with dollars or %24; with dashes by the standard, otherwise by tools that export.
TEXT_BYTES_MAX = 128 << 20  # of all documents of one package; a course of a thousand pages has some 20 MB
ITEM_TRIALS_MAX = 50_000  # of one item: a hundred options on five hundred rules
TRIALS_MAX = 3_000_000  # of one package: ten thousand items of real banks need some 300,000
IN_AN_ATTRIBUTE = r"(?<=[\"'])"
FILE_BASE = re.compile(r"(?:\$|%24)IMS[-_]CC[-_]FILE_?BASE(?:\$|%24)/*([^\"'<>]*)", re.IGNORECASE)
LINKED_BASE = re.compile(IN_AN_ATTRIBUTE + FILE_BASE.pattern, re.IGNORECASE)
WEB_FOLDERS = ("web_resources/", "")
PAGE_TITLE_CHARACTERS_MAX = 80


@dataclass(slots=True)
class Budget:
    """What the whole import may still cost: a manifest may name one large document ten thousand times."""

    bytes_left: int = TEXT_BYTES_MAX
    trials_left: int = TRIALS_MAX

    def spend_trials(self, trials: int) -> bool:
        """Whether an item's answers may be tried on its rules; what is refused costs nothing."""
        if trials > min(self.trials_left, ITEM_TRIALS_MAX):
            return False
        self.trials_left -= trials
        return True


@dataclass(frozen=True, slots=True)
class Files:
    """A package's files, as a document in the folder `base` names them. `used` gathers those that were asked for."""

    package: Package
    base: str = ""
    used: set[str] = field(default_factory=set)
    by_name: dict[str, list[str]] = field(default_factory=dict)
    budget: Budget = field(default_factory=Budget)

    def at(self, base: str) -> "Files":
        return replace(self, base=base)

    def read(self, path: str, bytes_max: int) -> bytes:
        """Raises `BrokenPackage` for what is not there, larger, or past the budget of the whole import."""
        raw = self.package.read(path, bytes_max)
        self.budget.bytes_left -= len(raw)
        if self.budget.bytes_left < 0:
            raise BrokenPackage(f"the documents that it names have more than {TEXT_BYTES_MAX >> 20} MB together")
        return raw

    def place(self, address: str) -> str | None:
        """The place that an address stands for; None when the package does not hold it."""
        found = self._place(address)
        self.used.update(filter(None, [found]))
        return found

    def _place(self, address: str) -> str | None:
        based = FILE_BASE.match(address)
        if based:
            rest = based[1].removeprefix("files/")  # newer Canvas writes the folder that its file area has there
            ways = [joined(folder, f"./{way}") for way in (based[1], rest) for folder in (*WEB_FOLDERS, self.base)]
        else:
            ways = [joined(self.base, address)]
        found = next((way for way in ways if way and self.package.has(way)), None)
        return found or (self._by_its_end(ways[-1]) if ways[-1] and not is_remote(address) else None)

    def _by_its_end(self, path: str) -> str | None:
        """Respondus writes addresses without the folder that it packs them in: one file that ends so is meant."""
        if not self.by_name:
            for name in self.package.names():
                self.by_name.setdefault(posixpath.basename(name), []).append(name)
        ends = [name for name in self.by_name.get(posixpath.basename(path), ()) if f"/{name}".endswith(f"/{path}")]
        return ends[0] if len(ends) == 1 else None

    def rooted(self, html: str) -> str:
        """The fragment with addresses from the file base written from the package's root."""
        return LINKED_BASE.sub(self._from_root, html)

    def _from_root(self, match: re.Match[str]) -> str:
        found = self.place(match[0]) or f"{WEB_FOLDERS[0]}{unquote(match[1].partition('?')[0])}"
        return f"/{quote(found)}"


@dataclass(slots=True)
class Quizzing:
    """One quiz on its way in: its files, the names in it, and the pages that stand before it."""

    files: Files
    findings: list[Finding]
    names: Names = field(default_factory=Names)
    page_name: Callable[[str], str] = lambda title: title
    pages: list[Page] = field(default_factory=list)

    def asking(self, where: str, kind: str, title: str) -> "Asking":
        return Asking(self, Item(where, kind, self.findings), title)


@dataclass(slots=True)
class Asking:
    """One item of the source."""

    quiz: Quizzing
    item: Item
    title: str
    has_page: bool = False

    def question(self, ident: str, html: str, points: int = 1, feedback: str = "") -> Question:
        """A question without its kind; what shows more than a question can here is a page as well."""
        prompt = read_prompt(self.item, html, self.quiz.files.place, whole=lambda: self.page(html))
        return Question(
            id=self.quiz.names.new(ident, "q"),
            kind="",
            prompt=prompt.text,
            points=points,
            feedback=self.text(feedback),
            picture=prompt.picture,
            picture_alt=prompt.picture_alt,
        )

    def text(self, html: str) -> str:
        return read_text(self.item, html) if html else ""

    def page(self, html: str) -> None:
        """A page before the quiz; one, however many questions the item becomes."""
        if self.has_page:
            return
        self.has_page = True
        title = shortened(self.title, PAGE_TITLE_CHARACTERS_MAX)
        body, base = self.quiz.files.rooted(html), self.quiz.files.base
        self.quiz.pages.append(Page(self.quiz.page_name(title), title, body, base))

    def only_text(self, html: str) -> None:
        """An item that asks nothing is a page before the quiz."""
        if "<img" in html or self.text(html):
            self.item.degraded("a text without a question; it is a page before the quiz")
            self.page(html)
        else:
            self.item.dropped("it asks nothing and says nothing")

    def checked(self, question: Question) -> list[Question]:
        found = checked(self.item, question)
        return [found] if found else []

    def one_of_several(self, question: Question, number: int, several: int) -> Question:
        """A part's question: the whole text, which of its gaps is meant, and its share of the points."""
        if several == 1:
            return question
        name = self.quiz.names.new(f"{question.id}-{number}", "q")
        points = max(1, round(question.points / several))
        return replace(question, id=name, points=points, prompt=f"{question.prompt}\n→ ({number})")
