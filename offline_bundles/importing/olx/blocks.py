"""The tree of an OLX course: blocks that stand inline, or in a file of their own that `url_name` points to.

Source: edX, "Open Learning XML guide", sections "OLX structure" and "url_name".
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element

from offline_bundles.errors import BrokenPackage
from offline_bundles.importing.imported import Finding, Outcome
from offline_bundles.importing.ports import Package
from offline_bundles.importing.xml import read_xml

BLOCK_BYTES_MAX = 4 << 20  # the largest real block here has 60 KB
POLICY_BYTES_MAX = 8 << 20
BLOCKS_MAX = 20_000  # a block may be named again and again; a real course has some 1,000
DEPTH_MAX = 12  # course, chapter, sequential, vertical, split_test, vertical, block; with room
# Their children are blocks; every other block's children are its own content.
CONTAINERS = {"course", "chapter", "sequential", "vertical", "split_test", "library_content", "library", "wrapper"} | {
    *("conditional", "randomize", "problemset", "videosequence", "itembank"),
}
# Without its file nothing is left of it. Of other blocks only the kind is told, and that is known without.
HAVE_CONTENT = CONTAINERS | {"html", "problem", "video"}
MADE_UP = re.compile(r"[0-9a-f]{20,}|")  # a name that Studio gave, which no person knows
STAFF_ONLY = "visible_to_staff_only"


@dataclass(frozen=True, slots=True)
class Block:
    """`element` holds the content of a block that is no container. `path`: the titles above it, for findings."""

    tag: str
    name: str
    settings: Mapping[str, str]
    element: Element
    path: tuple[str, ...]
    children: tuple["Block", ...] = ()

    @property
    def title(self) -> str:
        return self.settings.get("display_name", "").strip()

    @property
    def where(self) -> str:
        return " › ".join((*self.path, self.title or (self.tag if MADE_UP.fullmatch(self.name) else self.name)))

    def within(self) -> Iterator["Block"]:
        """The block and every block in it."""
        yield self
        for child in self.children:
            yield from child.within()


@dataclass
class Blocks:
    """Reads blocks of one course. `root`: its folder in the package, with a slash, or "". `used`: files it read."""

    package: Package
    root: str
    findings: list[Finding]
    used: set[str] = field(default_factory=set)
    policy: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    count: int = 0

    def read_course(self) -> Block:
        """Raises `BrokenPackage` when there is no tree to read."""
        top = self._parse(f"{self.root}{'course' if self.package.has(f'{self.root}course.xml') else 'library'}.xml")
        self.policy = read_policy(self.package, self.root, top.get("url_name", ""))
        return self._block(top, ())

    def dropped(self, where: str, kind: str, why: str) -> None:
        self.findings.append(Finding(Outcome.DROPPED, where, kind, why))

    def broken(self, where: str, kind: str, why: str) -> None:
        self.findings.append(Finding(Outcome.BROKEN, where, kind, why))

    def _parse(self, name: str) -> Element:
        self.used.add(name)
        try:
            return read_xml(self.package.read(name, BLOCK_BYTES_MAX))
        except BrokenPackage as error:
            raise BrokenPackage(f"{name}: {error}") from error

    def _block(self, written: Element, path: tuple[str, ...]) -> Block:
        self.count += 1
        if self.count > BLOCKS_MAX:
            raise BrokenPackage(f"{self.package.name} has more than {BLOCKS_MAX} blocks.")
        element = self._followed(written)
        name = written.get("url_name") or element.get("url_name") or ""
        policy = self.policy.get(f"{element.tag}/{name}", {})
        settings = {member: str(value) for member, value in policy.items() if isinstance(value, str | int | float)}
        settings |= written.attrib | element.attrib
        block = Block(element.tag, name, settings, element, path)
        if element.tag not in CONTAINERS:
            return block
        below = path if element.tag in ("course", "library") else (*path, block.title or name)
        return Block(block.tag, name, settings, element, path, tuple(self._children(element, below)))

    def _children(self, element: Element, path: tuple[str, ...]) -> Iterator[Block]:
        for child in element:
            where = " › ".join((*path, child.get("display_name") or child.get("url_name") or child.tag))
            if len(path) > DEPTH_MAX:
                self.dropped(where, child.tag, "it lies deeper than any course nests.")
                continue
            try:
                block = self._block(child, path)
            except BrokenPackage as error:
                if self.count > BLOCKS_MAX:
                    raise
                self.broken(where, child.tag, f"{error}")
                continue
            if block.settings.get(STAFF_ONLY) == "true":
                self.dropped(block.where, block.tag, "it is for staff only.")
                continue
            yield block

    def _followed(self, written: Element) -> Element:
        """The element of a block's own file, when the written one only points to it. Raises `BrokenPackage`."""
        pointed = written.get("url_name", "")
        name = f"{self.root}{written.tag}/{pointed.replace(':', '/')}.xml"
        if not pointed or len(written) or (written.text or "").strip():
            return written
        if self.package.has(name):
            return self._parse(name)
        beside = self.package.has(f"{self.root}html/{pointed}.html")
        if set(written.attrib) == {"url_name"} and (written.tag in HAVE_CONTENT and not beside):
            raise BrokenPackage(f"its file {name} is not in the package.")
        return written


def read_policy(package: Package, root: str, run: str) -> Mapping[str, Mapping[str, Any]]:
    """Settings by `tag/url_name`, from policy.json; nothing when there is none that can be read."""
    name = f"{root}policies/{run}/policy.json"
    try:
        policy = json.loads(package.read(name, POLICY_BYTES_MAX))
    except (BrokenPackage, ValueError, RecursionError):
        return {}
    found = policy.items() if isinstance(policy, dict) else ()
    return {key: settings for key, settings in found if isinstance(settings, dict)}


def course_roots(package: Package) -> list[str]:
    """The folders that hold a course, each with a slash at its end; a library only where there is no course."""
    for file in ("course.xml", "library.xml"):
        folders = {name[: -len(file)] for name in package.names() if name == file or name.endswith(f"/{file}")}
        tops = sorted(folder for folder in folders if folder.removesuffix("course/") not in folders - {folder})
        roots = [folder for folder in tops if _is_olx(package, f"{folder}{file}")]
        if roots:
            return roots
    return []


def _is_olx(package: Package, name: str) -> bool:
    with package.open(name) as file:
        start = file.read(1024)
    return (b"<course" in start or b"<library" in start) and b"url_name" in start
