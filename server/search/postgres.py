"""The catalogue in PostgreSQL: its own full text, over words that are cut already, in a schema of its own.

`to_tsvector` would cut once more, by rules that know neither Thai nor a Hindi vowel sign: the vectors are written here,
as PostgreSQL's manual gives their form (8.11, Text Search Types).
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, astuple, dataclass, fields

from sqlalchemy import Engine, text

from server.search.asking import WORDS_MAX, Entry, Filled, Question, Term
from server.search.words import words_of

POSITIONS_OF_A_WORD_MAX = 255  # PostgreSQL keeps no more (12.3, Limitations)
COLUMNS = tuple(field.name for field in fields(Entry))
TABLES = f"""
create schema if not exists search;
create table if not exists search.entry (
    id bigint generated always as identity primary key,
    organisation text not null,
    {", ".join(f"{name} {'bigint' if name == 'number' else 'text'} not null" for name in COLUMNS)},
    words tsvector not null
);
create index if not exists entry_words on search.entry using gin (words);
create index if not exists entry_place on search.entry (organisation, course);
create table if not exists search.filled (
    organisation text, course text, root text not null, primary key (organisation, course)
);
"""
INSERT = text(f"""
insert into search.entry (organisation, {", ".join(COLUMNS)}, words)
values (:organisation, {", ".join(f":{name}" for name in COLUMNS)}, cast(:words as tsvector))
""")  # noqa: S608  # column names of ours
SEARCH = text(f"""
select {", ".join(COLUMNS)} from search.entry
where words @@ cast(:match as tsquery) and organisation = :organisation
and (:language = '' or language = :language) and (:course = '' or course = :course)
order by ts_rank(words, cast(:match as tsquery), 1) desc, id limit :limit
""")  # noqa: S608
FILL = text("""
insert into search.filled values (:organisation, :course, :root)
on conflict (organisation, course) do update set root = excluded.root
""")


@dataclass(frozen=True, slots=True)
class PostgresCatalogue:
    engine: Engine

    @classmethod
    def open(cls, engine: Engine) -> "PostgresCatalogue":
        """Makes the tables when they are not there."""
        with engine.begin() as connection:
            connection.execute(text("select pg_advisory_xact_lock(hashtext('search'))"))  # servers may start together
            connection.exec_driver_sql(TABLES)
        return cls(engine)

    def replace(self, filled: Filled, entries: Sequence[Entry]) -> None:
        place = asdict(filled)
        rows = [_row(filled.organisation, entry) for entry in entries]
        with self.engine.begin() as connection:
            connection.execute(
                text("delete from search.entry where organisation = :organisation and course = :course"), place
            )
            if rows:
                connection.execute(INSERT, rows)
            connection.execute(FILL, place)

    def search(self, organisation: str, question: Question) -> list[Entry]:
        if not question.terms:
            return []
        asked = {"match": " & ".join(map(_match, question.terms)), "organisation": organisation}
        asked |= {"language": question.language, "course": question.course}
        with self.engine.connect() as connection:
            return [Entry(*row) for row in connection.execute(SEARCH, {**asked, "limit": question.limit})]

    def filled(self) -> frozenset[Filled]:
        with self.engine.connect() as connection:
            rows = connection.execute(text("select organisation, course, root from search.filled"))
            return frozenset(Filled(*row) for row in rows)


def _row(organisation: str, entry: Entry) -> dict[str, str | int]:
    row = dict(zip(COLUMNS, astuple(entry), strict=True))
    return {"organisation": organisation, **row, "words": _vector(entry)}


def _vector(entry: Entry) -> str:
    """Words of the title weigh A, the text's follow at a distance, so that no phrase reaches across."""
    places: dict[str, list[str]] = defaultdict(list)
    at = 0
    for content, weight in ((entry.title, "A"), (entry.body, "")):
        for word in words_of(content):
            at += 1
            if at > WORDS_MAX:
                break
            if len(places[word.text]) < POSITIONS_OF_A_WORD_MAX:
                places[word.text].append(f"{at}{weight}")
        at += 2
    return " ".join(f"'{word}':{','.join(positions)}" for word, positions in places.items())


def _match(term: Term) -> str:
    """Words hold letters, digits and marks alone, so that quotes can hold them."""
    return " <-> ".join(f"'{word}'" for word in term.words) + (":*" if term.is_prefix else "")
