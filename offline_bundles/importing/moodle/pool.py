"""The files of a backup under the names that teachers gave them.

`files.xml` says which content belongs where under which name, `files/ab/abcd…` holds it under its SHA-1. Nobody can
tell a PDF from a film by its SHA-1, so a backup is read through a package that has both names for each file.
"""

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO
from urllib.parse import quote, unquote
from xml.etree.ElementTree import Element

from offline_bundles.errors import BrokenPackage, MissingFile
from offline_bundles.importing.moodle.backup import read_file
from offline_bundles.importing.moodle.fields import value, whole
from offline_bundles.importing.paths import checked_path
from offline_bundles.importing.ports import Package

FILES_FILE = "files.xml"
NAMED = "named"  # the folder in which the given names stand
FOLDER_ITSELF = "."  # Moodle lists each folder as a file of this name
FILES_MAX = 50_000  # as many as a package may hold
DIGEST = re.compile(r"[0-9a-f]{40}")
PLUGIN_FILE = "@@PLUGINFILE@@"


@dataclass(frozen=True, slots=True)
class Pooled:
    """`name`: the given one, in the package; `path`: within its area; `digest_name`: where its content lies."""

    name: str
    path: str
    digest_name: str
    size: int
    mime: str


@dataclass(frozen=True)
class NamedPackage:
    """A backup with every file also under its given name. `faults`: what of the list of files is wrong."""

    inner: Package
    areas: Mapping[str, Sequence[Pooled]] = field(default_factory=dict)
    given: Mapping[str, str] = field(default_factory=dict)
    faults: Sequence[tuple[str, str]] = ()

    @property
    def name(self) -> str:
        return self.inner.name

    def names(self) -> Sequence[str]:
        return sorted((*self.inner.names(), *self.given))

    def has(self, name: str) -> bool:
        return name in self.given or self.inner.has(name)

    def size(self, name: str) -> int:
        return self.inner.size(self._own(name))

    def read(self, name: str, bytes_max: int) -> bytes:
        return self.inner.read(self._own(name), bytes_max)

    def open(self, name: str) -> BinaryIO:
        return self.inner.open(self._own(name))

    def _own(self, name: str) -> str:
        return self.given.get(name, name)

    def files(self, area: str) -> Sequence[Pooled]:
        """What the list has for an area, whether the package holds it or not."""
        return self.areas.get(area, ())


def area_of(context: str, component: str, area: str, item: str = "0") -> str:
    return f"{NAMED}/{context}/{component}/{area}/{item}"


def with_given_names(package: Package) -> NamedPackage:
    """Raises `BrokenPackage` when the list of files cannot be read."""
    if isinstance(package, NamedPackage):
        return package
    areas: dict[str, list[Pooled]] = {}
    faults: list[tuple[str, str]] = []
    for area, file in _listed(package, faults):
        areas.setdefault(area, []).append(file)
    held = [each for files in areas.values() for each in files if package.has(each.digest_name)]
    faults += [(each.path, f"its file {each.path} was cut short") for each in held if not _is_whole(package, each)]
    given = {each.name: each.digest_name for each in held if _is_whole(package, each)}
    return NamedPackage(package, areas, given, tuple(faults))


def _is_whole(package: Package, file: Pooled) -> bool:
    return package.size(file.digest_name) == file.size


def _listed(package: Package, faults: list[tuple[str, str]]) -> Iterator[tuple[str, Pooled]]:
    listed = list(read_file(package, FILES_FILE).iter("file")) if package.has(FILES_FILE) else []
    if len(listed) > FILES_MAX:
        raise BrokenPackage(f"The backup lists {len(listed)} files; at most {FILES_MAX} are read.")
    for each in listed:
        if value(each, "filename") == FOLDER_ITSELF:
            continue
        try:
            yield _pooled(each, package.name)
        except BrokenPackage as error:
            faults.append((value(each, "filename"), str(error)))


def _pooled(listed: Element, where: str) -> tuple[str, Pooled]:
    digest = value(listed, "contenthash")
    if not DIGEST.fullmatch(digest):
        raise MissingFile("the backup's list gives no digest to find this file by")
    area = area_of(*(value(listed, each) for each in ("contextid", "component", "filearea", "itemid")))
    path = value(listed, "filepath").lstrip("/") + value(listed, "filename")
    name = checked_path(f"{area}/{path}", where)
    return area, Pooled(
        name, path, f"files/{digest[:2]}/{digest}", whole(listed, "filesize"), value(listed, "mimetype")
    )


def with_places(fragment: str, area: str) -> str:
    """HTML with addresses in the package where Moodle writes its own."""
    return fragment.replace(PLUGIN_FILE, f"/{quote(area)}")


def place_in(address: str, area: str) -> str:
    """The name in the package of an address that Moodle wrote; "" when it is none of these."""
    path = html.unescape(unquote(address)).partition("?")[0]
    return f"{area}{path.removeprefix(PLUGIN_FILE)}" if path.startswith(f"{PLUGIN_FILE}/") else ""
