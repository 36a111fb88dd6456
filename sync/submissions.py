"""Sealed attempts: immutable records in a hash chain, so that one signature over the head covers them all.

`hash = SHA-256("tiffin-submission-1\\n" + previous hash + record)`. Records are JSON, hashed as they were written and
never written again. Reading one never fails the chain: a record that cannot be read is kept for a person.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from math import isfinite
from typing import Any

from sync.codec.errors import CodecError
from sync.codec.leb import Reader, uleb
from sync.errors import Malformed, TooLarge
from sync.limits import COURSE_CHARACTERS_MAX, JSON_DEPTH_MAX, RECORD_BYTES_MAX, SUBMISSIONS_MAX

DOMAIN = b"tiffin-submission-1\n"
FIRST = bytes(32)  # what the first of a chain names as the one before it
PLACE_MAX = 2**53 - 1  # in a chain: what a phone's numbers hold, and a database's
ANSWERS_MAX = 500
SECONDS_MAX = 253_402_214_399  # the year 9999, less a day for time zones: what calendars hold


def next_hash(previous: bytes, record: bytes) -> bytes:
    return sha256(DOMAIN + previous + record).digest()


@dataclass(frozen=True)
class Chain:
    """Consecutive records of one profile's chain; `start` is the number of the first, from 0."""

    start: int
    previous: bytes
    records: tuple[bytes, ...]

    @classmethod
    def read(cls, content: bytes) -> "Chain":
        """Raises `Malformed` or `TooLarge`."""
        reader = Reader(content)
        try:
            start = reader.uleb()
            if start > PLACE_MAX:
                raise Malformed(f"A chain of submissions that begins at {start}.")
            previous = reader.take(len(FIRST)) if start else FIRST
            return cls(start, previous, tuple(_records(reader)))
        except CodecError as error:
            raise Malformed(f"A chain of submissions cannot be read: {error}.") from error

    def write(self) -> bytes:
        before = self.previous if self.start else b""
        return uleb(self.start) + before + b"".join(uleb(len(record)) + record for record in self.records)

    @cached_property
    def hashes(self) -> tuple[bytes, ...]:
        hashes, previous = [], self.previous
        for record in self.records:
            previous = next_hash(previous, record)
            hashes.append(previous)
        return tuple(hashes)

    @property
    def head(self) -> bytes:
        return self.hashes[-1] if self.records else self.previous


def _records(reader: Reader) -> Iterator[bytes]:
    count = 0
    while reader.left:
        size = reader.uleb()
        if size > RECORD_BYTES_MAX:
            raise TooLarge(f"A submission of {size} bytes; the limit is {RECORD_BYTES_MAX}.")
        count += 1
        if count > SUBMISSIONS_MAX:
            raise TooLarge(f"More than {SUBMISSIONS_MAX} submissions in one frame.")
        yield reader.take(size)


@dataclass(frozen=True, slots=True)
class Submission:
    """One attempt as its learner sealed it. Times are unix seconds by the device's clock; `took` tenths of seconds."""

    course: str
    activity: str
    release: int
    number: int
    started: int
    ended: int
    answers: dict[str, Any]
    took: tuple[int, ...] = ()

    def write(self) -> bytes:
        fields = {name: getattr(self, name) for name in self.__slots__}
        return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()

    @classmethod
    def read(cls, record: bytes) -> "Submission":
        """Raises `Malformed`, naming the first member that does not fit."""
        fields = read_object(record, "a submission")
        answers, took = fields.get("answers"), fields.get("took", [])
        if not isinstance(answers, dict) or len(answers) > ANSWERS_MAX:
            raise Malformed("A submission's answers are an object of at most 500 members.")
        if not isinstance(took, list) or not all(type(tenths) is int and tenths >= 0 for tenths in took):
            raise Malformed("A submission's `took` is an array of tenths of seconds.")
        return cls(
            course=member_text(fields, "course"),
            activity=member_text(fields, "activity"),
            release=member_number(fields, "release"),
            number=member_number(fields, "number"),
            started=member_number(fields, "started"),
            ended=member_number(fields, "ended"),
            answers=answers,
            took=tuple(took),
        )


def read_object(raw: bytes, what: str) -> dict[str, Any]:
    """A JSON object (RFC 8259) of bounded depth, in UTF-8, that any database can hold; raises `Malformed`.

    Refused beside what is no JSON: NUL, halves of surrogate pairs and numbers beyond a float, which PostgreSQL cannot
    hold; a consumer that met one would never get past it.
    """
    if _is_deep(raw):
        raise Malformed(f"{what} is nested deeper than {JSON_DEPTH_MAX}.")
    try:
        fields = _DECODER.decode(raw.decode())
    except ValueError as error:
        raise Malformed(f"{what} is no JSON.") from error
    if not isinstance(fields, dict):
        raise Malformed(f"{what} is no JSON object.")
    if b"\\u" in raw and not _is_storable(fields):
        raise Malformed(f"{what} holds NUL or half a character, which no table can keep.")
    return fields


def _is_deep(raw: bytes) -> bool:
    """Asked before any parser recurses. Strings go first, since brackets in them are text; then pairs, inmost first."""
    if raw.count(b"[") + raw.count(b"{") <= JSON_DEPTH_MAX:
        return False  # nearly all records: too few brackets to be deep; saves 20 µs each
    brackets = _STRING.sub(b"", raw).translate(None, _NO_BRACKETS)
    for _ in range(JSON_DEPTH_MAX):
        brackets = brackets.replace(b"[]", b"").replace(b"{}", b"")
    return b"[" in brackets or b"{" in brackets


def _is_storable(value: Any) -> bool:
    """Whether all texts can be written as UTF-8 without NUL. The depth was bounded before."""
    if isinstance(value, str):
        return "\0" not in value and not _SURROGATE.search(value)
    if isinstance(value, dict):
        return all(_is_storable(name) and _is_storable(member) for name, member in value.items())
    return not isinstance(value, list) or all(map(_is_storable, value))


def _finite(digits: str) -> float:
    value = float(digits)
    if not isfinite(value):
        raise ValueError(f"{digits} is no number here")
    return value


_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]")
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_DECODER = json.JSONDecoder(parse_float=_finite, parse_constant=_finite)  # NaN and Infinity are no JSON


def member_text(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= COURSE_CHARACTERS_MAX:
        raise Malformed(f"`{name}` is a text of 1 to {COURSE_CHARACTERS_MAX} characters.")
    return value


def member_number(fields: dict[str, Any], name: str) -> int:
    value = fields.get(name)
    if type(value) is not int or not 0 <= value <= SECONDS_MAX:
        raise Malformed(f"`{name}` is a whole number.")
    return value


def chain_of(records: Sequence[bytes]) -> Chain:
    """A chain from its very first record."""
    return Chain(0, FIRST, tuple(records))
