"""References within a cartridge: `$IMS-CC-FILEBASE$` of the standard, and Canvas' own to pages, quizzes and modules."""

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, unquote

from offline_bundles.importing.manifests import ManifestResource
from offline_bundles.importing.qti.asking import IN_AN_ATTRIBUTE, Files

REFERENCE = re.compile(
    IN_AN_ATTRIBUTE
    + r"(?:\$|%24)(WIKI_REFERENCE|CANVAS_OBJECT_REFERENCE|CANVAS_COURSE_REFERENCE)(?:\$|%24)/([^\"'<>?#]*)([^\"'<>]*)"
)
WIKI = "wiki_content"


@dataclass(frozen=True, slots=True)
class Goals:
    """Where references lead: resources by ident, and activities by the ident of a resource or a module."""

    root: str
    resources: Mapping[str, ManifestResource]
    activities: Mapping[str, str]

    def resolved(self, html: str, files: Files) -> str:
        """The fragment with files written from the package's root and objects as `activity:` links."""
        return REFERENCE.sub(self._resolved, files.rooted(html))

    def _resolved(self, match: re.Match[str]) -> str:
        name = unquote(match[2]).strip("/").rpartition("/")[2]
        if name in self.activities:
            return f"activity:{self.activities[name]}"
        if match[1] == "WIKI_REFERENCE":
            return f"/{quote(posixpath.join(self.root, WIKI, f'{name}.html'))}"
        held = self.resources.get(name)
        if held and held.href:
            return f"/{quote(held.href)}"
        return f"activity:{name}"
