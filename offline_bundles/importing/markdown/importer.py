"""A folder of Markdown as lessons: each folder with pages is one, in the order of their names, README first."""

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import groupby
from typing import Any

from offline_bundles.course.pages import PAGE_BYTES_MAX
from offline_bundles.errors import BrokenPackage
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
from offline_bundles.importing.markdown.editions import Edition, editions, own_pages
from offline_bundles.importing.markdown.marks import MARK, common, heading_and_rest, read_front, read_settings
from offline_bundles.importing.markdown.quizzes import (
    Collected,
    Collection,
    collections,
    read_marked_question,
    translated,
)
from offline_bundles.importing.packages import text_of
from offline_bundles.importing.ports import Package
from offline_bundles.importing.questions import Item, Names
from offline_bundles.importing.titles import licence, natural, spoken

QUIZ_LINK = re.compile(r"\((?:https?://)?[^()\s]*/quiz/(\d+)(?:[?#][^()\s]*)?\)")
ABOUT_THE_REPOSITORY = re.compile(r"[A-Z][A-Z_-]+\.md")
FIRST_IN_A_FOLDER = ("README.md", "readme.md", "index.md", "_index.md")
LAST_IN_A_FOLDER = "assignment.md"
STEP = re.compile(r"step_(\d+)\.md")
META = "meta.yml"


class MarkdownImporter:
    form = "Markdown"

    def recognises(self, package: Package) -> bool:
        """The last to be asked: many packages hold a README."""
        pages = (name for name in package.names() if name.endswith(".md"))
        return any(not _is_about(posixpath.basename(name)) for name in pages)

    def read(self, package: Package) -> ImportedCourse:
        """Raises `BrokenPackage` when the folder has no page."""
        every = editions(package)
        findings: list[Finding] = []
        reader = _Reader(package, every, findings, collections(package, findings))
        lessons = reader.lessons()
        if not lessons:
            raise BrokenPackage(f"{package.name} holds no page of Markdown that teaches.")
        main, *others = every
        return ImportedCourse(
            form=self.form,
            id=package.name,
            title=reader.title(main) or package.name,
            language=main.language,
            lessons=tuple(lessons),
            description=str(reader.meta(main).get("description", "")),
            licence=licence(package),
            findings=tuple(findings),
            titles={each.language: title for each in others if (title := reader.title(each))},
        )


