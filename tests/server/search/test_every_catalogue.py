"""One contract for every catalogue: SQLite's full text, and PostgreSQL's."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from server.search.asking import Catalogue, Entry, Filled, Question, terms_of
from server.search.postgres import PostgresCatalogue
from server.search.sqlite import SqliteCatalogue

HERE = Filled("here", "water", "aa" * 32)
TEXTS = {
    "en": ("Clean water", "Boil the drinking water for one minute, then let it cool."),
    "ar": ("الماء النظيف", "اغلِ ماءَ الشرب دقيقة واحدة."),
    "hi": ("साफ़ पानी", "पीने का पानी एक मिनट तक उबालें।"),
    "zh": ("干净的水", "把饮用水煮沸一分钟。"),
    "ja": ("きれいな水", "飲料水を一分間沸騰させます。"),
    "th": ("น้ำสะอาด", "ต้มน้ำดื่มหนึ่งนาที"),
    "ko": ("깨끗한 물", "마실 물을 일 분 동안 끓이세요."),
    "el": ("Καθαρό νερό", "Βράστε το πόσιμο νερό για ένα λεπτό."),
    "ru": ("Чистая вода", "Кипятите питьевую воду одну минуту."),
    "fr": ("Eau propre", "Faites bouillir l’eau du déjeuner."),
}


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.servers)])
def catalogue(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Catalogue]:
    if request.param == "sqlite":
        yield SqliteCatalogue(tmp_path / "catalogue.db")
        return
    engine = create_engine(request.getfixturevalue("postgres_url").replace("postgresql://", "postgresql+psycopg://"))
    yield PostgresCatalogue.open(engine)
    engine.dispose()


def entry(language: str, **changes: str | int) -> Entry:
    title, body = TEXTS[language]
    fields = {"course": "water", "number": 1, "lesson": "one", "activity": "page", "kind": "page", "language": language}
    return Entry(**{**fields, "title": title, "body": body, **changes})  # type: ignore[arg-type]


@pytest.fixture
def filled(catalogue: Catalogue) -> Catalogue:
    catalogue.replace(HERE, [entry(language) for language in TEXTS])
    return catalogue


def languages(catalogue: Catalogue, asked: str, organisation: str = "here", **narrowed: str) -> list[str]:
    found = catalogue.search(organisation, Question(terms_of(asked), **narrowed))
    return [one.language for one in found]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("drinking WATER", "en"),
        ("boil", "en"),
        ("minut", "en"),
        ("الماء", "ar"),
        ("ماء", "ar"),
        ("دقيقه", ""),
        ("पानी", "hi"),
        ("उबाल", "hi"),
        ("饮用水", "zh"),
        ("煮沸", "zh"),
        ("沸騰", "ja"),
        ("น้ำดื่ม", "th"),
        ("물을", "ko"),
        ("νερο", "el"),
        ("ПИТЬЕВУЮ", "ru"),
        ("dejeuner", "fr"),
        ("water nothing", ""),
        ("用饮", ""),
    ],
)
def test_each_script_is_found_as_it_is_typed(filled: Catalogue, asked: str, found: str) -> None:
    assert languages(filled, asked) == ([found] if found else [])


def test_one_character_finds_every_text_that_has_it(filled: Catalogue) -> None:
    assert sorted(languages(filled, "水")) == ["ja", "zh"]


def test_what_comes_back_is_what_was_put(filled: Catalogue) -> None:
    assert filled.search("here", Question(terms_of("boil"))) == [entry("en")]


def test_the_title_says_more_than_the_text(catalogue: Catalogue) -> None:
    text = entry("en", activity="text", title="Something", body="All about soap and nothing else.")
    titled = entry("en", activity="title", title="Soap", body="All about washing and nothing else.")
    catalogue.replace(HERE, [text, titled])
    found = catalogue.search("here", Question(terms_of("soap")))
    assert [one.activity for one in found] == ["title", "text"]


def test_a_question_is_narrowed_to_a_language_or_a_course(filled: Catalogue) -> None:
    filled.replace(Filled("here", "other", "bb" * 32), [entry("en", course="other")])
    assert languages(filled, "水", language="ja") == ["ja"]
    assert [one.course for one in filled.search("here", Question(terms_of("boil"), course="other"))] == ["other"]


def test_a_course_is_replaced_as_a_whole(filled: Catalogue) -> None:
    newer = Filled("here", "water", "cc" * 32)
    filled.replace(newer, [entry("en", number=2, body="Filter it.")])
    assert languages(filled, "boil") == []
    assert languages(filled, "filter") == ["en"]
    assert languages(filled, "水") == []
    assert filled.filled() == {newer}


def test_another_organisation_finds_nothing_of_it(filled: Catalogue) -> None:
    assert languages(filled, "water", organisation="elsewhere") == []


@pytest.mark.parametrize(
    "asked", ["", "!!!", '"', "'", "a' OR '1'='1", 'x" OR "y', "NEAR(", "-", "*", ":*", "\0", "水" * 500]
)
def test_whatever_is_typed_is_a_question_and_no_command(filled: Catalogue, asked: str) -> None:
    assert languages(filled, asked) == []


def test_a_phrase_does_not_reach_from_the_title_into_the_text(catalogue: Catalogue) -> None:
    catalogue.replace(HERE, [entry("zh", title="干净", body="水")])
    assert languages(catalogue, "净水") == []


def test_as_many_are_given_as_were_asked_for(catalogue: Catalogue) -> None:
    catalogue.replace(HERE, [entry("en", activity=f"page-{number}") for number in range(60)])
    assert len(catalogue.search("here", Question(terms_of("water"), limit=7))) == 7


def test_a_long_text_is_taken_as_far_as_it_counts(catalogue: Catalogue) -> None:
    body = "begin " + "word " * 20_000 + "終わり"
    catalogue.replace(HERE, [entry("en", body=body)])
    assert languages(catalogue, "begin") == ["en"]
