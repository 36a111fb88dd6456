"""One byte range of an object (RFC 9110, 14). Several at once, or another unit, are answered with the whole."""

import re
from typing import NamedTuple

from server import errors

_ONE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


class Span(NamedTuple):
    """Bytes from `start` up to, not including, `end`."""

    start: int
    end: int

    @property
    def length(self) -> int:
        return self.end - self.start

    def of(self, size: int) -> str:
        """For Content-Range."""
        return f"bytes {self.start}-{self.end - 1}/{size}"


def asked_span(header: str, size: int) -> Span | None:
    """The asked range within an object of this size, or None for the whole; raises `RangeNotThere`."""
    match = _ONE.fullmatch(header.strip())
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        return _suffix(int(last), size)
    start, end = int(first), min(int(last) + 1, size) if last else size
    if last and int(last) < start:
        return None  # not a range at all, says the RFC: ignored
    if start >= size:
        raise errors.RangeNotThere(size)
    return Span(start, end)


def _suffix(length: int, size: int) -> Span:
    if length == 0 or size == 0:
        raise errors.RangeNotThere(size)
    return Span(max(0, size - length), size)
