"""The tables of a Kolibri channel as plain rows, whatever they were written in. Values are as hostile as the file."""

from collections.abc import Mapping
from typing import Any

from offline_bundles.errors import BrokenPackage
from offline_bundles.importing.json_text import parsed

Row = Mapping[str, Any]
Tables = Mapping[str, list[Row]]

TABLES = (
    "content_channelmetadata",
    "content_contentnode",
    "content_file",
    "content_localfile",
    "content_language",
    "content_license",
    "content_contentnode_has_prerequisite",
)
ROWS_MAX = 200_000  # the largest channel, all of Khan Academy in English, has some 60,000 files
JSON_BYTES_MAX = 64 << 20
NESTING_MAX = 200  # of the JSON itself; a tree of topics is some 8 deep


def read_json(raw: bytes, name: str) -> Any:
    """Raises `BrokenPackage`."""
    found = parsed(raw, name)
    level, depth = [found], 0
    while level:
        depth += 1
        if depth > NESTING_MAX:
            raise BrokenPackage(f"{name} nests more than {NESTING_MAX} deep. No channel does.")
        level = [inner for each in level for inner in _values(each) if isinstance(inner, (dict, list))]
    return found


def _values(found: Any) -> list[Any]:
    return list(found.values() if isinstance(found, dict) else found)


def tables_of(found: Any, name: str) -> Tables:
    """From JSON: tables by their name, or Django's list of `{model, pk, fields}`. Raises `BrokenPackage`."""
    if isinstance(found, dict):
        tables = {table: found.get(table) or [] for table in TABLES}
    else:
        tables = {table: _of_model(found, table.replace("_", ".", 1)) for table in TABLES}
    for table, rows in tables.items():
        if not isinstance(rows, list) or len(rows) > ROWS_MAX or not all(isinstance(row, dict) for row in rows):
            raise BrokenPackage(f"{name}: {table} is no list of at most {ROWS_MAX} rows.")
    return tables


def _of_model(found: Any, model: str) -> list[Row]:
    """Django leaves the `_id` off that the columns have."""
    dumped = [each for each in found if isinstance(each, dict) and each.get("model") == model]
    fields = [(each.get("pk"), each["fields"]) for each in dumped if isinstance(each.get("fields"), dict)]
    return [{**{f"{name}_id": value for name, value in row.items()}, **row, "id": key} for key, row in fields]


def text(row: Row, *names: str) -> str:
    """The first member that is a text or a number, as text."""
    for name in names:
        value = row.get(name)
        if isinstance(value, (str, int)) and not isinstance(value, bool) and value != "":
            return writable(str(value))
    return ""


def writable(found: str) -> str:
    """JSON may hold half a character (a lone surrogate), which no file can be written with."""
    return found.encode("utf-8", "replace").decode()


def whole(row: Row, name: str) -> int:
    value = row.get(name)
    return value if isinstance(value, int) else 0


def flag(row: Row, name: str) -> bool:
    return row.get(name) in (True, 1)
