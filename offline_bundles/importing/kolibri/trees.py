"""The JSON trees that ricecooker scripts write and upload: topics with children, files by path, questions in place."""

from typing import Any

from offline_bundles.errors import BrokenPackage
from offline_bundles.importing.kolibri.channel import TOPIC, Channel, Node, NodeFile
from offline_bundles.importing.kolibri.rows import Row, text

DEPTH_MAX = 50
NODES_MAX = 50_000
PRESETS = {"subtitles": "video_subtitle", "video": "high_res_video", "exercise": "exercise"}


def read_tree(found: Row, name: str) -> Channel:
    """Raises `BrokenPackage`."""
    left = [NODES_MAX]
    root = _node(found, TOPIC, "channel", left, 0)
    if not root.children:
        raise BrokenPackage(f"{name} holds a channel without content.")
    title = text(found, "title", "name") or name
    return Channel(text(found, "source_id"), title, text(found, "description"), text(found, "language") or "und", root)


def _node(found: Row, otherwise: str, name: str, left: list[int], depth: int) -> Node:
    left[0] -= 1
    if left[0] < 0 or depth > DEPTH_MAX:
        raise BrokenPackage(f"The channel has more than {NODES_MAX} nodes, or nests more than {DEPTH_MAX} deep.")
    below = _listed(found, "children")
    licence = found.get("license")
    about = licence if isinstance(licence, dict) else {"license_id": licence}
    return Node(
        id=text(found, "source_id", "node_id") or name,
        kind=(text(found, "kind") or otherwise).lower(),
        title=text(found, "title") or name,
        files=tuple(file for each in _listed(found, "files") if (file := _file(each))),
        children=tuple(_node(each, TOPIC, f"{name}-{n}", left, depth + 1) for n, each in enumerate(below, 1)),
        for_coaches=text(found, "role").lower() == "coach",
        licence=text(about, "license_id"),
        owner=text(about, "copyright_holder"),
        description=text(found, "description"),
        questions=tuple(_listed(found, "questions")),
    )


def _listed(found: Row, name: str) -> list[Row]:
    inner: Any = found.get(name)
    return [each for each in inner if isinstance(each, dict)] if isinstance(inner, list) else []


def _file(listed: Row) -> NodeFile | None:
    kind = text(listed, "file_type", "kind").lower()
    if "thumbnail" in kind:
        return None
    return NodeFile(text(listed, "path"), PRESETS.get(kind, kind), text(listed, "language"), kind == "subtitles")
