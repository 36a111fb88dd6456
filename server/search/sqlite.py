"""The catalogue in SQLite's FTS5, through sqlite-utils: a file of its own, made anew from the releases when it is lost.

FTS5 is given words that are cut already, so its simplest tokenizer is right: `ascii` takes every other character for
part of a word. Each call opens the file for itself: threads share nothing.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, astuple, dataclass, fields
from pathlib import Path

import sqlite_utils
from sqlite_utils.db import Table

from server.search.asking import WORDS_MAX, Entry, Filled, Question, Term
from server.search.words import words_of

TITLE_WEIGHT = 4.0  # a word of the title says more than one of the text
LOCK_WAIT_SECONDS = 15.0
COLUMNS = tuple(field.name for field in fields(Entry))


@dataclass(frozen=True, slots=True)
class SqliteCatalogue:
    path: Path

    def replace(self, filled: Filled, entries: Sequence[Entry]) -> None:
        with self._open() as database, database.conn:
            place = [filled.organisation, filled.course]
            Table(database, "entry").delete_where("organisation = ? and course = ?", place)
            Table(database, "entry").insert_all(_row(filled.organisation, entry) for entry in entries)
            Table(database, "filled").insert(asdict(filled), replace=True)

    def search(self, organisation: str, question: Question) -> list[Entry]:
        if not question.terms:
            return []
        sql = f"""
            select {", ".join(f"entry.{name}" for name in COLUMNS)} from entry_fts
            join entry on entry.rowid = entry_fts.rowid
            where entry_fts match :match and organisation = :organisation
            and (:language = '' or language = :language) and (:course = '' or course = :course)
            order by bm25(entry_fts, {TITLE_WEIGHT}, 1.0), entry.rowid limit :limit
        """  # noqa: S608  # column names of ours
        asked = {"match": _match(question.terms), "organisation": organisation, "limit": question.limit}
        with self._open() as database:
            rows = database.execute(sql, asked | {"language": question.language, "course": question.course}).fetchall()
        return [Entry(*row) for row in rows]

    def filled(self) -> frozenset[Filled]:
        with self._open() as database:
            return frozenset(Filled(**row) for row in Table(database, "filled").rows)

    @contextmanager
    def _open(self) -> Iterator[sqlite_utils.Database]:
        connection = sqlite3.connect(self.path, timeout=LOCK_WAIT_SECONDS)
        try:
            database = sqlite_utils.Database(connection)
            if not Table(database, "filled").exists():
                _make(database)
            yield database
        finally:
            connection.close()


def _make(database: sqlite_utils.Database) -> None:
    database.enable_wal()
    kinds = {name: int if name == "number" else str for name in COLUMNS}
    words = {"title_words": str, "body_words": str}
    Table(database, "entry").create({"organisation": str, **kinds, **words}, if_not_exists=True)
    Table(database, "entry").create_index(["organisation", "course"], if_not_exists=True)
    Table(database, "entry").enable_fts([*words], tokenize="ascii", create_triggers=True, replace=True)
    Table(database, "filled").create(
        {"organisation": str, "course": str, "root": str}, pk=("organisation", "course"), if_not_exists=True
    )


def _row(organisation: str, entry: Entry) -> dict[str, str | int]:
    row = dict(zip(COLUMNS, astuple(entry), strict=True))
    return {"organisation": organisation, **row, "title_words": _words(entry.title), "body_words": _words(entry.body)}


def _words(text: str) -> str:
    return " ".join(word.text for _, word in zip(range(WORDS_MAX), words_of(text), strict=False))


def _match(terms: Sequence[Term]) -> str:
    """FTS5's own language: words hold letters, digits and marks alone, so that quotes can hold them."""
    return " ".join(f'"{" ".join(term.words)}"{" *" if term.is_prefix else ""}' for term in terms)
