"""Values of documents in a form that JSON holds and a person reads."""

from math import isfinite
from typing import Any

from conflict.errors import MalformedValue
from conflict.rules import RULES
from sync.codec import read_scalar, write_scalar


def readable(key: str, value: Any) -> Any:
    """One raw value as its key's rule reads it: stamps and stretches spelt out, what cannot be read in hexadecimal."""
    rule = RULES.get(key.partition("/")[0])
    if rule is None:
        return stored(value)
    try:
        return stored(rule.read(value))
    except MalformedValue:
        return {"unreadable": stored(value)}


def raw_text(value: Any) -> str:
    """A value to its last bit, as its type's number and its bytes in hexadecimal; `read_raw` reads it again."""
    kind, raw = write_scalar(value)
    return f"{int(kind)}:{raw.hex()}"


def read_raw(written: str) -> Any:
    kind, _, raw = written.partition(":")
    return read_scalar(int(kind), bytes.fromhex(raw))


def stored(value: Any) -> Any:
    """Tuples as lists, bytes in hexadecimal, what JSON has no word for as text, everything else as it is."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, tuple):
        return [stored(part) for part in value]
    if isinstance(value, float) and not isfinite(value):
        return str(value)
    if value is None or isinstance(value, (bool, int, float, str, list, dict)):
        return value
    return str(value)
