"""A class list as a trainer has it: names one a line, or rows of a spreadsheet, read without looking at any table.

A list is CSV or TSV as soon as a line holds a tab, a comma or a semicolon. Its first line may say what the columns are;
without one they are name, language, course. Each line is read by itself: what is odd in one is told with the reason,
and holds up no other. Nothing is guessed: where a column is neither a language nor a course, the line is odd.
"""

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

from server import errors
from server.people.names import alike, cleaned, visible
from server.shapes.class_lists import LEARNERS_MAX, OddReason
from server.shapes.common import NAME_CHARACTERS_MAX

LIST_BYTES_MAX = 128 << 10  # the longest names in the widest script, with their columns, twice over
ODD_CHARACTERS_MAX = 80  # shown of a line that is odd: enough to find it again
ZIPPED, OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_LINE = re.compile(r"\r\n|[\r\n\u2028\u2029]")
_UNPRINTABLE = dict.fromkeys((*range(9), *range(11, 32), *range(127, 160)), "\N{REPLACEMENT CHARACTER}")
_NUMBERED = re.compile(
    r"^\s*(?:\d{1,4}\s*[.)\-:،]\s*|[-*•·]\s+)(?=\D)"
)  # as a word processor or a messenger lists them
_SEVERAL = re.compile(r"[;|+،؛/]")


class Column(StrEnum):
    NAME = "name"
    FAMILY = "family"
    LANGUAGE = "language"
    COURSE = "course"


HEADS = {
    Column.NAME: "name|names|full name|first name|given name|learner|student|pupil"
    "|الاسم|اسم|الاسم الكامل|الاسم الأول|اسم المتعلم|اسم المتعلمة|اسم الطالب|اسم الطالبة",
    Column.FAMILY: "last name|family name|surname|اسم العائلة|اللقب|الاسم الأخير",
    Column.LANGUAGE: "language|lang|اللغة|لغة",
    Column.COURSE: "course|courses|الدورة|الدورات|المقرر|المقررات|المادة",
}
COLUMN_OF = {alike(word): column for column, words in HEADS.items() for word in words.split("|")}
LANGUAGE_OF = {"english": "en", "الإنجليزية": "en", "إنجليزي": "en", "arabic": "ar", "العربية": "ar", "عربي": "ar"}
_LANGUAGE_CODE = re.compile(r"^[a-z]{2,3}(-[a-z0-9]{2,8})*$", re.IGNORECASE)
LANGUAGE_CHARACTERS_MAX = 16
UNHEADED = (Column.NAME, Column.LANGUAGE, Column.COURSE)
Columns = Sequence[Column | None]


@dataclass(frozen=True, slots=True)
class Listed:
    """One learner of the list; `courses` are ids."""

    line: int
    name: str
    language: str = ""
    courses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OddLine:
    """`about`: what of the line is odd, where that is one value."""

    line: int
    text: str
    reason: OddReason
    about: str = ""


@dataclass(frozen=True, slots=True)
class ClassList:
    """`unread`: columns that the first line names and that mean nothing here."""

    listed: tuple[Listed, ...]
    odd: tuple[OddLine, ...]
    unread: tuple[str, ...] = ()


class _Odd(Exception):
    def __init__(self, reason: OddReason, about: str = "") -> None:
        super().__init__(reason)
        self.reason, self.about = reason, about


class _Line(NamedTuple):
    number: int
    text: str


