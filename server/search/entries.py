"""What of a release can be found: the course by its title and description, each activity by its title and its texts.

One entry for each language that an activity has something in. A graded quiz's questions are not among them: what a
question asks shall not be found before it is asked.
"""

import html
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from offline_bundles import ObjectSource, read_release
from server.search.asking import Entry

BODY_CHARACTERS_MAX = 100_000  # of one text: a long page has 20,000
TEXT_BYTES_MAX = 1 << 20
TAG = re.compile(r"<[^>]*>")
CUE_TIMES = re.compile(r"^(WEBVTT.*|\d+|.*-->.*)$", re.MULTILINE)
SPACE = re.compile(r"\s+")


def entries_of(root: str, store: ObjectSource) -> Iterator[Entry]:
    """Raises `MissingObject` or `BrokenManifest`."""
    release = read_release(root, store)
    manifest = release.manifest
    for language in manifest["languages"]:
        if title := manifest["title"].get(language):
            about = manifest["description"].get(language, "")
            yield Entry(manifest["course"], manifest["number"], "", "", "course", language, title, about)
    for lesson in release.lessons:
        for activity in lesson["activities"]:
            yield from _of_activity(activity, lesson, manifest, store)


def _of_activity(
    activity: Mapping[str, Any], lesson: Mapping[str, Any], manifest: Mapping[str, Any], store: ObjectSource
) -> Iterator[Entry]:
    texts = _texts(activity, manifest["languages"], store)
    for language in manifest["languages"]:
        title = activity["title"].get(language, "")
        body = SPACE.sub(" ", texts.get(language, "")).strip()[:BODY_CHARACTERS_MAX]
        if title or body:
            place = (manifest["course"], manifest["number"], lesson["id"], activity["id"], activity["kind"])
            yield Entry(*place, language, title or _first(activity["title"]), body)


def _texts(activity: Mapping[str, Any], languages: list[str], store: ObjectSource) -> dict[str, str]:
    """The activity's own texts, by language."""
    if activity["kind"] == "page":
        return {language: _plain(_read(page["object"], store)) for language, page in activity["pages"].items()}
    if activity["kind"] == "video":
        return {one["language"]: _plain(CUE_TIMES.sub("", _read(one["object"], store))) for one in activity["captions"]}
    if activity["kind"] == "quiz" and activity["quiz"] == "practice":
        quiz = json.loads(_read(activity["object"], store))
        return {language: " ".join(_asked(quiz, language)) for language in languages}
    return {}


def _asked(quiz: Mapping[str, Any], language: str) -> Iterator[str]:
    for question in quiz["questions"]:
        yield question["prompt"].get(language, "")
        yield from (choice["text"].get(language, "") for choice in question.get("choices", ()))


def _read(digest: str, store: ObjectSource) -> str:
    return store.read(digest, 0, TEXT_BYTES_MAX).decode(errors="replace")


def _plain(markup: str) -> str:
    """For words alone: the pages were cleaned when they were packed."""
    return html.unescape(TAG.sub(" ", markup))


def _first(title: Mapping[str, str]) -> str:
    return next(iter(title.values()), "")
