"""An OLX course as lessons: each sequential one lesson, in it the blocks of its units in their order.

Neighbouring HTML blocks of a unit become one page, neighbouring problems one quiz: so they stand on edX's screen.
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import groupby

from offline_bundles.errors import BrokenPackage
from offline_bundles.importing.html import plain_text
from offline_bundles.importing.imported import (
    Activity,
    Finding,
    ImportedCourse,
    Lesson,
    Outcome,
    Page,
    Question,
    Quiz,
    Resource,
)
from offline_bundles.importing.olx.blocks import CONTAINERS, Block, Blocks, course_roots
from offline_bundles.importing.olx.exercises import DRAGGING, ESSAY, read_exercise
from offline_bundles.importing.olx.links import Addresses
from offline_bundles.importing.olx.problems import read_problem
from offline_bundles.importing.olx.texts import markup
from offline_bundles.importing.olx.videos import read_video
from offline_bundles.importing.packages import text_of
from offline_bundles.importing.ports import Package
from offline_bundles.importing.questions import Names

HTML_BYTES_MAX = 1 << 20
SAYING_NOTHING = {"text", "raw html", "html", "problem", "video", "blank common problem", "blank html", ""}
ASKED = dict.fromkeys(("problem", DRAGGING, ESSAY), "problem")
NOT_OURS = {
    "discussion": "a discussion needs the platform and other people",
    "poll": "a poll has no right answer to learn from",
    "survey": "a survey has no right answer to learn from",
    "word_cloud": "a word cloud needs everybody's words at once",
    "lti": "it opens a tool on the network",
    "lti_consumer": "it opens a tool on the network",
    "annotatable": "its notes need the platform",
}


class OlxImporter:
    form = "Open edX OLX"

    def recognises(self, package: Package) -> bool:
        return bool(course_roots(package))

    def read(self, package: Package) -> ImportedCourse:
        """Raises `BrokenPackage` when the package holds several courses, or none that can be read."""
        roots = course_roots(package)
        if len(roots) != 1:
            places = ", ".join(root.rstrip("/") or "." for root in roots) or "none"
            raise BrokenPackage(f"{package.name} holds {len(roots)} courses: {places}. Import the folder of one.")
        findings: list[Finding] = []
        blocks = Blocks(package, roots[0], findings)
        return _Reader(blocks, Addresses(package, roots[0]), findings).read(blocks.read_course())


@dataclass
class _Reader:
    """`goals`: by block name, the activity that it became or that is first in it."""

    blocks: Blocks
    addresses: Addresses
    findings: list[Finding]
    names: Names = field(default_factory=Names)
    goals: dict[str, str] = field(default_factory=dict)

    def read(self, course: Block) -> ImportedCourse:
        lessons = [*self._lessons(course), *self._textbooks(course)]
        self._report_what_no_unit_names(course)
        self._set_goals_of_containers(course)
        settings = course.settings
        return ImportedCourse(
            form=OlxImporter.form,
            id="-".join(filter(None, (settings.get("org"), settings.get("course") or settings.get("library")))),
            title=course.title or settings.get("course", "") or self.blocks.package.name,
            language=settings.get("language") or "en",
            lessons=tuple(self._linked(lesson) for lesson in lessons),
            description=self._about("short_description") or self._about("overview"),
            licence=settings.get("license", ""),
            attribution=settings.get("display_organization") or settings.get("org", ""),
            findings=tuple(self.findings),
        )

    def _lessons(self, parent: Block, chapter: str = "") -> Iterator[Lesson]:
        """Sequentials; units that stand outside of one are lessons of their own."""
        for block in parent.children:
            if block.tag == "chapter":
                yield from self._lessons(block, block.title)
            elif parent.tag != "library" and block.tag != "wiki":  # the wiki's name, nothing that is learnt
                yield self._lesson(block, chapter, _units(block))
        if parent.tag == "library":
            yield self._lesson(parent, "", [parent])

    def _lesson(self, block: Block, chapter: str, units: list[Block]) -> Lesson:
        title = " · ".join(dict.fromkeys(filter(None, (chapter, block.title)))) or block.name
        return Lesson(block.name, title, tuple(each for unit in units for each in self._unit(unit, block)))

    def _unit(self, unit: Block, sequential: Block) -> Iterator[Activity]:
        for tag, run in groupby(self._leaves(unit), key=lambda block: ASKED.get(block.tag, block.tag)):
            together = list(run)
            if tag == "html":
                yield from self._page(together, unit)
            elif tag == "problem":
                yield from self._quiz(together, unit, sequential)
            else:
                for block in together:
                    yield from self._other(block, unit)

    def _leaves(self, block: Block) -> Iterator[Block]:
        """The blocks that a learner sees, in order, out of whatever holds them."""
        if block.tag not in CONTAINERS:
            yield block
            return
        for child in self._chosen(block):
            yield from self._leaves(child)

    def _chosen(self, block: Block) -> tuple[Block, ...]:
        """Of what edX would show to some learners only: the first group, or all of a random choice."""
        if block.tag == "split_test" and len(block.children) > 1:
            groups = [child.title or child.name for child in block.children]
            self._degraded(block, f"of its {len(groups)} groups everybody gets the first, {groups[0]}.")
            return block.children[:1]
        if block.tag in ("library_content", "randomize", "itembank") and block.children:
            self._degraded(block, f"it asked some of its {len(block.children)} parts by chance; here all are asked.")
        if block.tag == "conditional":
            self._degraded(block, "it was shown on a condition; here it is always shown.")
        return block.children

    def _degraded(self, block: Block, why: str) -> None:
        self.findings.append(Finding(Outcome.DEGRADED, block.where, block.tag, why))

    def _named(self, block: Block) -> str:
        name = self.names.new(block.name, block.tag)
        self.goals.setdefault(block.name, name)
        return name

    def _title(self, blocks: list[Block], unit: Block) -> str:
        own = blocks[0].title if len(blocks) == 1 else ""
        return unit.title if own.lower() in SAYING_NOTHING and unit.title else own or unit.title or blocks[0].name

    def _page(self, blocks: list[Block], unit: Block) -> Iterator[Page]:
        bodies = [body for block in blocks if (body := self._html(block))]
        if bodies:
            name = self._named(blocks[0])
            for block in blocks:
                self.goals.setdefault(block.name, name)
            yield Page(name, self._title(blocks, unit), "\n".join(bodies), base=self.addresses.root.rstrip("/"))

    def _html(self, block: Block) -> str:
        """From the file beside it, or from the block itself."""
        file = f"{self.blocks.root}html/{block.element.get('filename') or block.name}.html"
        if self.blocks.package.has(file):
            self.blocks.used.add(file)
            return text_of(self.blocks.package, file, HTML_BYTES_MAX)
        if block.element.get("filename"):
            self.blocks.broken(block.where, "html", f"its text {file} is not in the package.")
            return ""
        inner = "".join(markup(child) + (child.tail or "") for child in block.element)
        return (block.element.text or "") + inner

    def _quiz(self, blocks: list[Block], unit: Block, sequential: Block) -> Iterator[Quiz]:
        questions: list[Question] = []
        for block in blocks:
            read = read_problem if block.tag == "problem" else read_exercise
            questions += read(block, self.addresses.place, self.findings)
        if not questions:
            return
        name = self._named(blocks[0])
        for block in blocks:
            self.goals.setdefault(block.name, name)
        graded = sequential.settings.get("graded") == "true"
        attempts = self._attempts(blocks, unit) if graded else None
        yield Quiz(name, self._title(blocks, unit), tuple(questions), graded=graded, attempts=attempts)

    def _attempts(self, blocks: list[Block], unit: Block) -> int | None:
        written = {block.settings.get("max_attempts", "") for block in blocks}
        counts = {int(each) for each in written if each.isdecimal() and 0 < int(each) <= 100}
        if len(written) > 1:
            self._degraded(unit, "its problems allow different numbers of attempts; the quiz allows the most of them.")
        return max(counts) if counts and "" not in written else None

    def _other(self, block: Block, unit: Block) -> Iterator[Activity]:
        if block.tag == "video":
            title = self._title([block], unit)
            video = read_video(block, self._named(block), title, self.addresses, self.findings)
            yield from (video,) if video else ()
            return
        why = NOT_OURS.get(block.tag, "no block of this kind is known here")
        inner = Counter(each.tag for each in block.element.iter() if each is not block.element and each.get("url_name"))
        held = ", ".join(f"{count} {tag}" for tag, count in sorted(inner.items()))
        self.blocks.dropped(block.where, block.tag, f"{why}{f'; in it were {held}' if held else ''}.")

    def _linked(self, lesson: Lesson) -> Lesson:
        return replace(lesson, activities=tuple(self._with_links(each) for each in lesson.activities))

    def _with_links(self, activity: Activity) -> Activity:
        if not isinstance(activity, Page):
            return activity
        return replace(activity, body=self.addresses.rewritten(activity.body, self.goals))

    def _set_goals_of_containers(self, course: Block) -> None:
        """A link to a unit or a lesson leads to the first thing in it."""
        for block in course.within():
            first = next((self.goals[each.name] for each in block.within() if each.name in self.goals), None)
            if first:
                self.goals.setdefault(block.name, first)

    def _about(self, name: str) -> str:
        file = f"{self.blocks.root}about/{name}.html"
        return plain_text(text_of(self.blocks.package, file, HTML_BYTES_MAX)) if self.blocks.package.has(file) else ""

    def _textbooks(self, course: Block) -> Iterator[Lesson]:
        """PDF books of the course's menu, as one lesson at its end."""
        try:
            books = json.loads(course.settings.get("pdf_textbooks", "[]"))
        except (ValueError, RecursionError):
            return
        chapters = [
            chapter
            for book in (books if isinstance(books, list) else [])
            if isinstance(book, dict) and isinstance(book.get("chapters"), list)
            for chapter in book["chapters"]
            if isinstance(chapter, dict)
        ]
        files = tuple(self._book(chapter) for chapter in chapters)
        if files:
            yield Lesson("textbooks", "Textbooks", files)

    def _book(self, chapter: dict[str, object]) -> Resource:
        address, title = str(chapter.get("url", "")), str(chapter.get("title", ""))
        place = self.addresses.place(address) or address.lstrip("/")
        return Resource(self.names.new(title, "book"), title or "Textbook", place)

    def _report_what_no_unit_names(self, course: Block) -> None:
        """Drafts, pages of the menu, and files of blocks that nothing points to, each by its name."""
        root = self.blocks.root
        used = self.blocks.used | {f"{root}html/{block.name}.html" for block in course.within()}
        for name in self.blocks.package.names():
            inside = name.removeprefix(root) if name.startswith(root) else ""
            room, _, rest = inside.partition("/")
            is_of_a_unit = room in ("drafts", "tabs") or (rest and room in UNITS_ROOMS)
            if is_of_a_unit and name not in used:
                self.blocks.dropped(name, room, f"it is {UNNAMED.get(room, 'named by no unit of the course')}.")


UNITS_ROOMS = ("html", "problem", "video", "vertical", "sequential")
UNNAMED = {
    "drafts": "a draft, which was never published",
    "tabs": "a page of the platform's menu, which no unit holds",
}


def _units(block: Block) -> list[Block]:
    """What of a lesson stands on a screen of its own."""
    return list(block.children) if block.tag == "sequential" else [block]
