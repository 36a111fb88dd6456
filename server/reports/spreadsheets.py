"""Rows as a spreadsheet opens them: CSV (RFC 4180), to be written in UTF-8 with the mark by which Excel knows it.

Labels and names come from phones and from trainers. A spreadsheet takes a text that begins like a formula for one, so
such a text is given an apostrophe before it (OWASP, CSV injection).
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

MARK = "\ufeff"
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def written(titles: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A whole file, with the mark."""
    return MARK + "".join(lines(titles, rows))


def lines(titles: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """One row after another, each as soon as it is known; without the mark."""
    line = csv.writer(_Line())
    yield line.writerow(titles)
    for row in rows:
        yield line.writerow([_harmless(cell) for cell in row])


class _Line:
    """What the writer writes to: it gives each row back as text."""

    def write(self, text: str) -> str:
        return text


def _harmless(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
