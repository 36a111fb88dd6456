"""Where the reading of a package stands, and what it has found on the way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Any

from offline_bundles.importing.h5p.content import CONTENT_FOLDER, Content, text
from offline_bundles.importing.html import plain_text
from offline_bundles.importing.imported import Finding
from offline_bundles.importing.paths import is_remote
from offline_bundles.importing.ports import Package
from offline_bundles.importing.questions import Item, Names

PATH_CHARACTERS_SHOWN = 200


@dataclass(frozen=True)
class Trail:
    """`where`: titles from the package down to the present item. `findings` and the names are shared by all."""

    package: Package
    where: tuple[str, ...] = ()
    findings: list[Finding] = field(default_factory=list)
    activities: Names = field(default_factory=Names)
    questions: Names = field(default_factory=Names)

    def inside(self, title: str) -> "Trail":
        plain = plain_text(title)
        return replace(self, where=(*self.where, plain)) if plain and plain not in self.where else self

    def item(self, kind: str) -> Item:
        return Item(" / ".join(self.where) or self.package.name, kind, self.findings)

    def place(self, path: str, kind: str) -> str:
        """A file of the content, as a place in the package; or nothing, and a finding that says so."""
        if is_remote(path):
            self.item(kind).dropped(f"{path[:PATH_CHARACTERS_SHOWN]} is on the network, not in the package")
            return ""
        name = str(PurePosixPath(CONTENT_FOLDER, path)) if path else ""
        if not name or not self.package.has(name):
            missing = path[:PATH_CHARACTERS_SHOWN] or "no file at all"
            self.item(kind).broken(f"it names {missing}, which the package does not hold")
            return ""
        return name

    def picture(self, shown: Content | None) -> tuple[str, str]:
        """The place and the description of an H5P.Image; both empty, and a finding, when it cannot come along."""
        if shown is None or not shown.params:
            return "", ""
        if shown.library != "H5P.Image":
            self.item(shown.library).dropped("only a picture can stand beside a question")
            return "", ""
        return self.place(shown.text("file", "path"), shown.library), plain_text(shown.text("alt") or shown.title)

    def first_held(self, files: Sequence[Mapping[str, Any]], kind: str) -> str:
        """The place of one file of several that offer the same, MP4 first; "" and why when none is there."""
        paths = sorted((text(each, "path") for each in files), key=lambda path: not path.lower().endswith(".mp4"))
        held = [path for path in paths if path and self.package.has(f"{CONTENT_FOLDER}/{path}")]
        return self.place((held or paths or [""])[0], kind)
