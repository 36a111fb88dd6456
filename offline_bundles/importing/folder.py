"""Writes an imported course down as a Tiffin course folder: first what goes where is decided, then it is written.

The folder appears whole or not at all. Source of its form: docs/bundle-format.md, "What a person writes".
"""

import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from offline_bundles.course.captions import CAPTIONS_BYTES_MAX, as_webvtt
from offline_bundles.course.fields import LANGUAGE
from offline_bundles.course.reading import COURSE_FILE
from offline_bundles.errors import BrokenPackage, MediaError
from offline_bundles.importing.films import Films
from offline_bundles.importing.imported import (
    Activity,
    Finding,
    ImportedCourse,
    Lesson,
    Outcome,
    Page,
    Quiz,
    Resource,
    Video,
)
from offline_bundles.importing.packages import copy_out
from offline_bundles.importing.page_writing import ACTIVITY_SCHEME, PageWriter
from offline_bundles.importing.pictures import Pictures
from offline_bundles.importing.ports import Package
from offline_bundles.importing.questions import Names, slug
from offline_bundles.importing.quiz_writing import write_quiz
from offline_bundles.importing.shelf import VIDEO_BYTES_MAX, Shelf, is_video
from offline_bundles.importing.written import dumped, headline, tidy

UNDETERMINED = "und"  # BCP 47: nobody said which
APART = "active"  # the folder of what holds code
MADE_UP = re.compile(r"/?\bnamed/\d+/[a-z_]+/[a-z_]+/\d+/")  # where `moodle.pool` has a backup's files
OTHER_LANGUAGE = "en"  # what is assumed then, and told
Entry = dict[str, Any]
Copying = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class FolderPlan:
    """Everything that will stand in the folder: texts by path, by path the package's file that is copied there.

    `pictures`: those that stood in pages themselves. `graded`: the quizzes that count, by activity.
    `findings`: those of the importer, then those of the writing.
    """

    course: str
    title: str
    values: Mapping[str, Any]
    texts: Mapping[str, str]
    copies: Mapping[str, str]
    pictures: Mapping[str, bytes]
    graded: frozenset[str]
    findings: tuple[Finding, ...]


def plan_folder(course: ImportedCourse, package: Package) -> FolderPlan:
    """Raises `BrokenPackage` when nothing of the course can be learnt from without a network."""
    planner = _Planner(course, Shelf(package, Pictures(package), Films(package)))
    if not _language(course.language):
        why = "it does not say in which language it is: English is assumed. Say it with --language."
        planner.shelf.find(Outcome.DEGRADED, headline(course.title, package.name), "language", why)
    planner.keep_apart()
    lessons = planner.lessons()
    if not lessons:
        raise BrokenPackage(f"{package.name}: nothing in it can be learnt from offline. {_first(planner.findings)}")
    values = _head(course, planner.course_id, planner.languages) | {"lessons": lessons}
    texts = _without_dead_links(planner, lessons) | {COURSE_FILE: dumped(values)}
    return FolderPlan(
        planner.course_id,
        headline(course.title, planner.course_id),
        values,
        texts,
        planner.shelf.copies,
        planner.shelf.written,
        frozenset(planner.graded),
        tuple(planner.findings),
    )


def _without_dead_links(planner: "_Planner", lessons: list[Entry]) -> dict[str, str]:
    """A page may link to one of which later nothing was left."""
    alive = {entry["id"] for lesson in lessons for entry in lesson["activities"]}
    address = re.compile(rf' href="#/course/{planner.course_id}/([a-z0-9-]+)"')

    def judged(link: re.Match[str]) -> str:
        return link[0] if link[1] in alive else ""

    pages = {path: address.sub(judged, text) for path, text in planner.texts.items() if path.endswith(".html")}
    return planner.texts | pages


