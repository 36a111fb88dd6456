"""The house keeps its shape: who may import whom, and which one module speaks to which package."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("server", "sync", "conflict", "offline_bundles", "notifications")
MAY_IMPORT = {
    "server": {"sync", "conflict", "offline_bundles", "notifications"},
    "sync": {"conflict"},
    "conflict": set(),
    "offline_bundles": set(),
    "notifications": set(),
}
ONE_DOOR = ("automerge", "pywebpush", "boto3", "dbos")


def modules(room: str) -> Iterator[Path]:
    yield from sorted((ROOT / room).rglob("*.py"))


def imported(module: Path) -> Iterator[str]:
    """Full dotted names that a module imports, at its top and inside its functions."""
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_what_the_design_allows(room: str) -> None:
    allowed = MAY_IMPORT[room] | {room}

    strays = {
        f"{module.relative_to(ROOT)} -> {name}"
        for module in modules(room)
        for name in imported(module)
        if (top := name.partition(".")[0]) in ROOMS and top not in allowed
    }

    assert not strays


@pytest.mark.parametrize("package", ONE_DOOR)
def test_one_module_at_most_speaks_to(package: str) -> None:
    doors = {
        str(module.relative_to(ROOT))
        for room in ROOMS
        for module in modules(room)
        if any(name.partition(".")[0] == package for name in imported(module))
    }

    assert len(doors) == 1, doors


def test_no_import_runs_in_a_circle() -> None:
    graph = {_dotted(module): set(_targets(module)) for room in ROOMS for module in modules(room)}

    assert _circle(graph) is None


def _dotted(module: Path) -> str:
    parts = module.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _targets(module: Path) -> Iterator[str]:
    """Modules of ours that are imported when this one is: the longest dotted prefix that is a file."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            if name.partition(".")[0] in ROOMS:
                yield _existing(name)


def _existing(name: str) -> str:
    while name:
        path = ROOT.joinpath(*name.split("."))
        if path.with_suffix(".py").exists() or (path / "__init__.py").exists():
            return name
        name = name.rpartition(".")[0]
    raise AssertionError("an import of ours that names no file")


def _circle(graph: dict[str, set[str]]) -> list[str] | None:
    done: set[str] = set()

    def walk(name: str, path: list[str]) -> list[str] | None:
        if name in path:
            return [*path[path.index(name) :], name]
        if name in done:
            return None
        for target in sorted(graph.get(name, set()) - {name}):
            if found := walk(target, [*path, name]):
                return found
        done.add(name)
        return None

    return next((found for name in sorted(graph) if (found := walk(name, []))), None)
