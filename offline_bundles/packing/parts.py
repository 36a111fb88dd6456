"""Pages, quizzes and resources as objects. Each function gives the members of its manifest entry, and its weight."""

import mimetypes
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from offline_bundles.canonical import write_canonical
from offline_bundles.course import Activity, Course
from offline_bundles.course.pages import PlacedPicture, render_page
from offline_bundles.errors import MediaError
from offline_bundles.forms import QUIZ_FORM
from offline_bundles.media import LeftOut, Picture, encode_picture, source_digest
from offline_bundles.packing.report import Progress, Report
from offline_bundles.stores import ObjectStore

RESOURCE_BYTES_MAX = 64 << 20
WEBP = "image/webp"
Packed = tuple[dict[str, Any], int]


@dataclass
class Box:
    """What one packing works with, and what it gathers."""

    folder: Path
    store: ObjectStore
    cache: Path
    progress: Progress
    report: Report
    left_out: LeftOut = field(default_factory=dict)
    keys: dict[str, dict[str, Any]] = field(default_factory=dict)
    _seen: set[str] = field(default_factory=set)

    def put(self, content: bytes) -> str:
        return self._count(sha256(content).hexdigest(), lambda: self.store.put(content))

    def put_file(self, path: Path) -> str:
        return self._count(source_digest(path), lambda: self.store.put_file(path))

    def _count(self, digest: str, put: Callable[[], str]) -> str:
        """Counts each object of the release once, and whether the store had it."""
        if digest not in self._seen:
            self._seen.add(digest)
            self.report.objects += 1
            self.report.new_objects += not self.store.has(digest)
        return put()

    def picture(self, source: Path) -> tuple[str, Picture]:
        picture = encode_picture(source, cache=self.cache)
        self.report.reused += picture.reused
        self.report.encoded += not picture.reused
        return self.put_file(picture.path), picture


def picture_entry(digest: str, size: int) -> dict[str, Any]:
    return {"object": digest, "bytes": size, "type": WEBP}


def pack_page(activity: Activity, course: Course, box: Box) -> Packed:
    pages: dict[str, dict[str, Any]] = {}
    pictures: dict[str, dict[str, Any]] = {}

    def place(found: Path) -> PlacedPicture:
        digest, picture = box.picture(found)
        pictures[digest] = picture_entry(digest, picture.bytes)
        return PlacedPicture(digest, picture.width, picture.height)

    for language, source in activity.sources.items():
        html, dropped = render_page(source, box.folder, place)
        box.report.dropped += dropped
        raw = html.encode()
        pages[language] = {"object": box.put(raw), "bytes": len(raw)}
    missing = [language for language in course.languages if language not in pages]
    if missing and len(activity.sources) > 1:
        box.report.degraded.append(f"{activity.id} has no page in {', '.join(missing)}")
    weight = sum(page["bytes"] for page in pages.values()) + sum(one["bytes"] for one in pictures.values())
    return {"pages": pages, "pictures": list(pictures.values())}, weight


def pack_quiz(activity: Activity, course: Course, box: Box) -> Packed:
    """The key of a practice quiz stands in its object; a graded quiz's goes to `box.keys` alone."""
    quiz = activity.quiz
    if quiz is None:
        raise MediaError("has no questions")
    pictures: dict[str, dict[str, Any]] = {}
    questions = []
    for question in quiz.questions:
        public = dict(question.public)
        if question.picture:
            digest, picture = box.picture(question.picture)
            pictures[digest] = public["picture"] = picture_entry(digest, picture.bytes)
        questions.append(public)
    content: dict[str, Any] = {
        "format": QUIZ_FORM,
        "quiz": quiz.quiz,
        "pass_mark": quiz.pass_mark,
        "policy": quiz.policy,
        "questions": questions,
    }
    limits = {"attempts": quiz.attempts, "opens": quiz.opens, "closes": quiz.closes}
    content |= {name: limit for name, limit in limits.items() if limit is not None}
    key = {question.id: dict(question.key) for question in quiz.questions}
    if quiz.quiz == "practice":
        content["key"] = key
    raw = write_canonical(content)
    digest = box.put(raw)
    if quiz.quiz == "graded":
        box.keys[activity.id] = {"object": digest, "key": key}
    points = sum(question.points for question in quiz.questions)
    members = {"quiz": quiz.quiz, "points": points, "object": digest, "bytes": len(raw)}
    weight = len(raw) + sum(one["bytes"] for one in pictures.values())
    return members | {"pictures": list(pictures.values())}, weight


def pack_resource(activity: Activity, course: Course, box: Box) -> Packed:
    source = activity.source
    size = source.stat().st_size
    if size > RESOURCE_BYTES_MAX:
        raise MediaError(f"{source.name} has more than {RESOURCE_BYTES_MAX >> 20} MB.")
    kind = mimetypes.guess_type(source.name)[0] or "application/octet-stream"
    return {"object": box.put_file(source), "bytes": size, "type": kind, "name": source.name}, size
