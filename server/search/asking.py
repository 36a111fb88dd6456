"""A question to the catalogue, and the port that answers it: `sqlite` and `postgres` have it, with one contract."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Protocol

from server.search.words import Word, words_of

TERMS_MAX = 8  # more narrow nothing down; keeps a question's cost bounded
HITS_MAX = 50
WORDS_MAX = 16_000  # of one text: PostgreSQL counts to 16,383, and both databases shall find alike


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing to be found: a course, or an activity of it, in one language. `activity` is empty for a course."""

    course: str
    number: int
    lesson: str
    activity: str
    kind: str
    language: str
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Term:
    """Words that must stand one after the other. `is_prefix`: the last may go on."""

    words: tuple[str, ...]
    is_prefix: bool


@dataclass(frozen=True, slots=True)
class Question:
    """Of one organisation. All terms must be found. `language` and `course` are empty for any."""

    terms: tuple[Term, ...]
    language: str = ""
    course: str = ""
    limit: int = HITS_MAX


@dataclass(frozen=True, slots=True)
class Filled:
    """A course as the catalogue has it."""

    organisation: str
    course: str
    root: str


class Catalogue(Protocol):
    def replace(self, filled: Filled, entries: Sequence[Entry]) -> None:
        """Puts a course's entries in the place of those of its release before."""

    def search(self, organisation: str, question: Question) -> list[Entry]:
        """The best first; nothing for a question without terms."""

    def filled(self) -> frozenset[Filled]: ...


def terms_of(text: str) -> tuple[Term, ...]:
    """What a person typed, as terms: each spaced word may go on, each unspaced stretch stands as it is."""
    terms: list[Term] = []
    for is_pair, run in groupby(words_of(text), key=lambda word: word.is_pair):
        if is_pair:
            terms.extend(_stretches(list(run)))
        else:
            terms.extend(Term((word.text,), is_prefix=True) for word in run)
    return tuple(dict.fromkeys(terms))[:TERMS_MAX]


def _stretches(pairs: list[Word]) -> list[Term]:
    """The last word of a stretch is one character alone: it only matters when it is all there is."""
    stretches: list[list[Word]] = []
    for pair in pairs:
        if stretches and stretches[-1][-1].start + 1 == pair.start:
            stretches[-1].append(pair)
        else:
            stretches.append([pair])
    return [
        Term(tuple(pair.text for pair in (stretch[:-1] or stretch)), is_prefix=len(stretch) == 1)
        for stretch in stretches
    ]
