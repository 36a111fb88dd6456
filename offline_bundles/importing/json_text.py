"""JSON of strangers, and what is wrong with it in words that are not a programmer's."""

import json
from typing import Any

from offline_bundles.errors import BrokenPackage


def parsed(raw: bytes, name: str, remedy: str = "") -> Any:
    """`name`: the file's, for the message. Raises `BrokenPackage`. How deep it nests is the caller's to bound."""
    try:
        return json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise BrokenPackage(f"{name} is no JSON that can be read: {_why(error)}. {remedy}".rstrip()) from error


def _why(error: ValueError | RecursionError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at line {error.lineno}, column {error.colno}"
    if isinstance(error, UnicodeDecodeError):
        return "it is not UTF-8"
    if isinstance(error, RecursionError):
        return "it nests deeper than anything that is written on purpose"
    return "a number in it has thousands of digits"  # Python reads none of more than 4,300
