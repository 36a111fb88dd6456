"""What an update of a large course weighs in manifests: 5,000 segments, five lessons changed and put into a new order.

The manifests are written as packing writes them (docs/bundle-format.md); only the media behind them are not encoded,
since a name is a name: random digests, which no compression makes smaller, as real ones.
"""

import random
from typing import Any

import brotli

from offline_bundles import FolderStore, objects_of
from offline_bundles.canonical import write_canonical
from offline_bundles.forms import LESSON_FORM, RELEASE_FORM, STREAM_FORM
from offline_bundles.opening.update import update_entry
from server.courses.updates import BEST_QUALITY

LESSONS, VIDEOS, SEGMENTS = 50, 2, 50  # 5,000 segments
CHANGED_LESSONS = (4, 13, 22, 31, 40)
SEGMENT_BYTES, SEGMENT_MS = 24_000, 10_000
KEY = "1c9a52f0d3e4b687"


def manifest_bytes(store: FolderStore) -> int:
    """The new manifests in one update, as the server sends them: in Brotli, made when the release is published."""
    course = LargeCourse(store)
    before = {ref.digest for ref in objects_of(course.release(), store)}
    course.change()
    new = [ref.digest for ref in objects_of(course.release(), store) if ref.digest not in before]
    manifests = b"".join(update_entry(store.read(digest)) for digest in new if store.has(digest))
    return len(brotli.compress(manifests, quality=BEST_QUALITY))


class LargeCourse:
    def __init__(self, store: FolderStore) -> None:
        self._store = store
        self._random = random.Random(7)
        self._lessons = [self._lesson(number) for number in range(LESSONS)]
        self._number = 0

    def release(self) -> str:
        """The root of what the course is now."""
        self._number += 1
        lessons = [
            {
                "id": lesson["id"],
                "title": lesson["title"],
                "manifest": self._put(lesson),
                "bytes": {"essential": len(lesson["id"]) * 9_000, "important": 900_000, "supplementary": 0},
            }
            for lesson in self._lessons
        ]
        title = {"en": "A large course", "ar": "مقرر كبير"}
        head = {"course": "large", "number": self._number, "title": title, "description": {}, "languages": ["en", "ar"]}
        tail = {"licence": "CC-BY-4.0", "attribution": "", "key": KEY, "lessons": lessons}
        return self._put({"format": RELEASE_FORM, **head, **tail})

    def change(self) -> None:
        """Three pages, a quiz, a video with a stream of its own, and a lesson to the end of the course."""
        for number, activity in zip(CHANGED_LESSONS, (0, 0, 0, 1, 2), strict=True):
            changed = self._lessons[number]["activities"][activity]
            if changed["kind"] == "video":
                changed["stream"] = self._stream()
            elif changed["kind"] == "quiz":
                changed["object"] = self._digest()
            else:
                changed["pages"]["en"] = self._object()
        self._lessons.append(self._lessons.pop(CHANGED_LESSONS[0]))

    def _lesson(self, number: int) -> dict[str, Any]:
        activities = [self._page(number), self._quiz(number)]
        activities += [self._video(number, each) for each in range(VIDEOS)]
        title = {"en": f"Lesson {number}", "ar": f"الدرس {number}"}
        return {"format": LESSON_FORM, "id": f"lesson-{number}", "title": title, "activities": activities}

    def _entry(self, name: str, kind: str, tier: str) -> dict[str, Any]:
        return {"id": name, "kind": kind, "tier": tier, "title": {"en": name, "ar": name}}

    def _page(self, number: int) -> dict[str, Any]:
        pages = {"en": self._object(), "ar": self._object()}
        pictures = [{**self._object(), "type": "image/webp"} for _ in range(3)]
        return {**self._entry(f"page-{number}", "page", "essential"), "pages": pages, "pictures": pictures}

    def _quiz(self, number: int) -> dict[str, Any]:
        members = {"quiz": "practice", "points": 5, **self._object(), "pictures": []}
        return {**self._entry(f"quiz-{number}", "quiz", "essential"), **members}

    def _video(self, number: int, each: int) -> dict[str, Any]:
        captions = [{"language": language, **self._object()} for language in ("en", "ar")]
        members = {"duration_ms": SEGMENTS * SEGMENT_MS // 2, "stream": self._stream(), "captions": captions}
        return {**self._entry(f"video-{number}-{each}", "video", "important"), **members}

    def _stream(self) -> dict[str, Any]:
        """A picture and a sound, each with half of the video's segments."""
        video, audio = self._rendition("240p", "avc1.42c00d"), self._rendition("opus-16k", "opus")
        size = {"width": 426, "height": 240, "frame_rate": 5}
        streams = {"video": [video | size], "audio": [audio | {"language": "en"}], "playlist": self._digest()}
        raw = write_canonical({"format": STREAM_FORM, "duration_ms": SEGMENTS * SEGMENT_MS // 2, **streams})
        return {"object": self._store.put(raw), "bytes": len(raw)}

    def _rendition(self, name: str, codecs: str) -> dict[str, Any]:
        sizes = [SEGMENT_BYTES + self._random.randrange(9_000) for _ in range(SEGMENTS // 2)]
        starts = [812 + sum(sizes[:at]) for at in range(len(sizes))]
        segments = [[at, size, SEGMENT_MS, self._digest()] for at, size in zip(starts, sizes, strict=True)]
        names = {"name": name, "codecs": codecs, "object": self._digest(), "bytes": 812 + sum(sizes)}
        return names | {"init": [0, 812, self._digest()], "segments": segments, "playlist": self._digest()}

    def _object(self) -> dict[str, Any]:
        return {"object": self._digest(), "bytes": self._random.randrange(500, 9_000)}

    def _digest(self) -> str:
        return self._random.randbytes(32).hex()

    def _put(self, manifest: dict[str, Any]) -> str:
        return self._store.put(write_canonical(manifest))
