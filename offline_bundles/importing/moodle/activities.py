"""Moodle's activities as Tiffin's. Each kind is read by one function; a kind without one is dropped with its reason."""

from collections.abc import Callable
from dataclasses import replace
from html import escape
from xml.etree.ElementTree import Element

from offline_bundles.importing.html import plain_text
from offline_bundles.importing.imported import Activity, Question, Quiz, Resource, Video
from offline_bundles.importing.moodle.course import Opened
from offline_bundles.importing.moodle.fields import value, whole
from offline_bundles.importing.moodle.lessons import read_lesson
from offline_bundles.importing.moodle.pool import Pooled
from offline_bundles.importing.moodle.quizzes import read_quiz
from offline_bundles.importing.questions import shortened

VIDEO = "video/"
WEB = ("http://", "https://")

Read = Callable[[Opened], list[Activity]]


def _page(opened: Opened) -> list[Activity]:
    shown_first = 'printintro";s:1:"1"' in opened.value("displayoptions")
    intro = opened.html("intro", "intro") if shown_first else ""
    body = "\n".join(filter(None, [intro, opened.html("content", "content")]))
    return [opened.page(opened.id, opened.module.title, body)]


def _label(opened: Opened) -> list[Activity]:
    return [opened.page(opened.id, opened.module.title, opened.html("intro", "intro"))]


def _url(opened: Opened) -> list[Activity]:
    address = opened.value("externalurl")
    if not address.startswith(WEB):
        opened.item.dropped("its address is none that a page may lead to")
        return []
    opened.item.degraded("it leads to the network; the page with its link came along")
    link = f'<p><a href="{escape(address)}">{escape(address)}</a></p>'
    return [opened.page(opened.id, opened.module.title, opened.html("intro", "intro") + link)]


def _resource(opened: Opened) -> list[Activity]:
    """The file that Moodle opens: the one that was made the main one, else the first."""
    files = opened.reading.package.files(opened.area("content"))
    if not files:
        opened.item.broken("the backup lists no file for it")
        return []
    if len(files) > 1:
        opened.item.degraded(f"{len(files)} files lie in it, each an activity of its own now")
    return [made for each in files if (made := _file(opened, each, opened.module.title if len(files) == 1 else ""))]


def _folder(opened: Opened) -> list[Activity]:
    files = opened.reading.package.files(opened.area("content"))
    if not files:
        opened.item.dropped("it is empty")
    return [made for each in files if (made := _file(opened, each, ""))]


def _file(opened: Opened, file: Pooled, title: str) -> Activity | None:
    if not opened.reading.package.has(file.name):
        shown = shortened(file.path, 80)
        opened.item.broken(f"its file {shown} is not in the backup", shown)
        return None
    name = opened.reading.names.new(opened.id, "file")
    shown = title or file.path
    if file.mime.startswith(VIDEO):
        return Video(name, shown, file.name)
    return Resource(name, shown, file.name)


def _active(opened: Opened) -> list[Activity]:
    files = opened.reading.package.files(opened.area("package"))
    opened.item.apart(
        PACKAGES[opened.module.kind], (each.name for each in files if opened.reading.package.has(each.name))
    )
    return []


def _book(opened: Opened) -> list[Activity]:
    chapters = sorted(opened.element.findall("chapters/chapter"), key=lambda each: whole(each, "pagenum"))
    hidden = [each for each in chapters if whole(each, "hidden")]
    if hidden:
        opened.item.dropped(f"{len(hidden)} of its chapters are hidden from learners")
    shown = [each for each in chapters if not whole(each, "hidden")]
    if not shown:
        opened.item.dropped("it has no chapter that learners see")
    return [_chapter(opened, each, first=each is shown[0]) for each in shown]


def _chapter(opened: Opened, chapter: Element, *, first: bool) -> Activity:
    name = opened.id if first else f"{opened.id}-chapter-{chapter.get('id', '')}"
    title = plain_text(value(chapter, "title")) or opened.module.title
    return opened.page(name, title, opened.placed(value(chapter, "content"), "chapter", chapter.get("id", "")))


def _glossary(opened: Opened) -> list[Activity]:
    entries = opened.element.findall("entries/entry")
    if not entries:
        opened.item.dropped("it has no entries")
        return []
    opened.item.degraded("it became a page with all its entries")
    for each in entries:
        for file in opened.reading.package.files(opened.area("attachment", each.get("id", ""))):
            opened.item.dropped(
                f"the file {shortened(file.path, 80)} hangs on an entry, and an entry has no files here"
            )
    terms = "".join(
        _entry(opened, each) for each in sorted(entries, key=lambda each: value(each, "concept").casefold())
    )
    return [opened.page(opened.id, opened.module.title, f"{opened.html('intro', 'intro')}<dl>{terms}</dl>")]


def _entry(opened: Opened, entry: Element) -> str:
    meaning = opened.placed(value(entry, "definition"), "entry", entry.get("id", ""))
    return f"<dt>{escape(plain_text(value(entry, 'concept')))}</dt><dd>{meaning}</dd>"


def _assignment(opened: Opened) -> list[Activity]:
    """An answer in writing is a free text that a person reads; files cannot be handed in."""
    task = plain_text(opened.value("intro"))
    if not task:
        opened.item.dropped("it does not say what is to be done")
        return []
    opened.item.degraded("it is answered in writing, to be read by a person; no files can be handed in")
    page = opened.page(f"{opened.id}-task", opened.module.title, opened.html("intro", "intro"))
    question = Question(opened.reading.question_names.new(f"{opened.id}-answer", "question"), "free_text", task)
    quiz = Quiz(opened.reading.names.new(opened.id, "quiz"), opened.module.title, (question,), graded=True)
    return [page, replace(quiz, pass_mark=0)]


READERS: dict[str, Read] = {
    "page": _page,
    "label": _label,
    "url": _url,
    "resource": _resource,
    "folder": _folder,
    "book": _book,
    "glossary": _glossary,
    "assign": _assignment,
    "lesson": read_lesson,
    "quiz": read_quiz,
    "scorm": _active,
    "h5pactivity": _active,
}
TOGETHER = "learners work on it together, which needs a network"
ELSEWHERE = "it runs on another server"
ACTIVE = "it is an active package, whose code is never run here"
PACKAGES = {"scorm": ACTIVE, "h5pactivity": "it is an H5P package. Import its .h5p file by itself"}
ASKS = "it asks learners for their opinion, and nothing here gathers opinions"
REASONS = {
    "forum": TOGETHER,
    "hsuforum": TOGETHER,
    "chat": TOGETHER,
    "wiki": TOGETHER,
    "data": TOGETHER,
    "workshop": TOGETHER,
    "lti": ELSEWHERE,
    "bigbluebuttonbn": ELSEWHERE,
    "imscp": ACTIVE,
    "hvp": "it is an H5P package. Export it from Moodle by itself and import that file",
    "choice": ASKS,
    "feedback": ASKS,
    "questionnaire": ASKS,
    "survey": ASKS,
    "assignment": "assignments of Moodle 2.2 and before have another form. Upgrade it in Moodle to the present one",
}
UNKNOWN = "no kind of activity here stands for it"
