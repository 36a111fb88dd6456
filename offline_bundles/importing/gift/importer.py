"""A GIFT file, or a folder of them, as a course: a lesson for each file, a quiz for each category in it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice
from pathlib import PurePosixPath

from offline_bundles.course.quizzes import QUESTIONS_MAX
from offline_bundles.errors import BrokenPackage
from offline_bundles.importing.gift.blocks import Block, blocks
from offline_bundles.importing.gift.mapping import as_html, prompt_of, question_of
from offline_bundles.importing.imported import Activity, Finding, ImportedCourse, Lesson, Page, Question, Quiz
from offline_bundles.importing.ports import Package
from offline_bundles.importing.questions import Item, Names, shortened

FILE_BYTES_MAX = 8 << 20  # ten thousand questions have some 5 MB
BLOCKS_MAX = 20_000  # of one file
FILES_MAX = 1_000
START_BYTES = 4_096  # enough to see a first question
SIGNS = re.compile(r"[=~#]|^\s*(?:T|F|TRUE|FALSE)\s*$")
FORM = "GIFT"
LANGUAGE = "und"  # the format names none; "und" is BCP 47's word for that
TITLE_CHARACTERS_MAX = 80


@dataclass(slots=True)
class _Category:
    """What one category of a file holds: descriptions become pages, since no quiz here has them."""

    title: str
    pages: list[Page] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)


@dataclass(slots=True)
class _Reading:
    """One import: what it found, and which names it gave."""

    findings: list[Finding] = field(default_factory=list)
    activities: Names = field(default_factory=Names)
    lessons: Names = field(default_factory=Names)


class GiftImporter:
    form = FORM

    def recognises(self, package: Package) -> bool:
        return bool(_gift_files(package))

    def read(self, package: Package) -> ImportedCourse:
        reading = _Reading()
        lessons = [lesson for name in _gift_files(package) if (lesson := _lesson(reading, package, name))]
        if not lessons:
            raise BrokenPackage(f"{package.name} holds no question that can be read. {_first(reading.findings)}")
        course = Names().new(package.name, "gift")
        return ImportedCourse(FORM, course, package.name, LANGUAGE, tuple(lessons), findings=tuple(reading.findings))


def _gift_files(package: Package) -> list[str]:
    """By their ending. A .txt counts beside them or alone, and only when it looks like GIFT."""
    named = [name for name in package.names() if name.lower().endswith(".gift")]
    texts = [name for name in package.names() if name.lower().endswith(".txt")]
    if named or len(package.names()) == 1:
        named += [name for name in texts[:FILES_MAX] if _looks_like_gift(package, name)]
    if len(named) > FILES_MAX:
        raise BrokenPackage(f"{package.name} holds {len(named)} GIFT files; at most {FILES_MAX} make a course.")
    return sorted(named)


def _first(findings: Sequence[Finding]) -> str:
    return f"{findings[0].where}: {findings[0].why}." if findings else "Is it GIFT text?"


def _looks_like_gift(package: Package, name: str) -> bool:
    with package.open(name) as file:
        start = file.read(START_BYTES).decode("utf-8", "replace").removeprefix("\ufeff")
    found = list(islice(blocks(start), 20))
    return any(block.answers is not None and (block.title or SIGNS.search(block.answers)) for block in found)


def _text(reading: _Reading, package: Package, name: str) -> str:
    raw = package.read(name, FILE_BYTES_MAX)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        Item(name, "file", reading.findings).degraded(
            "it is not UTF-8; read as Windows-1252, some letters may be wrong"
        )
        return raw.decode("cp1252", "replace")


def _lesson(reading: _Reading, package: Package, name: str) -> Lesson | None:
    title = PurePosixPath(name).stem
    questions = Names()
    categories: dict[str, _Category] = {}
    text = _text(reading, package, name).replace("\r\n", "\n").replace("\r", "\n")
    found = blocks(text)
    for block in islice(found, BLOCKS_MAX):
        last = block.category.rpartition("/")[2].strip()
        _add(reading, questions, categories.setdefault(block.category, _Category(last or title)), name, block)
    if next(found, None) is not None:
        Item(name, "file", reading.findings).dropped(f"only the first {BLOCKS_MAX} questions of the file are read")
    activities = tuple(each for category in categories.values() for each in _activities(reading, category))
    if not activities:
        Item(name, "file", reading.findings).dropped("it holds no question")
        return None
    return Lesson(reading.lessons.new(title, "lesson"), title, activities)


def _add(reading: _Reading, names: Names, category: _Category, file: str, block: Block) -> None:
    label = block.title or block.before.text or "question"
    where = f"{file}, line {block.line}: {shortened(label, 60)}"
    if block.answers is None and not block.unclosed:
        _describe(reading, category, Item(where, "description", reading.findings), block)
        return
    question = question_of(Item(where, "question", reading.findings), block, names.new(block.title, _digest(block)))
    if question:
        category.questions.append(question)


def _digest(block: Block) -> str:
    """A name that stays when other questions come and go."""
    return f"q-{sha256(block.before.text.encode(errors='surrogatepass')).hexdigest()[:8]}"


def _describe(reading: _Reading, category: _Category, item: Item, block: Block) -> None:
    prompt = prompt_of(item, block)
    if not prompt.text:
        item.dropped("it says nothing")
        return
    item.degraded("a text without a question; it is a page before the quiz")
    title = block.title or shortened(prompt.text, TITLE_CHARACTERS_MAX)
    name = reading.activities.new(title, "text")
    category.pages.append(Page(name, shortened(title, TITLE_CHARACTERS_MAX), as_html(block.before)))


def _activities(reading: _Reading, category: _Category) -> list[Activity]:
    """The category's pages, then its questions in quizzes that are not larger than a quiz may be."""
    found: list[Activity] = list(category.pages)
    parts = [category.questions[at : at + QUESTIONS_MAX] for at in range(0, len(category.questions), QUESTIONS_MAX)]
    for number, part in enumerate(parts, 1):
        title = category.title if len(parts) == 1 else f"{category.title} ({number})"
        found.append(Quiz(reading.activities.new(title, "quiz"), title, tuple(part)))
    return found