@dataclass
class _Reader:
    package: Package
    editions: Sequence[Edition]
    findings: list[Finding]
    collections: Sequence[Collection]
    names: Names = field(default_factory=Names)
    placed: set[str] = field(default_factory=set)

    @property
    def main(self) -> Edition:
        return self.editions[0]

    def lessons(self) -> list[Lesson]:
        pages = [name for name in own_pages(self.package, self.main, self.editions) if self._teaches(name)]
        folders = groupby(sorted(pages, key=_order), key=posixpath.dirname)
        lessons = [self._lesson(folder, list(names)) for folder, names in folders]
        self._tell_of_pages_without_original(pages)
        return [*lessons, *self._rest_of_the_quizzes()]

    def _teaches(self, name: str) -> bool:
        """Questions are no pages, and what is about the repository teaches nothing."""
        inside = name.removeprefix(self.main.root)
        if _is_about(inside):
            self._find(Outcome.DROPPED, name, "page", "it is about the folder itself, and teaches nothing.")
            return False
        return not self._is_question(name)

    def _is_question(self, name: str) -> bool:
        return any(name.startswith(f"{folder}/") for folder in self.quiz_folders)

    @cached_property
    def quiz_folders(self) -> Sequence[str]:
        """Of every edition, with the steps that they belong to."""
        return [
            f"{edition.root}{path}"
            for edition in self.editions
            for step in self._steps(edition)
            if (path := _quiz_settings(step).get("path"))
        ]

    def _find(self, outcome: Outcome, where: str, kind: str, why: str) -> None:
        self.findings.append(Finding(outcome, where, kind, why))

    def meta(self, edition: Edition) -> Mapping[str, Any]:
        name = f"{edition.root}{META}"
        if not self.package.has(name):
            return {}
        written = text_of(self.package, name, PAGE_BYTES_MAX)
        return read_settings(re.sub(r"^---[ \t]*$", "", written, flags=re.MULTILINE))

    def title(self, edition: Edition) -> str:
        """As the meta file says, or the first page's heading."""
        written = self.meta(edition).get("title")
        if isinstance(written, str):
            return written
        pages = sorted(own_pages(self.package, edition, self.editions), key=_order)
        first = next((name for name in pages if posixpath.basename(name) in FIRST_IN_A_FOLDER), "")
        return heading_and_rest(read_front(self._text(first))[1])[0] if first else ""

    def _steps(self, edition: Edition) -> Sequence[Mapping[str, Any]]:
        listed = self.meta(edition).get("steps")
        return [step if isinstance(step, dict) else {} for step in listed] if isinstance(listed, list) else []

    def _step(self, edition: Edition, name: str) -> Mapping[str, Any]:
        """What the meta file says about a page."""
        number = STEP.fullmatch(name.removeprefix(edition.root))
        steps = self._steps(edition)
        return steps[int(number[1]) - 1] if number and 0 < int(number[1][:4]) <= len(steps) else {}

    def _text(self, name: str) -> str:
        return text_of(self.package, name, PAGE_BYTES_MAX)

    def _lesson(self, folder: str, names: list[str]) -> Lesson:
        activities: list[Activity] = []
        for name in names:
            page = self._page(name)
            quizzes = list(self._quizzes_of(name, page))
            if not page.body.strip() and not quizzes:
                self._find(Outcome.DROPPED, name, "page", "it is empty.")
            activities += [*([page] if page.body.strip() else []), *quizzes]
        activities += self._printed(folder)
        first = next((each for each in activities if isinstance(each, Page)), None)
        title = first.title if first and posixpath.basename(names[0]) in FIRST_IN_A_FOLDER else ""
        known = {tag: page.title for tag, page in first.translations.items()} if first and title else {}
        if not title:
            title = self.title(self.main) if folder == self.main.root.rstrip("/") else spoken(folder)
            known = {each.language: text for each in self.editions[1:] if (text := self.title(each))}
        return Lesson(
            folder.removeprefix(self.main.root) or "lesson", title or self.package.name, tuple(activities), known
        )

    def _page(self, name: str) -> Page:
        page = self._page_of(self.main, name)
        inside = name.removeprefix(self.main.root)
        others = {}
        for edition in self.editions[1:]:
            if self.package.has(f"{edition.root}{inside}"):
                others[edition.language] = self._page_of(edition, f"{edition.root}{inside}")
            else:
                self._find(Outcome.DEGRADED, name, "page", f"it is not there in {edition.language}.")
        return replace(page, id=self.names.new(inside.removesuffix(".md"), "page"), translations=others)

    def _page_of(self, edition: Edition, name: str) -> Page:
        front, text = read_front(self._text(name))
        heading, rest = heading_and_rest(text)
        step = self._step(edition, name)
        title = next((str(each) for each in (step.get("title"), front.get("title"), heading) if each), "")
        self._tell_of_unknown_marks(name, text)
        body = QUIZ_LINK.sub(self._linked, common(rest))
        return Page("", title or spoken(name.removesuffix(".md")), body, posixpath.dirname(name), "markdown", name)

    def _tell_of_unknown_marks(self, name: str, text: str) -> None:
        if any(mark[2] == "no-print" for mark in MARK.finditer(text)):
            why = "what runs in the browser only is left out; what stands for it on paper came along."
            self._find(Outcome.DEGRADED, name, "no-print", why)

    def _linked(self, link: re.Match[str]) -> str:
        known = any(link[1] in collection.quizzes for collection in self.collections)
        return f"(activity:quiz-{link[1]})" if known else link[0]

    def _quizzes_of(self, name: str, page: Page) -> Iterator[Quiz]:
        """Those that the page links to, and the one that its step names."""
        for number in dict.fromkeys(re.findall(r"\(activity:quiz-(\d+)\)", page.body)):
            yield from self._collected(number)
        settings = _quiz_settings(self._step(self.main, name))
        if settings.get("path"):
            yield from self._marked(str(settings["path"]), settings, page)

    def _marked(self, path: str, settings: Mapping[str, Any], page: Page) -> Iterator[Quiz]:
        own = self._questions_in(self.main, path)
        for edition in self.editions[1:]:
            others = self._questions_in(edition, path)
            own = {
                name: translated(each, edition.language, others.get(name), Item(name, "translation", self.findings))
                for name, each in own.items()
            }
        if own:
            titles = {tag: other.title for tag, other in page.translations.items()}
            mark = _pass_mark(settings, len(own))
            yield Quiz(self.names.new(path, "quiz"), page.title, tuple(own.values()), pass_mark=mark, titles=titles)

    def _questions_in(self, edition: Edition, path: str) -> dict[str, Question]:
        folder = f"{edition.root}{path}/"
        names = [name for name in self.package.names() if name.startswith(folder) and name.endswith(".md")]
        found = {}
        for name in sorted(names, key=_order):
            question = read_marked_question(self.package, name, self._text(name), self.findings)
            if question:
                found[question.id] = question
        return found

    def _collected(self, number: str) -> Iterator[Quiz]:
        collection = next((each for each in self._by_language() if number in each.quizzes), None)
        if number in self.placed or collection is None:
            return
        self.placed.add(number)
        quiz = collection.quizzes[number]
        questions, titles = quiz.questions, {}
        for other in self._by_language():
            if other is not collection and number in other.quizzes:
                titles[other.language] = other.quizzes[number].title
                questions = tuple(self._with_translation(quiz, questions, other))
        yield Quiz(self.names.new(f"quiz-{number}", "quiz"), quiz.title, questions, titles=titles)

    def _with_translation(
        self, quiz: Collected, questions: Sequence[Question], other: Collection
    ) -> Iterator[Question]:
        theirs = {question.id: question for question in other.quizzes[quiz.number].questions}
        for question in questions:
            item = Item(f"{quiz.title} › {question.prompt[:60]}", "translation", self.findings)
            yield translated(question, other.language, theirs.get(question.id), item)

    def _by_language(self) -> list[Collection]:
        """The course's own language first."""
        return sorted(self.collections, key=lambda each: each.language != self.main.language)

    def _rest_of_the_quizzes(self) -> Iterator[Lesson]:
        """Quizzes that no page links to: they are taught with nothing here, and are not lost."""
        for collection in self._by_language()[:1]:
            rest = tuple(quiz for number in collection.quizzes for quiz in self._collected(number))
            titles = {each.language: each.title for each in self.collections if each is not collection}
            if rest:
                yield Lesson("quizzes", collection.title or "Quizzes", rest, titles)

    def _printed(self, folder: str) -> Iterator[Resource]:
        """The course on paper, where the meta file names it."""
        written = self.meta(self.main).get("pdf")
        if isinstance(written, str) and folder == self.main.root.rstrip("/"):
            source = posixpath.normpath(f"{self.main.root}{written}")
            yield Resource(self.names.new("print", "print"), posixpath.basename(written), source)

    def _tell_of_pages_without_original(self, pages: Sequence[str]) -> None:
        known = {name.removeprefix(self.main.root) for name in pages}
        for edition in self.editions[1:]:
            for name in own_pages(self.package, edition, self.editions):
                if name.removeprefix(edition.root) not in known and not self._is_question(name):
                    self._find(Outcome.DROPPED, name, "page", f"it has no original in {self.main.language}.")


def _order(name: str) -> tuple[Any, ...]:
    """By folders and names, numbers by their value; what opens a folder first, its assignment last."""
    folder, _, file = name.rpartition("/")
    rank = -1 if file in FIRST_IN_A_FOLDER else int(file == LAST_IN_A_FOLDER)
    return (natural(folder), rank, natural(file))


def _is_about(name: str) -> bool:
    return bool(ABOUT_THE_REPOSITORY.fullmatch(name)) and name not in FIRST_IN_A_FOLDER


def _quiz_settings(step: Mapping[str, Any]) -> Mapping[str, Any]:
    found = step.get("knowledge_quiz")
    return found if isinstance(found, dict) else {}


def _pass_mark(settings: Mapping[str, Any], count: int) -> int:
    score = settings.get("passing_score")
    return min(100, 100 * score // count) if type(score) is int and score >= 0 else 60
