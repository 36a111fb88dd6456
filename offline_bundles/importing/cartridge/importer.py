"""A cartridge as a course: a module is a lesson, an item of it an activity; what no module holds comes last."""

import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import replace

from offline_bundles.course.fields import LANGUAGE
from offline_bundles.errors import BrokenPackage
from offline_bundles.importing.cartridge.activities import PAGES, PICTURES, RICHER, VIDEOS, Cartridge, title_of
from offline_bundles.importing.cartridge.canvas import SETTINGS, read_canvas, tell_of_settings
from offline_bundles.importing.cartridge.links import Goals
from offline_bundles.importing.html import links
from offline_bundles.importing.imported import Activity, Finding, ImportedCourse, Lesson, Outcome, Page, Quiz
from offline_bundles.importing.manifests import (
    Manifest,
    ManifestItem,
    ManifestResource,
    manifest_start,
    read_manifest,
    strays,
)
from offline_bundles.importing.paths import joined
from offline_bundles.importing.ports import Package
from offline_bundles.importing.qti.asking import Files
from offline_bundles.importing.qti.quizzes import Shelved
from offline_bundles.importing.questions import Names

UNKNOWN_LANGUAGE = "und"  # BCP 47's word for a language that nobody named
REST_TITLE = "Further material"
ITEMS_MAX = 20_000  # a course of a thousand activities is a large one
TITLE_WITHIN_BYTES = 4_096
ASSOCIATED = "associatedcontent"
DOCUMENTS = (
    *(
        ".pdf",
        ".epub",
        ".doc",
        ".docx",
        ".odt",
        ".rtf",
        ".txt",
        ".ppt",
        ".pptx",
        ".odp",
        ".xls",
        ".xlsx",
        ".ods",
        ".csv",
    ),
    *(".mp3", ".m4a", ".ogg", ".oga", ".opus", ".wav", *VIDEOS),
)
TOOLS = {"ContextExternalTool": "a tool on another server, which no phone reaches without a network"}


class CartridgeImporter:
    form = "IMS Common Cartridge"

    def recognises(self, package: Package) -> bool:
        start = manifest_start(package).lower()
        return "imscc" in start or "common cartridge" in start

    def read(self, package: Package) -> ImportedCourse:
        manifest, shelved = read_manifest(package), Shelved(Files(package))
        files = {resource.ident: resource.href for resource in manifest.resources.values()}
        for stray in strays(package, manifest):
            shelved.findings.append(Finding(Outcome.DROPPED, stray, "file", "it lies beside the package, not in it"))
        canvas = read_canvas(package, manifest.root, files)
        cartridge = Cartridge(package, manifest, shelved, canvas)
        title = manifest.title or package.name
        modules = list(_modules(cartridge, manifest.items, title))
        modules += _rest(cartridge, title if not modules else REST_TITLE)
        lessons = _linked(cartridge, modules)
        if not lessons:
            findings = cartridge.shelved.findings
            why = f" {findings[0].where}: {findings[0].why}." if findings else ""
            raise BrokenPackage(f"{package.name} holds nothing that can be learnt from here.{why}")
        tell_of_settings(package, manifest.root, cartridge.item(SETTINGS, "settings"))
        return ImportedCourse(
            form=_form(manifest, package),
            id=Names().new(package.name, "course"),
            title=title,
            language=manifest.language if LANGUAGE.fullmatch(manifest.language) else UNKNOWN_LANGUAGE,
            lessons=lessons,
            description=manifest.description,
            licence=manifest.rights,
            findings=tuple(cartridge.shelved.findings),
        )


def _form(manifest: Manifest, package: Package) -> str:
    canvas = package.has(posixpath.join(manifest.root, SETTINGS, "canvas_export.txt"))
    return f"{manifest.schema or CartridgeImporter.form} {manifest.version}".strip() + (
        " from Canvas" if canvas else ""
    )


Module = tuple[str, str, list[Activity]]  # its ident, its title, what is in it


def _modules(cartridge: Cartridge, items: tuple[ManifestItem, ...], title: str) -> Iterator[Module]:
    """The items below the organisation's root. What stands there by itself makes a lesson of its own."""
    while len(items) == 1 and items[0].items and not items[0].ref and not _leaves(items[0]):
        items = items[0].items
    if len(items) == 1 and not items[0].ref and items[0].items and all(each.items for each in items[0].items):
        items = items[0].items
    budget = iter(range(ITEMS_MAX))
    for item in items:
        found = [activity for each in _flat((item,)) for activity in _activities(cartridge, each, budget)]
        if found:
            yield item.ident, item.title or title, found


def _leaves(item: ManifestItem) -> bool:
    """Whether anything to learn stands in it directly."""
    return any(each.ref for each in item.items)


def _flat(items: Iterable[ManifestItem]) -> Iterator[ManifestItem]:
    for item in items:
        yield item
        yield from _flat(item.items)


