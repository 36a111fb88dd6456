"""In which languages a folder of Markdown is, and where each has its files.

Two habits are known: folders named by language beside each other, and `translations/` with the same tree again.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from offline_bundles.importing.languages import tag_of
from offline_bundles.importing.ports import Package

TAG = re.compile(r"[a-z]{2}(?:[-_][A-Z]{2})?")
TRANSLATIONS = "translations"
OTHERWISE = "en"


@dataclass(frozen=True, slots=True)
class Edition:
    """A course in one language. `root`: its folder in the package, with a slash, or ""."""

    language: str
    root: str


def editions(package: Package) -> list[Edition]:
    """The one that the others are translated from comes first."""
    pages = [name.split("/") for name in package.names() if name.endswith(".md")]
    translated = {
        parts[1] for parts in pages if parts[0] == TRANSLATIONS and len(parts) > 2 and TAG.fullmatch(parts[1])
    }
    if translated:
        return [Edition(OTHERWISE, ""), *(Edition(tag_of(tag), f"{TRANSLATIONS}/{tag}/") for tag in sorted(translated))]
    beside = {parts[0] for parts in pages if len(parts) > 1 and TAG.fullmatch(parts[0])}
    if beside:
        return [Edition(tag_of(tag), f"{tag}/") for tag in sorted(beside, key=lambda tag: (not _is_main(tag), tag))]
    own = tag_of(package.name) if TAG.fullmatch(package.name) else OTHERWISE
    return [Edition(own, "")]


def _is_main(tag: str) -> bool:
    return tag_of(tag) == OTHERWISE


def own_pages(package: Package, edition: Edition, every: Iterable[Edition]) -> list[str]:
    """Markdown files of an edition, without those of the others."""
    others = [other.root for other in every if other.root and other != edition and other.root != edition.root]
    names = (name for name in package.names() if name.endswith(".md") and name.startswith(edition.root))
    return [name for name in names if not any(name.startswith(other) for other in others)]
