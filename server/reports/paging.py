"""A page of a list, and the pattern of a search."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PageAsked:
    offset: int
    limit: int


def like(part: str) -> str:
    """The LIKE pattern that finds a part of a text, taken literally; its escape character is the backslash."""
    literal = part.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{literal}%"
