"""Text cut into words, in any script, and folded so that what looks alike to a reader is alike.

Neither database does this well by itself. Measured with FTS5 on the 191 Markdown files of the real courses (1.1 million
characters, four scripts): `trigram` needs an index of 2.8 MB, and finds no word of two characters, which most Chinese
ones are; `unicode61` needs 0.5 MB, but cuts Hindi at its vowel signs (16 texts for a word that stands in one) and takes
a Thai sentence for one word; the words here need 0.5 MB, and miss 2 of 10 texts where an Arabic word hides behind a
preposition. So words are cut here, once for both databases, and they are given words that need no cutting.

A word is a run of letters, digits and marks (Unicode general categories L, N, M). Scripts that are written without
spaces are cut into pairs of characters, each overlapping the next: a phrase of pairs is a search for the stretch.
Folding is NFKC, case folding, and no accents, harakat or niqqud; the marks that are vowels or letters stay.
"""

import unicodedata
from collections.abc import Iterator
from functools import cache
from itertools import groupby
from typing import NamedTuple

# Han, kana, bopomofo; Thai and Lao; Myanmar; Khmer; and the extensions of Han (Unicode 15, Blocks.txt).
UNSPACED = (
    (0x0E00, 0x0EFF),
    (0x1000, 0x109F),
    (0x1780, 0x17FF),
    (0x3005, 0x3007),
    (0x3040, 0x312F),
    (0x31F0, 0x31FF),
    (0x3400, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x323AF),
)
# Canonical combining classes of points and accents. Nukta, virama and the signs of Thai and Tibetan have others.
ACCENTS = frozenset((*range(10, 36), 202, 214, 216, 218, 220, 222, 224, 226, 228, 230, 232, 233, 234, 240))
TATWEEL = "\u0640"  # stretches an Arabic word, and says nothing
ARABIC_ARTICLE = "ال"
ARTICLE_WORD_CHARACTERS_MIN = 5  # shorter words that begin so are words of their own
WORD_CHARACTERS_MAX = 64  # longer runs are no words: keys, addresses, encoded pictures


class Word(NamedTuple):
    """A folded word, and where it stands. `is_pair`: two characters of an unspaced script, or the last one."""

    text: str
    start: int
    end: int
    is_pair: bool = False


def words_of(text: str) -> Iterator[Word]:
    at = 0
    for kind, run in groupby(text, _kind):
        length = len(stretch := "".join(run))
        if kind == "word" and length <= WORD_CHARACTERS_MAX and (folded := fold(stretch)):
            yield Word(folded, at, at + length)
        elif kind == "unspaced":
            yield from _pairs(stretch, at)
        at += length


def fold(word: str) -> str:
    """What a word is compared by; empty when nothing of it is left."""
    open_form = unicodedata.normalize("NFKD", word).casefold()
    bare = "".join(mark for mark in open_form if unicodedata.combining(mark) not in ACCENTS and mark != TATWEEL)
    folded = unicodedata.normalize("NFC", bare)
    if folded.startswith(ARABIC_ARTICLE) and len(folded) >= ARTICLE_WORD_CHARACTERS_MIN:
        return folded.removeprefix(ARABIC_ARTICLE)
    return folded


def _pairs(stretch: str, at: int) -> Iterator[Word]:
    folded = [fold(character) or character for character in stretch]
    for place in range(len(folded)):
        pair = "".join(folded[place : place + 2])
        yield Word(pair, at + place, at + min(place + 2, len(folded)), is_pair=True)


@cache
def _kind(character: str) -> str:
    code = ord(character)
    if unicodedata.category(character)[0] not in "LNM" and character != TATWEEL:
        return ""
    return "unspaced" if any(first <= code <= last for first, last in UNSPACED) else "word"
