"""A Kolibri channel as a course. What names it: a database with Kolibri's tables, their JSON, or a ricecooker tree."""

import posixpath
import re

from offline_bundles.course.fields import LANGUAGE
from offline_bundles.errors import BrokenPackage
from offline_bundles.importing.imported import Finding, ImportedCourse
from offline_bundles.importing.kolibri.channel import Channel, Node, read_channel
from offline_bundles.importing.kolibri.database import HEADER, read_database
from offline_bundles.importing.kolibri.drive import DATABASE_ENDINGS, STORED, told
from offline_bundles.importing.kolibri.loose import ITEM_NAMED, read_loose
from offline_bundles.importing.kolibri.nodes import Shelf, read_lessons
from offline_bundles.importing.kolibri.rows import JSON_BYTES_MAX, read_json, tables_of
from offline_bundles.importing.kolibri.trees import read_tree
from offline_bundles.importing.ports import Package
from offline_bundles.importing.questions import Item, slug

FIRST_BYTES = 1 << 16
JSON_FILES_MAX = 1_000  # to look into; a channel has one, a folder of items some hundred
TABLE_NAMED = re.compile(rb'"content_(?:channelmetadata|contentnode|contenttag|file|localfile|language|assessment)')
MODEL_NAMED = re.compile(rb'"model":\s*"content\.(?:channelmetadata|contentnode|contenttag)"')
TREE_NAMED = re.compile(rb'"source_domain"\s*:')


NO_STORAGE = "its storage is not here: give the folder in which both databases/ and storage/ are"


class KolibriImporter:
    form = "Kolibri channel"

    def recognises(self, package: Package) -> bool:
        return bool(_channels(package) or _written(package, ITEM_NAMED))

    def read(self, package: Package) -> ImportedCourse:
        """A channel without its storage is a course without lessons, and a finding for each file that is not there.

        Raises `BrokenPackage` when there is no channel, or more than one.
        """
        findings: list[Finding] = []
        channel = _channel(package, findings)
        stored = {posixpath.basename(each): each for each in package.names() if _is_stored(each)}
        if not stored and _needs_storage(channel.root):
            Item(channel.title, "channel", findings).broken(NO_STORAGE)
        shelf = Shelf(package, stored, findings)
        lessons = tuple(read_lessons(channel.root, shelf))
        _tell_the_rest(channel, shelf.findings)
        licences = sorted({each.licence for each in _all(channel.root) if each.licence})
        owners = sorted({each.owner for each in _all(channel.root) if each.owner})
        return ImportedCourse(
            form=self.form,
            id=slug(channel.title) or "kolibri-channel",
            title=channel.title,
            language=channel.language if LANGUAGE.fullmatch(channel.language) else "und",
            lessons=lessons,
            description=channel.description,
            licence=", ".join(licences),
            attribution=", ".join(owners),
            findings=tuple(shelf.findings),
        )


def _channel(package: Package, findings: list[Finding]) -> Channel:
    found = _channels(package)
    if len(found) == 1:
        return _read(package, found[0])
    items = [] if found else _written(package, ITEM_NAMED)
    if items:
        return read_loose(package, items, findings)
    raise BrokenPackage(told(package, found))


def _is_stored(name: str) -> bool:
    return STORED.fullmatch(posixpath.basename(name)) is not None


def _channels(package: Package) -> list[str]:
    """The files that hold a channel: databases first; JSON only where there is no database."""
    alone = len(package.names()) == 1
    databases = [each for each in package.names() if each.endswith(DATABASE_ENDINGS)]
    named = [each for each in databases if alone or STORED.fullmatch(posixpath.basename(each))]
    found = [each for each in named if _start(package, each).startswith(HEADER)]
    return found or _written(package, TABLE_NAMED, MODEL_NAMED, TREE_NAMED)


def _written(package: Package, *patterns: re.Pattern[bytes]) -> list[str]:
    """The JSON files in whose beginning one of these stands."""
    listed = [each for each in package.names() if each.endswith(".json")][:JSON_FILES_MAX]
    return [each for each in listed if any(named.search(_start(package, each)) for named in patterns)]


def _start(package: Package, name: str) -> bytes:
    with package.open(name) as file:
        return file.read(FIRST_BYTES)


def _read(package: Package, name: str) -> Channel:
    if name.endswith(DATABASE_ENDINGS):
        return read_channel(read_database(package, name))
    found = read_json(package.read(name, JSON_BYTES_MAX), name)
    if isinstance(found, dict) and "children" in found:
        return read_tree(found, name)
    if not isinstance(found, (dict, list)):
        raise BrokenPackage(f"{name} holds no channel.")
    return read_channel(tables_of(found, name))


def _needs_storage(root: Node) -> bool:
    """Whether the channel's files are known by their digests, and not by paths of their own."""
    return any(STORED.fullmatch(file.name) for node in _all(root) for file in node.files)


def _all(node: Node) -> list[Node]:
    return [node, *(inner for each in node.children for inner in _all(each))]


def _tell_the_rest(channel: Channel, findings: list[Finding]) -> None:
    for each in channel.strays:
        Item(each.title, each.kind, findings).broken("it hangs in no topic of the channel")
    for first, then in channel.order:
        Item(then, "prerequisite", findings).degraded(f"that {first} comes before it is not enforced")
