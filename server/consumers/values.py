"""Values of documents in a form that JSON holds and a person reads."""

from math import isfinite
from typing import Any

from conflict.errors import MalformedValue
from conflict.rules import RULES


def readable(key: str, value: Any) -> Any:
    """One raw value as its key's rule reads it: stamps and stretches spelt out, what cannot be read in hexadecimal."""
    rule = RULES.get(key.partition("/")[0])
    if rule is None:
        return stored(value)
    try:
        return stored(rule.read(value))
    except MalformedValue:
        return {"unreadable": stored(value)}


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