def text_of(raw: bytes) -> str:
    """The list as text. Raises `BodyTooLarge`, or `DoesNotFit` for what is no text."""
    if len(raw) > LIST_BYTES_MAX:
        raise errors.BodyTooLarge(LIST_BYTES_MAX)
    if raw.startswith((ZIPPED, OLD_EXCEL)):
        raise errors.DoesNotFit("This is a workbook. Save the sheet as CSV UTF-8, or copy its cells and paste them.")
    try:
        return raw.decode("utf-16" if raw.startswith(UTF_16) else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise errors.DoesNotFit(
            "This is no UTF-8 text. Save it as CSV UTF-8, or copy the names and paste them."
        ) from error


def read(text: str, courses: Mapping[str, str]) -> ClassList:
    """`courses`: ids by whatever they are called, made alike."""
    lines = [_Line(number, line) for number, line in enumerate(_LINE.split(visible(text)), 1) if line.strip(" \t,;")]
    separator = _separator(lines)
    columns, unread = _columns(lines, separator)
    rows = _Rows(separator, columns or UNHEADED, courses)
    for line in lines[1:] if columns else lines:
        rows.take(line)
    return ClassList(tuple(rows.listed), tuple(rows.odd), unread)


def called(courses: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Ids of courses by their ids and their titles in every language."""
    titles = {alike(title): course for course, by_language in courses.items() for title in by_language.values()}
    return titles | {alike(course): course for course in courses}


def _separator(lines: Sequence[_Line]) -> str:
    """That of the first line which has one; a tab, which nobody types into a name, goes before all."""
    whole = "\n".join(line.text for line in lines)
    if "\t" in whole:
        return "\t"
    return next((mark for line in lines for mark in line.text if mark in ",;"), "")


def _columns(lines: Sequence[_Line], separator: str) -> tuple[list[Column | None], tuple[str, ...]]:
    """What the first line says that the columns are, and those that mean nothing; empty where it is no such line."""
    if not lines:
        return [], ()
    try:
        heads = _cells(lines[0].text, separator)
    except _Odd:
        return [], ()
    columns = [COLUMN_OF.get(alike(head)) for head in heads]
    if Column.NAME not in columns:
        return [], ()
    return columns, tuple(head for head, column in zip(heads, columns, strict=True) if head and column is None)


def _cells(text: str, separator: str) -> list[str]:
    """Of one line. A quoted cell that goes on in the next line is odd: a name has one line."""
    if not separator:
        return [cleaned(text)]
    try:
        cells = next(csv.reader([text], delimiter=separator, strict=True, skipinitialspace=True))
    except csv.Error as error:
        raise _Odd(OddReason.QUOTES) from error
    return [cleaned(cell) for cell in cells]


@dataclass
class _Rows:
    """Lines are taken one after another."""

    separator: str
    columns: Columns
    courses: Mapping[str, str]

    def __post_init__(self) -> None:
        self.listed: list[Listed] = []
        self.odd: list[OddLine] = []

    def take(self, line: _Line) -> None:
        try:
            if len(self.listed) >= LEARNERS_MAX:
                raise _Odd(OddReason.TOO_MANY, str(LEARNERS_MAX))
            self.listed.append(replace(self._read(_NUMBERED.sub("", line.text)), line=line.number))
        except _Odd as odd:
            shown = cleaned(line.text.translate(_UNPRINTABLE))[:ODD_CHARACTERS_MAX]
            self.odd.append(OddLine(line.number, shown, odd.reason, odd.about[:ODD_CHARACTERS_MAX]))

    def _read(self, text: str) -> Listed:
        cells = _cells(text, self.separator)
        if any(cells[len(self.columns) :]):
            raise _Odd(OddReason.COLUMNS, cells[len(self.columns)])
        found: dict[Column, str] = {}
        for column, cell in zip(self.columns, cells, strict=False):
            if column:
                found[column] = f"{found.get(column, '')} {cell}".strip()
        name = _name(f"{found.get(Column.NAME, '')} {found.get(Column.FAMILY, '')}".strip())
        language = _language(found.get(Column.LANGUAGE, ""))
        return Listed(0, name, language, self._courses(found.get(Column.COURSE, "")))

    def _courses(self, cell: str) -> tuple[str, ...]:
        if whole := self.courses.get(alike(cell)):
            return (whole,)
        wanted = [part.strip() for part in _SEVERAL.split(cell) if part.strip()]
        for one in wanted:
            if alike(one) not in self.courses:
                raise _Odd(OddReason.COURSE, one)
        return tuple(dict.fromkeys(self.courses[alike(one)] for one in wanted))


def _name(name: str) -> str:
    """Begins with a letter: what begins with `=` or `+` is a formula to the spreadsheet that reads the codes."""
    if any(ord(character) in _UNPRINTABLE for character in name):
        raise _Odd(OddReason.CHARACTERS)
    if not name[:1].isalpha():
        raise _Odd(OddReason.NO_NAME)
    if len(name) > NAME_CHARACTERS_MAX:
        raise _Odd(OddReason.NAME_TOO_LONG, str(NAME_CHARACTERS_MAX))
    return name


def _language(cell: str) -> str:
    known = LANGUAGE_OF.get(alike(cell), cell)
    if known and (len(known) > LANGUAGE_CHARACTERS_MAX or not _LANGUAGE_CODE.match(known)):
        raise _Odd(OddReason.LANGUAGE, cell)
    return known.lower()
