"""A page of a list, and the pattern of a search."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, or_


@dataclass(frozen=True, slots=True)
class PageAsked:
    offset: int
    limit: int


def like(part: str) -> str:
    """The LIKE pattern that finds a part of a text, taken literally; its escape character is the backslash."""
    literal = part.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{literal}%"


def holds(column: SQLColumnExpression[Any], part: str) -> ColumnElement[bool]:
    """Does a text hold this part, in whatever case? SQLite knows the cases of a to z alone: it is given others."""
    return or_(*(column.ilike(like(written), escape="\\") for written in sorted(_cases(part))))


def _cases(part: str) -> set[str]:
    return {part} if part.isascii() else {part, part.lower(), part.upper(), part.title()}
