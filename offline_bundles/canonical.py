"""The one canonical form of manifests: same content, same bytes. docs/bundle-format.md.

A subset of RFC 8785 (JCS): objects, arrays, strings, integers and booleans; keys sorted by code point. Numbers with a
fraction and null have no place in it, since JSON's writers differ over them.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from offline_bundles.errors import BrokenManifest

MANIFEST_BYTES_MAX = 4 << 20  # a lesson of ten thousand activities has some 3 MB
DEPTH_MAX = 16  # a quiz's key, the deepest, has six
INTEGER_MAX = 2**53 - 1  # what a phone's JavaScript counts exactly
# A string is taken whole, or up to where it breaks off, so that brackets in it are never counted.
STRING_OR_BRACKET = re.compile(rb'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)


def write_canonical(value: Any) -> bytes:
    """Raises `BrokenManifest` for what the form has no place for."""
    strange = next(_strangers(value), None)
    if strange is not None:
        raise BrokenManifest(f"A manifest cannot hold {strange}.")
    try:
        raw = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    except UnicodeEncodeError as error:
        raise BrokenManifest("A manifest cannot hold half a character (a lone surrogate).") from error
    if len(raw) > MANIFEST_BYTES_MAX:
        raise BrokenManifest(f"A manifest has {MANIFEST_BYTES_MAX >> 20} MB at most. Cut the lesson in two.")
    return raw


def _strangers(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (f"the key {key!r}" for key in value if not isinstance(key, str))
        for member in value.values():
            yield from _strangers(member)
    elif isinstance(value, (list, tuple)):
        for member in value:
            yield from _strangers(member)
    elif not isinstance(value, (str, int)) or (isinstance(value, int) and abs(value) > INTEGER_MAX):
        yield f"{value!r:.40}, which is no text, no truth value and no safe integer"


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
    """How deep brackets stand in each other outside of strings, before a parser recurses into them."""
    depth = deepest = 0
    for found in STRING_OR_BRACKET.finditer(raw):
        if found[0] in (b"[", b"{"):
            depth += 1
            deepest = max(deepest, depth)
        elif found[0] in (b"]", b"}"):
            depth -= 1
    return deepest
