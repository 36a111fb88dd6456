"""A channel as a tree of nodes with their files, from any version of Kolibri's tables or from ricecooker's trees."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from offline_bundles.errors import BrokenPackage
from offline_bundles.importing.kolibri.rows import Row, Tables, flag, text, whole

TOPIC = "topic"
DEPTH_MAX = 50  # topics within topics: the deepest real channels have some 8


@dataclass(frozen=True, slots=True)
class NodeFile:
    """`name`: what the file is called in a storage, or its path beside a ricecooker tree."""

    name: str
    preset: str
    language: str
    supplementary: bool = False


@dataclass(frozen=True, slots=True)
class Node:
    """`questions`: of an exercise in a ricecooker tree, as written there."""

    id: str
    kind: str
    title: str
    files: tuple[NodeFile, ...] = ()
    children: tuple["Node", ...] = ()
    for_coaches: bool = False
    licence: str = ""
    owner: str = ""
    description: str = ""
    questions: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class Channel:
    """`strays`: nodes that the tree does not reach. `order`: pairs of titles, what is asked for before what."""

    id: str
    title: str
    description: str
    language: str
    root: Node
    strays: tuple[Node, ...] = ()
    order: tuple[tuple[str, str], ...] = ()


@dataclass
class _Tree:
    """Rows by what they belong to. `met`: nodes that have their place, so that a ring of parents ends."""

    nodes: Mapping[str, Row]
    children: dict[str, list[Row]] = field(default_factory=dict)
    files: dict[str, list[NodeFile]] = field(default_factory=dict)
    licences: dict[str, str] = field(default_factory=dict)
    met: set[str] = field(default_factory=set)

    def node(self, row: Row) -> Node:
        name = text(row, "id")
        self.met.add(name)
        below = [each for each in self.children.get(name, []) if text(each, "id") not in self.met]
        return Node(
            id=name,
            kind=text(row, "kind"),
            title=text(row, "title") or name,
            files=tuple(self.files.get(name, [])),
            children=tuple(self.node(each) for each in below if text(each, "id") not in self.met),
            for_coaches=flag(row, "coach_content"),
            licence=text(row, "license_name") or self.licences.get(text(row, "license_id"), ""),
            owner=text(row, "license_owner"),
            description=text(row, "description"),
        )


def read_channel(tables: Tables) -> Channel:
    """Raises `BrokenPackage` when there is no channel, or no tree in it."""
    if not tables["content_channelmetadata"]:
        raise BrokenPackage("No channel is named in it. Export the channel from Kolibri again.")
    about = tables["content_channelmetadata"][0]
    nodes = {text(row, "id"): row for row in tables["content_contentnode"]}
    root = nodes.get(text(about, "root_id", "root_pk")) or _topmost(nodes)
    if root is None:
        raise BrokenPackage(f"The channel {text(about, 'name')} has no content. Export it with its content.")
    languages = {text(row, "id"): text(row, "lang_code") for row in tables["content_language"]}
    tree = _Tree(nodes, _children(nodes), _files(tables, languages))
    tree.licences.update((text(row, "id"), text(row, "license_name")) for row in tables["content_license"])
    _check_depth(tree, root)
    top = tree.node(root)
    return Channel(
        id=text(about, "id"),
        title=text(about, "name") or top.title,
        description=text(about, "description"),
        language=_language(nodes, languages),
        root=top,
        strays=tuple(tree.node(row) for name, row in nodes.items() if name not in tree.met),
        order=tuple(_order(tables, nodes)),
    )


def _check_depth(tree: _Tree, root: Row) -> None:
    level, depth, seen = [text(root, "id")], 0, set[str]()
    while level:
        depth += 1
        if depth > DEPTH_MAX:
            raise BrokenPackage(f"The channel's topics nest more than {DEPTH_MAX} deep.")
        seen.update(level)
        below = (text(row, "id") for name in level for row in tree.children.get(name, []))
        level = [name for name in below if name not in seen]


def _topmost(nodes: Mapping[str, Row]) -> Row | None:
    return next((row for row in nodes.values() if not text(row, "parent_id")), None)


def _children(nodes: Mapping[str, Row]) -> dict[str, list[Row]]:
    """In the channel's order: `lft` of its nested sets."""
    children: dict[str, list[Row]] = {}
    for row in sorted(nodes.values(), key=lambda row: (whole(row, "lft"), text(row, "title"))):
        children.setdefault(text(row, "parent_id"), []).append(row)
    return children


def _files(tables: Tables, languages: Mapping[str, str]) -> dict[str, list[NodeFile]]:
    """Thumbnails are left out: they show what is about to be opened anyway."""
    endings = {text(row, "id"): text(row, "extension") for row in tables["content_localfile"]}
    files: dict[str, list[NodeFile]] = {}
    for row in sorted(tables["content_file"], key=lambda row: whole(row, "priority")):
        if flag(row, "thumbnail"):
            continue
        digest = text(row, "local_file_id", "checksum")
        name = f"{digest}.{endings.get(digest) or text(row, 'extension')}".lower()
        language = languages.get(text(row, "lang_id"), "")
        file = NodeFile(name, text(row, "preset"), language, flag(row, "supplementary"))
        files.setdefault(text(row, "contentnode_id"), []).append(file)
    return files


def _language(nodes: Mapping[str, Row], languages: Mapping[str, str]) -> str:
    """What most nodes are in."""
    spoken = Counter(code for row in nodes.values() if (code := languages.get(text(row, "lang_id"), "")))
    return max(sorted(spoken), key=spoken.__getitem__, default="und")


def _order(tables: Tables, nodes: Mapping[str, Row]) -> Iterator[tuple[str, str]]:
    for row in tables["content_contentnode_has_prerequisite"]:
        first, then = nodes.get(text(row, "to_contentnode_id")), nodes.get(text(row, "from_contentnode_id"))
        if first and then:
            yield text(first, "title"), text(then, "title")
