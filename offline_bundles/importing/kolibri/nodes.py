"""A channel's tree as lessons: each topic with something to do in it is one, titled by the way to it."""

import posixpath
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html import escape
from urllib.parse import quote

from offline_bundles.importing.imported import Activity, Finding, Lesson, Page, Quiz, Resource, Video
from offline_bundles.importing.kolibri.channel import TOPIC, Node, NodeFile
from offline_bundles.importing.kolibri.exercises import read_archive, read_listed
from offline_bundles.importing.ports import Package
from offline_bundles.importing.questions import Item, Names, shortened

PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".webp")
FILMS = (".mp4", ".webm", ".mov", ".ogv", ".m4v")
CAPTIONS = (".vtt", ".srt")
SOUNDS = (".mp3", ".m4a", ".ogg", ".wav")
DOCUMENTS = (".pdf", ".epub")
LOW = "low_res_video"


@dataclass(frozen=True)
class Shelf:
    """Files of the package by their name in a storage, or by their path."""

    package: Package
    stored: dict[str, str]
    findings: list[Finding] = field(default_factory=list)
    activities: Names = field(default_factory=Names)
    questions: Names = field(default_factory=Names)

    def find(self, file: NodeFile) -> str:
        """Where a file is in the package, or ""."""
        whole = posixpath.normpath(file.name)
        return whole if self.package.has(whole) else self.stored.get(posixpath.basename(file.name), "")

    def place(self, file: NodeFile, item: Item) -> str:
        """As `find`; a file that is not there is a finding."""
        place = self.find(file)
        if not place:
            shown = shortened(file.name, 80)
            item.broken(f"its file {shown} is not in the package", shown)
        return place


def read_lessons(root: Node, shelf: Shelf) -> Iterator[Lesson]:
    yield from _lessons(root, (), shelf, Names())


def _lessons(topic: Node, way: tuple[str, ...], shelf: Shelf, names: Names) -> Iterator[Lesson]:
    here = [activity for each in topic.children for activity in _activities(each, (*way, topic.title)[1:], shelf)]
    if here:
        title = " / ".join((*way, topic.title)[1:]) or topic.title
        yield Lesson(names.new(topic.id, "topic"), title, tuple(here))
    for each in topic.children:
        if each.children or each.kind == TOPIC:
            yield from _lessons(each, (*way, topic.title), shelf, names)


def _activities(node: Node, way: tuple[str, ...], shelf: Shelf) -> list[Activity]:
    if node.kind == TOPIC:
        return []
    item = Item(" / ".join((*way, node.title)), node.kind, shelf.findings)
    if node.for_coaches:
        item.dropped("it is for coaches, not for learners")
        return []
    if node.kind in ACTIVE:
        item.apart(ACTIVE[node.kind], filter(None, map(shelf.find, node.files)))
        return []
    if node.kind not in READERS:
        item.dropped(REASONS.get(node.kind, "no kind of activity here stands for it"))
        return []
    made = READERS[node.kind](node, item, shelf)
    return [made] if made else []


def _held(node: Node, endings: tuple[str, ...], item: Item, shelf: Shelf) -> list[tuple[NodeFile, str]]:
    """The node's files of these kinds that the package holds. One of several qualities is enough; none is a finding."""
    wanted = [each for each in node.files if each.name.lower().endswith(endings)]
    if not wanted:
        item.broken(f"the channel lists no file for it that ends in {' or '.join(endings)}")
    held = [(each, place) for each in wanted if (place := shelf.find(each))]
    return held or [(each, place) for each in wanted if (place := shelf.place(each, item))]


def _video(node: Node, item: Item, shelf: Shelf) -> Activity | None:
    """The film in its best quality, for the ladder to make the smaller ones from."""
    films = sorted(_held(node, FILMS, item, shelf), key=lambda each: each[0].preset == LOW)
    if not films:
        return None
    subtitles = [each for each in node.files if each.name.lower().endswith(CAPTIONS)]
    captions = {each.language or "und": place for each in subtitles if (place := shelf.place(each, item))}
    return Video(shelf.activities.new(node.id, "video"), node.title, films[0][1], captions)


def _file(endings: tuple[str, ...]) -> "Read":
    def read(node: Node, item: Item, shelf: Shelf) -> Activity | None:
        held = _held(node, endings, item, shelf)
        if len(held) > 1:
            item.degraded(f"it has {len(held)} files of the same; the first came along")
        return Resource(shelf.activities.new(node.id, "file"), node.title, held[0][1]) if held else None

    return read


def _slides(node: Node, item: Item, shelf: Shelf) -> Activity | None:
    shown = [each for each in node.files if each.name.lower().endswith(PICTURES)]
    places = [place for each in shown if (place := shelf.place(each, item))]
    if not places:
        item.broken("none of its pictures is in the package")
        return None
    item.degraded("its slides stand below one another, without what is said to them")
    body = "".join(f'<p><img src="/{quote(place)}" alt="{escape(node.title)}"></p>' for place in places)
    return Page(shelf.activities.new(node.id, "slides"), node.title, body)


def _exercise(node: Node, item: Item, shelf: Shelf) -> Activity | None:
    if node.questions:
        questions = read_listed(node.questions, item, shelf.questions)
    else:
        archives = _held(node, (".perseus",), item, shelf)
        questions = read_archive(shelf.package, archives[0][1], item, shelf.questions) if archives else ()
        if not archives:
            return None
    if not questions:
        item.broken("none of its questions could be taken")
        return None
    item.degraded("it was repeated until mastered; here each question is asked once")
    return Quiz(shelf.activities.new(node.id, "exercise"), node.title, questions)


Read = Callable[[Node, Item, Shelf], Activity | None]
READERS: dict[str, Read] = {
    "video": _video,
    "audio": _file(SOUNDS),
    "document": _file(DOCUMENTS),
    "slideshow": _slides,
    "exercise": _exercise,
}
ACTIVE = {
    "html5": "it is an active package of HTML and scripts, whose code is never run here",
    "h5p": "it is an H5P package. Import its .h5p file by itself",
    "zim": "it is a whole web site (ZIM), which has a reader of its own",
}
REASONS = {
    "remotecontent": "it is on the network, not in the package",
}
