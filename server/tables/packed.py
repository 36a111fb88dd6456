"""JSON that may lie packed: read as what it was, whichever way it lies.

Packed it is a JSON text: base64 of raw DEFLATE (RFC 1951) of the JSON, with a dictionary of what every such value
repeats. Only for columns whose values are never a text themselves.
"""

import base64
import json
import zlib
from typing import Any

from sqlalchemy import JSON, Dialect
from sqlalchemy.types import TypeDecorator

# What the machine and trainers write of questions (`server.grading`). Never changed: what is packed was packed with it.
SKELETON = (
    b'"given": 0, "voided": true, "comment": "", "waits": true}, {"feedback": {"en": "", "ar": ""}}, '
    b'{"id": "q2", "points": 1000, "max": 1000, "correct": true, "feedback": {}}, '
    b'{"id": "q1", "points": 0, "max": 1000, "correct": false, "feedback": {}}, '
)
WHOLE_BYTES_MAX = 1 << 20  # a quiz of 500 questions with long feedback in every language
_RAW = -zlib.MAX_WBITS


class PackedJson(TypeDecorator[Any]):
    """A JSON column of lists or objects. Whoever writes may give `packed` of a value instead of the value."""

    impl = JSON
    cache_ok = True

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return unpacked(value) if isinstance(value, str) else value


def packed(value: Any) -> Any:
    """The value packed, or as it is where that is shorter."""
    whole = json.dumps(value)
    deflate = zlib.compressobj(9, zlib.DEFLATED, _RAW, zdict=SKELETON)
    text = base64.b64encode(deflate.compress(whole.encode()) + deflate.flush()).decode()
    return text if len(text) + 2 < len(whole) <= WHOLE_BYTES_MAX else value


def unpacked(text: str) -> Any:
    inflate = zlib.decompressobj(_RAW, zdict=SKELETON)
    return json.loads(inflate.decompress(base64.b64decode(text), WHOLE_BYTES_MAX))
