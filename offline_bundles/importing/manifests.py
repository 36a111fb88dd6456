"""`imsmanifest.xml`: what an IMS content package holds, whichever version and profile wrote it.

Namespaces differ by version (Common Cartridge 1.1, 1.2, 1.3; QTI 2.x, 3.0), the elements do not, so only local names
count. Source: IMS Content Packaging 1.2; Common Cartridge 1.3, section 3.
"""

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote
from xml.etree.ElementTree import Element

from offline_bundles.errors import BrokenPackage
from offline_bundles.importing.paths import joined
from offline_bundles.importing.ports import Package
from offline_bundles.importing.xml import local, read_xml

MANIFEST = "imsmanifest.xml"
MANIFEST_BYTES_MAX = 16 << 20  # a course of 10,000 resources has some 4 MB
START_BYTES = 1 << 16  # its name and first resources stand there
XML_BASE = "{http://www.w3.org/XML/1998/namespace}base"
XML_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


@dataclass(frozen=True, slots=True)
class ManifestResource:
    """`href` and `files` are paths in the package; `missing` are those of them that it does not hold."""

    ident: str
    kind: str
    href: str
    files: tuple[str, ...]
    missing: tuple[str, ...]
    dependencies: tuple[str, ...]
    variant: str
    instructors_only: bool


@dataclass(frozen=True, slots=True)
class ManifestItem:
    ident: str
    title: str
    ref: str
    items: tuple["ManifestItem", ...] = ()


@dataclass(frozen=True, slots=True)
class Manifest:
    """`root`: the folder that it stands in. `items`: the first organisation's."""

    root: str
    ident: str
    schema: str
    version: str
    title: str
    description: str
    language: str
    rights: str
    items: tuple[ManifestItem, ...] = ()
    resources: Mapping[str, ManifestResource] = field(default_factory=dict)


def manifest_path(package: Package) -> str:
    """The manifest nearest the root, or ""."""
    found = [name for name in package.names() if posixpath.basename(name).lower() == MANIFEST]
    return min(found, key=lambda name: (name.count("/"), name), default="")


def strays(package: Package, manifest: Manifest) -> list[str]:
    """What lies beside the folder of the manifest: files and folders at the top of the package."""
    if not manifest.root:
        return []
    tops = {name.partition("/")[0] for name in package.names() if not name.startswith(f"{manifest.root}/")}
    return sorted(tops)


def manifest_start(package: Package) -> str:
    """Its first bytes as text, or ""."""
    path = manifest_path(package)
    if not path:
        return ""
    with package.open(path) as file:
        return file.read(START_BYTES).decode("utf-8", "replace")


def read_manifest(package: Package) -> Manifest:
    """Raises `BrokenPackage`."""
    path = manifest_path(package)
    if not path:
        raise BrokenPackage(f"{package.name} holds no {MANIFEST}. Export the course again.")
    try:
        document = read_xml(package.read(path, MANIFEST_BYTES_MAX), MANIFEST_BYTES_MAX)
    except BrokenPackage as error:
        raise BrokenPackage(f"{path}: {error}") from error
    root = posixpath.dirname(path)
    others = [name for name in package.names() if posixpath.basename(name).lower() == MANIFEST and name != path]
    if root and any(not name.startswith(f"{root}/") for name in others):
        raise BrokenPackage(f"{package.name} holds {len(others) + 1} packages. Import each of them by itself.")
    metadata = _child(document, "metadata")
    general = _first(metadata, "general")
    return Manifest(
        root=root,
        ident=document.get("identifier", ""),
        schema=_text(_child(metadata, "schema")),
        version=_text(_child(metadata, "schemaversion")),
        title=_text(_child(general, "title")),
        description=_text(_child(general, "description")),
        language=_text(_child(general, "language")) or document.get(XML_LANGUAGE, ""),
        rights=_text(_child(_first(metadata, "rights"), "description")),
        items=_organised(_child(document, "organizations")),
        resources=_resources(package, root, _child(document, "resources")),
    )


def _organised(organisations: Element | None) -> tuple[ManifestItem, ...]:
    organisation = _child(organisations, "organization")
    return () if organisation is None else tuple(_item(each) for each in _children(organisation, "item"))


def _item(element: Element) -> ManifestItem:
    return ManifestItem(
        element.get("identifier", ""),
        _text(_child(element, "title")),
        element.get("identifierref", ""),
        tuple(_item(each) for each in _children(element, "item")),
    )


def _resources(package: Package, root: str, resources: Element | None) -> dict[str, ManifestResource]:
    if resources is None:
        return {}
    base = resources.get(XML_BASE, "")
    found = (_resource(package, root, base, each) for each in _children(resources, "resource"))
    return {resource.ident: resource for resource in found}


def _resource(package: Package, root: str, base: str, element: Element) -> ManifestResource:
    base = posixpath.join(base, element.get(XML_BASE, ""))
    hrefs = [each.get("href", "") for each in (element, *_children(element, "file"))]
    paths = [_path(package, root, base, href) for href in hrefs]
    return ManifestResource(
        ident=element.get("identifier", ""),
        kind=element.get("type", ""),
        href=paths[0],
        files=tuple(dict.fromkeys(path for path in paths[1:] if path)),
        missing=tuple(dict.fromkeys(path for path in paths if path and not package.has(path))),
        dependencies=tuple(each.get("identifierref", "") for each in _children(element, "dependency")),
        variant=next((each.get("identifierref", "") for each in _children(element, "variant")), ""),
        instructors_only=_instructors_only(element),
    )


def _path(package: Package, root: str, base: str, href: str) -> str:
    """A path in the package. Some exporters encode what they write as a URL does, some do not."""
    if not href:
        return ""
    folder = posixpath.join(root, base)
    as_written = joined(folder, quote(href))
    return as_written if package.has(as_written) else joined(folder, href)


def _instructors_only(element: Element) -> bool:
    roles = [_text(_child(each, "value")) for each in element.iter() if local(each.tag) == "intendedEndUserRole"]
    return bool(roles) and set(roles) <= {"Instructor", "Mentor"}


def _children(element: Element | None, name: str) -> list[Element]:
    return [] if element is None else [child for child in element if local(child.tag) == name]


def _child(element: Element | None, name: str) -> Element | None:
    return next(iter(_children(element, name)), None)


def _first(element: Element | None, name: str) -> Element | None:
    """At any depth."""
    return None if element is None else next((each for each in element.iter() if local(each.tag) == name), None)


def _text(element: Element | None) -> str:
    return "" if element is None else " ".join("".join(element.itertext()).split())
