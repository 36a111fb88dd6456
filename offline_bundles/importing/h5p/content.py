"""One H5P content: a library's name and its parameters, read without trusting that anything has its type.

Source: the H5P specification, "h5p.json" and "Content", and each content type's semantics.json.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from offline_bundles.errors import BrokenPackage
from offline_bundles.importing.json_text import parsed
from offline_bundles.importing.ports import Package

H5P_FILE = "h5p.json"
CONTENT_FILE = "content/content.json"
CONTENT_FOLDER = "content"
H5P_BYTES_MAX = 1 << 18  # dependencies and licence: some 2 KB
CONTENT_BYTES_MAX = 4 << 20  # a whole interactive book has some 300 KB
NESTING_MAX = 100  # an interactive book nests some 25 deep; reading recurses over it
ITEMS_MAX = 2_000  # in one list; the longest lists seen have some hundred
LIBRARY = re.compile(r"([A-Za-z0-9][A-Za-z0-9_.-]{0,99})(?: \d{1,5}\.\d{1,5})?")


@dataclass(frozen=True, slots=True)
class Content:
    """`library`: without its version ("H5P.MultiChoice"); `id`: the sub-content's own id, or nothing."""

    library: str
    params: Mapping[str, Any]
    title: str = ""
    id: str = ""

    def text(self, *path: str) -> str:
        return text(self.params, *path)

    def mapping(self, *path: str) -> Mapping[str, Any]:
        return mapping(self.params, *path)

    def mappings(self, *path: str) -> list[Mapping[str, Any]]:
        return mappings(self.params, *path)

    def contents(self, *path: str) -> list["Content"]:
        return [found for each in self.mappings(*path) if (found := content(each))]


def at(values: Any, *path: str) -> Any:
    for name in path:
        values = values.get(name) if isinstance(values, Mapping) else None
    return values


def text(values: Any, *path: str) -> str:
    found = at(values, *path)
    return writable(found) if isinstance(found, str) else ""


def writable(found: str) -> str:
    """JSON may hold half a character (a lone surrogate), which no file can be written with."""
    return found.encode("utf-8", "replace").decode()


def mapping(values: Any, *path: str) -> Mapping[str, Any]:
    found = at(values, *path)
    return found if isinstance(found, Mapping) else {}


def items(values: Any, *path: str) -> Iterator[Any]:
    found = at(values, *path)
    yield from found[:ITEMS_MAX] if isinstance(found, list) else ()


def mappings(values: Any, *path: str) -> list[Mapping[str, Any]]:
    return [each for each in items(values, *path) if isinstance(each, Mapping)]


def texts(values: Any, *path: str) -> list[str]:
    return [writable(each) for each in items(values, *path) if isinstance(each, str)]


def content(values: Any) -> Content | None:
    """What stands as `{library, params, metadata}` inside another content; None where nothing was chosen."""
    named = LIBRARY.fullmatch(text(values, "library"))
    if not named:
        return None
    return Content(
        named[1], mapping(values, "params"), text(values, "metadata", "title"), text(values, "subContentId").lower()
    )


def read_json(package: Package, name: str, bytes_max: int) -> Mapping[str, Any]:
    """Raises `BrokenPackage`, `MissingFile`."""
    found = parsed(package.read(name, bytes_max), name, "Save the content once more in H5P.")
    if not isinstance(found, dict):
        raise BrokenPackage(f"{name} holds no JSON object. Save the content once more in H5P.")
    _check_nesting(found, name)
    return found


def _check_nesting(values: Any, name: str) -> None:
    level, depth = [values], 0
    while level:
        depth += 1
        if depth > NESTING_MAX:
            raise BrokenPackage(f"{name} nests more than {NESTING_MAX} deep. No content does.")
        level = [inner for each in level for inner in _children(each) if isinstance(inner, (dict, list))]


def _children(values: Any) -> Iterator[Any]:
    yield from values.values() if isinstance(values, dict) else values