def write_folder(plan: FolderPlan, package: Package, folder: Path, copying: Copying | None = None) -> None:
    """`copying` hears of each file, the bytes done and all bytes. Raises `BrokenPackage`, and then leaves nothing."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BrokenPackage(f"{folder} is there already and not empty. Give another folder with --to.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    # In the same parent, so that the last step is a rename.
    with tempfile.TemporaryDirectory(prefix=".tiffin-import-", dir=folder.parent) as temporary:
        whole = Path(temporary, "course")
        for path, raw in (*((path, text.encode()) for path, text in plan.texts.items()), *plan.pictures.items()):
            (whole / path).parent.mkdir(parents=True, exist_ok=True)
            (whole / path).write_bytes(raw)
        _copy(plan, package, whole, copying or (lambda _path, _done, _total: None))
        if folder.exists():
            folder.rmdir()
        shutil.move(whole, folder)


def _copy(plan: FolderPlan, package: Package, whole: Path, copying: Copying) -> None:
    total = sum(package.size(source) for source in plan.copies.values())
    done = 0
    for path, source in plan.copies.items():
        copying(path, done, total)
        (whole / path).parent.mkdir(parents=True, exist_ok=True)
        done += copy_out(package, source, whole / path, VIDEO_BYTES_MAX)
    copying("", total, total)


def in_languages(title: str, others: Mapping[str, str], languages: Sequence[str]) -> str | dict[str, str]:
    """A plain text where there is one language; else a text for each that has one."""
    more = {tag: headline(text, "") for tag, text in others.items() if tag in languages[1:] and text.strip()}
    return {languages[0]: title} | more if more else title


def _head(course: ImportedCourse, name: str, languages: Sequence[str]) -> dict[str, Any]:
    title = in_languages(headline(course.title, name), course.titles, languages)
    head: dict[str, Any] = {"id": name, "title": title, "languages": list(languages)}
    optional = {
        "description": tidy(course.description),
        "licence": headline(course.licence, ""),
        "attribution": headline(course.attribution, ""),
    }
    return head | {member: text[:8_000] for member, text in optional.items() if text}


def _language(written: str) -> str:
    """The tag, or "" when it names no language."""
    tag = written.strip().replace("_", "-")
    return tag if LANGUAGE.fullmatch(tag) and tag.lower() != UNDETERMINED else ""


def _first(findings: list[Finding]) -> str:
    lost = next((finding for finding in findings if finding.outcome is not Outcome.DEGRADED), None)
    return f"For one: {lost.where}: {lost.why}" if lost else "It holds no lesson."


@dataclass
class _Planner:
    """`targets`: addresses in the course by `activity:` link and by the package's file that leads there."""

    course: ImportedCourse
    shelf: Shelf
    texts: dict[str, str] = field(default_factory=dict)
    targets: dict[str, str] = field(default_factory=dict)
    names: Names = field(default_factory=Names)
    lesson_names: Names = field(default_factory=Names)
    attached: list[Entry] = field(default_factory=list)
    graded: set[str] = field(default_factory=set)

    @property
    def course_id(self) -> str:
        return slug(self.course.id) or slug(self.course.title) or "imported-course"

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """The course's own first, then those that pages, questions or titles have too."""
        found = {*self.course.titles}
        for lesson in self.course.lessons:
            found |= {*lesson.titles}
            for activity in lesson.activities:
                found |= {*activity.translations} if isinstance(activity, Page) else set()
        for question in self.course.questions:
            found |= {*question.translations}
        first = _language(self.course.language) or OTHER_LANGUAGE
        return (first, *sorted(tag for tag in found if LANGUAGE.fullmatch(tag) and tag != first))

    @property
    def findings(self) -> list[Finding]:
        """A report reads as one hand's: sentences end, and a file of Moodle has the name that its teacher knows."""
        found = (*self.course.findings, *self.shelf.findings)
        return [
            replace(one, why=f"{MADE_UP.sub('', one.why).rstrip('.')}.", about=MADE_UP.sub("", one.about))
            for one in found
        ]

    def keep_apart(self) -> None:
        """Code lies beside the course under its own name, where a trainer finds it and packing does not look."""
        for source in (source for one in self.course.findings for source in one.sources):
            self.shelf.put(APART, source)

    def lessons(self) -> list[Entry]:
        named = [
            replace(lesson, activities=tuple(map(self._named, lesson.activities))) for lesson in self.course.lessons
        ]
        return [entry for lesson in named if (entry := self._lesson(lesson))]

    def _named(self, activity: Activity) -> Activity:
        """The activity under its id in the folder; from now on links find it."""
        name = self.names.new(slug(activity.id) or slug(activity.title), "activity")
        address = f"#/course/{self.course_id}/{name}"
        self.targets.setdefault(f"{ACTIVITY_SCHEME}{activity.id}", address)
        for source in _sources(activity):
            self.targets.setdefault(source, address)
        return replace(activity, id=name)

    def _lesson(self, lesson: Lesson) -> Entry | None:
        entries = [entry for activity in lesson.activities for entry in self._entries(activity, lesson.title)]
        if not entries:
            why = "nothing in it came along." if lesson.activities else "it holds nothing that could come along."
            self.shelf.find(Outcome.DROPPED, headline(lesson.title, lesson.id), "lesson", why)
            return None
        name = self.lesson_names.new(slug(lesson.id) or slug(lesson.title), "lesson")
        title = in_languages(headline(lesson.title, name), lesson.titles, self.languages)
        return {"id": name, "title": title, "activities": entries}

    def _entries(self, activity: Activity, lesson: str) -> Iterator[Entry]:
        title = headline(activity.title, activity.id)
        where = title if title == lesson else f"{headline(lesson, 'lesson')} › {title}"
        if isinstance(activity, Page):
            yield from self._page(activity, where)
        elif isinstance(activity, Quiz):
            yield from self._quiz(activity, where)
        elif isinstance(activity, Video):
            yield from self._video(activity, where)
        else:
            yield from self._resource(activity, where)
        yield from self.attached
        self.attached.clear()

    def _page(self, page: Page, where: str) -> Iterator[Entry]:
        own = self._written(page, where, f"pages/{page.id}.html")
        others = {
            tag: path
            for tag, other in page.translations.items()
            if own and tag in self.languages and (path := self._translated(page, tag, other, where))
        }
        if own:
            entry = self._entry(page, "page", own, {tag: page.translations[tag].title for tag in others})
            yield entry | ({"source": {self.languages[0]: own, **others}} if others else {})

    def _translated(self, page: Page, tag: str, other: Page, where: str) -> str:
        return self._written(other, f"{where} [{tag}]", f"pages/{page.id}.{tag}.html")

    def _written(self, page: Page, where: str, path: str) -> str:
        """The path, or "" when nothing of the page was left."""
        body = PageWriter(page, self.shelf, self.targets, where, partial(self._attach, where)).write()
        if body:
            self.texts[path] = f"{body}\n"
        return path if body else ""

    def _quiz(self, quiz: Quiz, where: str) -> Iterator[Entry]:
        parts = write_quiz(quiz, self.shelf, where, self.languages)
        for number, part in enumerate(parts, 1):
            name = quiz.id if number == 1 else self.names.new(quiz.id, "quiz")
            path = f"quizzes/{name}.yaml"
            self.texts[path] = dumped(part)
            if quiz.graded:
                self.graded.add(name)
            title = f"{quiz.title} ({number}/{len(parts)})" if len(parts) > 1 else quiz.title
            yield self._entry(replace(quiz, id=name, title=title), "quiz", path, quiz.titles)

    def _video(self, video: Video, where: str) -> Iterator[Entry]:
        if not self._is_there(video.source, where, "video"):
            return
        entry = self._entry(video, "video", self.shelf.take_along(where, video.source))
        captions = dict(self._captions(video, where))
        yield entry | ({"captions": captions} if captions else {})

    def _captions(self, video: Video, where: str) -> Iterator[tuple[str, str]]:
        for language, source in video.captions.items():
            if not self.shelf.package.has(source):
                self.shelf.find(Outcome.BROKEN, where, "captions", f"{source} is not in the package.", source)
            elif why := self._caption_fault(source):
                self.shelf.find(Outcome.DROPPED, where, "captions", f"{source} {why}.", source)
            else:
                yield _language(language) or self.languages[0], self.shelf.put("captions", source)

    def _caption_fault(self, source: str) -> str:
        """As packing would judge it."""
        try:
            as_webvtt(self.shelf.package.read(source, CAPTIONS_BYTES_MAX), "")
        except MediaError as error:
            return str(error).strip().rstrip(".")
        except BrokenPackage:
            return f"has more than {CAPTIONS_BYTES_MAX >> 20} MB"
        return ""

    def _resource(self, resource: Resource, where: str) -> Iterator[Entry]:
        if self._is_there(resource.source, where, "file"):
            yield self._entry(resource, "resource", self.shelf.take_along(where, resource.source))

    def _is_there(self, source: str, where: str, kind: str) -> bool:
        if not self.shelf.package.has(source):
            self.shelf.find(Outcome.BROKEN, where, kind, f"{source or 'its file'} is not in the package.", source)
        elif refusal := self.shelf.refusal(source):
            self.shelf.find(Outcome.DROPPED, where, kind, f"{source} stays behind: {refusal}.", source)
        else:
            return True
        return False

    def _attach(self, where: str, source: str) -> str:
        """An activity of its own for a file that a page links to; its address."""
        title = source.rpartition("/")[2]
        make = Video if is_video(source) else Resource
        activity = self._named(make(id=slug(title.rpartition(".")[0]), title=title, source=source))
        kind = "video" if is_video(source) else "resource"
        self.attached.append(self._entry(activity, kind, self.shelf.take_along(where, source)))
        return self.targets[source]

    def _entry(self, activity: Activity, kind: str, source: str, titles: Mapping[str, str] | None = None) -> Entry:
        """What is read is essential; what is fetched for it weighs more, and a phone may leave it."""
        tier = "important" if kind in ("video", "resource") else "essential"
        return {
            "id": activity.id,
            "kind": kind,
            "tier": tier,
            "title": in_languages(headline(activity.title, activity.id), titles or {}, self.languages),
            "source": source,
        }


def _sources(activity: Activity) -> list[str]:
    """The package's files that an activity stands for: links to them lead to it."""
    if isinstance(activity, Quiz):
        return []
    others = activity.translations.values() if isinstance(activity, Page) else ()
    return [source for source in (activity.source, *(other.source for other in others)) if source]
