"""The one canonical form of manifests: same content, same bytes. docs/bundle-format.md.

A subset of RFC 8785 (JCS): objects, arrays, strings, integers and booleans; keys sorted by code point.
"""

import json
from typing import Any

from offline_bundles.errors import BrokenManifest

MANIFEST_BYTES_MAX = 4 << 20
DEPTH_MAX = 16


def write_canonical(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def read_manifest(raw: bytes, form: str) -> dict[str, Any]:
    """A manifest of one format; raises `BrokenManifest`."""
    if len(raw) > MANIFEST_BYTES_MAX:
        raise BrokenManifest(f"A manifest has {MANIFEST_BYTES_MAX >> 20} MB at most.")
    if _depth(raw) > DEPTH_MAX:
        raise BrokenManifest("A manifest is not nested so deep.")
    try:
        value = json.loads(raw)
    except ValueError as error:
        raise BrokenManifest("These bytes are no manifest.") from error
    if not isinstance(value, dict) or value.get("format") != form:
        raise BrokenManifest(f"These bytes are no manifest of the form {form}.")
    return value


def _depth(raw: bytes) -> int:
    """An upper bound: brackets inside strings count too."""
    depth = deepest = 0
    for byte in raw:
        if byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"]}":
            depth -= 1
    return deepest
