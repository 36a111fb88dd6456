"""A folder of what a ricecooker script starts from: Perseus items and media, with no tree that puts them in order.

The items become one exercise, each media file an activity; captions belong to the film of the
same name, a language after it or not.
"""

import posixpath
import re

from offline_bundles.importing.imported import Finding
from offline_bundles.importing.kolibri.channel import TOPIC, Channel, Node, NodeFile
from offline_bundles.importing.kolibri.exercises import ITEM_BYTES_MAX, PERSEUS
from offline_bundles.importing.kolibri.nodes import CAPTIONS, DOCUMENTS, FILMS, SOUNDS
from offline_bundles.importing.ports import Package
from offline_bundles.importing.questions import Item

ITEM_NAMED = re.compile(rb'\\?"answerArea\\?"\s*:')
LANGUAGE_AT_THE_END = re.compile(r"[._-]([a-z]{2,3}(?:-[A-Z]{2})?)$")
KINDS = ((FILMS, "video"), (SOUNDS, "audio"), (DOCUMENTS, "document"))


def read_loose(package: Package, items: list[str], findings: list[Finding]) -> Channel:
    """`items`: the files that hold a Perseus item. What belongs nowhere is a finding."""
    captions: dict[str, list[str]] = {}
    for name in package.names():
        if name.lower().endswith(CAPTIONS):
            captions.setdefault(_film(name), []).append(name)
    media = [node for name in package.names() if (node := _medium(name, captions))]
    questions = tuple(
        {
            "id": posixpath.splitext(posixpath.basename(name))[0],
            "question_type": PERSEUS,
            "item_data": package.read(name, ITEM_BYTES_MAX).decode("utf-8-sig", "replace"),
        }
        for name in items
    )
    exercise = Node("exercise", "exercise", "Exercise", questions=questions)
    taken = {file.name for node in media for file in node.files} | set(items)
    for name in package.names():
        if name not in taken:
            Item(name, "file", findings).dropped("nothing in the folder says where it belongs")
    return Channel("", package.name, "", "und", Node("loose", TOPIC, package.name, children=(exercise, *media)))


def _medium(name: str, captions: dict[str, list[str]]) -> Node | None:
    kind = next((kind for endings, kind in KINDS if name.lower().endswith(endings)), "")
    if not kind:
        return None
    stem = posixpath.splitext(name)[0]
    beside = captions.get(stem, []) if kind == "video" else []
    files = (NodeFile(name, "", ""), *(NodeFile(each, "video_subtitle", _language(each), True) for each in beside))
    return Node(posixpath.basename(stem), kind, posixpath.basename(name), files=files)


def _film(captions: str) -> str:
    """The path, without its ending, of the film that captions are for."""
    return LANGUAGE_AT_THE_END.sub("", posixpath.splitext(captions)[0])


def _language(name: str) -> str:
    found = LANGUAGE_AT_THE_END.search(posixpath.splitext(name)[0])
    return found[1] if found else "und"
