"""Words of any script, cut and folded so that a reader finds what she sees."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from server.search.asking import TERMS_MAX, terms_of
from server.search.snippets import SNIPPET_CHARACTERS, snippet
from server.search.words import WORD_CHARACTERS_MAX, words_of


def words(text: str) -> list[str]:
    return [word.text for word in words_of(text)]


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("Boil the water, twice!", ["boil", "the", "water", "twice"]),
        ("Crème brûlée", ["creme", "brulee"]),
        ("straße STRASSE", ["strasse", "strasse"]),
        ("الْمَاءُ النظيف", ["ماء", "نظيف"]),
        ("أحمد احمد", ["احمد", "احمد"]),
        ("हिन्दी में पानी", ["हिन्दी", "में", "पानी"]),
        ("안녕하세요 세계", ["안녕하세요", "세계"]),
        ("水は命", ["水は", "は命", "命"]),
        ("น้ำสะอาด"[:3], ["น้", "้ำ", "ำ"]),
        ("Python3で書く", ["python3", "で書", "書く", "く"]),
        ("١٢٣ 123", ["١٢٣", "123"]),
        ("", []),
        ("— … !", []),
    ],
)
def test_words_are_cut_as_their_script_has_them(text: str, cut: list[str]) -> None:
    assert [word.replace("ํา", "ำ") for word in words(text)] == cut


def test_what_is_no_word_is_left_out() -> None:
    assert words("a" * (WORD_CHARACTERS_MAX + 1) + " b") == ["b"]


@given(some.text(max_size=80))
def test_every_word_stands_where_it_says_and_can_be_quoted(text: str) -> None:
    for word in words_of(text):
        assert 0 <= word.start < word.end <= len(text)
        assert word.text
        assert not set(word.text) & set("\"'\\:*&|!<>() \0")


@given(some.text(max_size=80))
def test_whatever_is_typed_gives_a_bounded_question(text: str) -> None:
    assert len(terms_of(text)) <= TERMS_MAX


@given(some.text(max_size=400), some.text(max_size=20))
def test_a_snippet_is_a_stretch_of_the_text(text: str, asked: str) -> None:
    pieces = snippet(text, terms_of(asked))
    shown = "".join(piece.text for piece in pieces if piece.text != "…" or piece.is_hit)
    assert shown.replace("…", "") in text.replace("…", "")
    assert len(shown) <= SNIPPET_CHARACTERS


def test_a_snippet_shows_and_marks_what_was_found() -> None:
    text = "Nothing here. " * 30 + "Boil the drinking water for a minute. " + "Nothing there. " * 30
    pieces = snippet(text, terms_of("water boil"))
    assert [piece.text for piece in pieces if piece.is_hit] == ["Boil", "water"]
    assert pieces[0].text == pieces[-1].text == "…"


def test_a_snippet_marks_the_stretch_of_an_unspaced_script() -> None:
    pieces = snippet("毎日きれいな飲料水を飲みましょう", terms_of("飲料水"))
    assert [piece.text for piece in pieces if piece.is_hit] == ["飲料水"]


def test_a_snippet_of_one_character_marks_that_one() -> None:
    pieces = snippet("清水和河水", terms_of("水"))
    assert [piece.text for piece in pieces if piece.is_hit] == ["水", "水"]