def _activities(cartridge: Cartridge, item: ManifestItem, budget: Iterator[int]) -> list[Activity]:
    if not item.ref:
        if not item.items and item.title:
            cartridge.item(item.title, "heading").dropped("a heading without anything below it")
        return []
    where, kind = item.title or item.ref, cartridge.canvas.kinds.get(item.ident, "")
    if next(budget, None) is None:
        cartridge.item(where, kind or "item").dropped(f"the course has more than {ITEMS_MAX} items")
        return []
    resource = cartridge.manifest.resources.get(item.ref)
    if resource is None:
        _tell_of_absent(cartridge, item, where)
        return []
    if resource.ident in cartridge.made:
        cartridge.item(where, kind or resource.kind).degraded("it stands in the course twice; here only once")
        return []
    if item.ident in cartridge.canvas.hidden:
        cartridge.item(where, kind or resource.kind).degraded("it was not published there; here it is")
    return cartridge.activities(resource, where)


def _tell_of_absent(cartridge: Cartridge, item: ManifestItem, where: str) -> None:
    """Canvas lists the tools of other servers without a resource; anything else that is not there is broken."""
    kind = cartridge.canvas.kinds.get(item.ident) or cartridge.canvas.kinds.get(item.ref, "")
    if kind in TOOLS:
        cartridge.item(where, kind).dropped(TOOLS[kind])
    else:
        cartridge.item(where, kind or "item").broken(f"it names the resource {item.ref}, which is not in the manifest")


def _rest(cartridge: Cartridge, title: str) -> list[Module]:
    """Pages, quizzes and topics that no module holds; then question banks, as far as no quiz asked from them."""
    resources = cartridge.manifest.resources.values()
    left = [each for each in resources if each.ident not in cartridge.told and not each.variant]
    found: list[Activity] = []
    for resource in sorted(left, key=_is_bank):
        if _is_learnt(cartridge, resource):
            found += cartridge.activities(resource, _title(cartridge, resource))
    found += _syllabus(cartridge)
    return [("", title, found)] if found else []


def _is_bank(resource: ManifestResource) -> bool:
    return RICHER in resource.href.split("/") or "question-bank" in resource.kind


def _is_learnt(cartridge: Cartridge, resource: ManifestResource) -> bool:
    """Whether a resource is an activity by itself, rather than a file that one uses, or a setting."""
    if resource.instructors_only:
        cartridge.told.add(resource.ident)
        cartridge.item(resource.href or resource.ident, resource.kind).dropped("it is for instructors only")
        return False
    if _is_bank(resource):
        return True
    if resource.kind.startswith(ASSOCIATED):
        return resource.href.lower().endswith(PAGES) and SETTINGS not in resource.href.split("/")
    return not resource.kind.startswith("webcontent") or resource.href.lower().endswith(PAGES)


def _title(cartridge: Cartridge, resource: ManifestResource) -> str:
    """What a page or a document calls itself."""
    path = resource.href or next(iter(resource.files), "")
    if not path.lower().endswith((*PAGES, ".xml")) or not cartridge.package.has(path):
        return ""
    with cartridge.package.open(path) as file:
        return title_of(file.read(TITLE_WITHIN_BYTES).decode("utf-8", "replace"))


def _syllabus(cartridge: Cartridge) -> list[Activity]:
    path = posixpath.join(cartridge.manifest.root, SETTINGS, "syllabus.html")
    return [cartridge.page(path, "")] if cartridge.package.has(path) else []


def _linked(cartridge: Cartridge, modules: list[Module]) -> tuple[Lesson, ...]:
    """The lessons, with every reference on their pages resolved; and files that nothing refers to, at the end."""
    firsts = {ident: activities[0].id for ident, _, activities in modules if ident}
    goals = Goals(cartridge.manifest.root, cartridge.manifest.resources, firsts | cartridge.made)
    linked = [
        (title, [_resolved(cartridge, goals, activity) for activity in activities]) for _, title, activities in modules
    ]
    files = _left_over(cartridge, [activity for _, activities in linked for activity in activities])
    if files and linked and not modules[-1][0]:
        linked[-1][1].extend(files)
    elif files:
        linked.append((REST_TITLE, files))
    names = Names()
    return tuple(Lesson(names.new(title, "lesson"), title, tuple(activities)) for title, activities in linked)


def _resolved(cartridge: Cartridge, goals: Goals, activity: Activity) -> Activity:
    if not isinstance(activity, Page):
        return activity
    return replace(activity, body=goals.resolved(activity.body, cartridge.shelved.files.at(activity.base)))


def _left_over(cartridge: Cartridge, activities: list[Activity]) -> list[Activity]:
    """Web content that no module holds and no page uses: documents come along, the rest is told."""
    used, found = _used(cartridge, activities), list[Activity]()
    for resource in cartridge.manifest.resources.values():
        if not resource.kind.startswith("webcontent") or resource.ident in cartridge.told or resource.variant:
            continue
        for name in resource.files or (resource.href,):
            if not name or name in used or not cartridge.package.has(name):
                continue
            if name.lower().endswith(DOCUMENTS):
                found += cartridge.activities(resource, posixpath.splitext(posixpath.basename(name))[0])
                break
            what = "picture" if name.lower().endswith(PICTURES) else "file"
            cartridge.item(name, what).dropped("no module holds it and no page leads to it")
    return found


def _used(cartridge: Cartridge, activities: list[Activity]) -> set[str]:
    """Every file of the package that an activity shows or leads to."""
    used = set(cartridge.shelved.files.used)
    for activity in activities:
        if isinstance(activity, Page):
            used |= {activity.source} | {joined(activity.base, link.value) for link in links(activity.body)}
        elif isinstance(activity, Quiz):
            used |= {question.picture for question in activity.questions}
        else:
            used.add(activity.source)
    return used
