"""Every real text that lies beside the project is found by its own words, and alike by both databases."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from server.search.asking import HITS_MAX, Catalogue, Entry, Filled, Question, terms_of
from server.search.postgres import PostgresCatalogue
from server.search.sqlite import SqliteCatalogue
from server.search.words import words_of

pytestmark = pytest.mark.slow
SEED = 20_270_630
TEXTS_MAX = 60
WORDS_OF_EACH = 4
WORD_CHARACTERS_MIN = 4  # shorter ones are in more texts than are shown
BODY_CHARACTERS_MAX = 30_000


@pytest.fixture(scope="module")
def texts(shared_data: Path) -> dict[str, str]:
    """Markdown and captions of all languages, by path."""
    paths = sorted(path for kind in ("*.md", "*.vtt") for path in shared_data.rglob(kind))
    chosen = random.Random(SEED).sample(paths, min(TEXTS_MAX, len(paths)))
    return {str(path): path.read_text(encoding="utf-8", errors="replace")[:BODY_CHARACTERS_MAX] for path in chosen}


def fill(catalogue: Catalogue, texts: dict[str, str]) -> Catalogue:
    catalogue.replace(
        Filled("here", "real", "aa" * 32),
        [Entry("real", 1, "lesson", path, "page", "", Path(path).name, body) for path, body in texts.items()],
    )
    return catalogue


def questions(texts: dict[str, str]) -> Iterator[tuple[str, str]]:
    """For each text some pairs of its words, as they stand in it."""
    chance = random.Random(SEED)
    for path, body in texts.items():
        words = [word for word in words_of(body) if word.end - word.start >= WORD_CHARACTERS_MIN]
        for _ in range(WORDS_OF_EACH if words else 0):
            one, two = chance.choice(words), chance.choice(words)
            yield path, f"{body[one.start : one.end]} {body[two.start : two.end]}"


def found(catalogue: Catalogue, asked: str) -> set[str]:
    return {entry.activity for entry in catalogue.search("here", Question(terms_of(asked)))}


def test_a_text_is_found_by_its_own_words(texts: dict[str, str], tmp_path: Path) -> None:
    catalogue = fill(SqliteCatalogue(tmp_path / "catalogue.db"), texts)
    asked = list(questions(texts))
    assert len(asked) > TEXTS_MAX
    for path, question in asked:
        there = found(catalogue, question)
        assert path in there or len(there) == HITS_MAX, f"{question!r} of {path}, seed {SEED}"


@pytest.mark.servers
def test_both_databases_find_the_same(texts: dict[str, str], tmp_path: Path, postgres_url: str) -> None:
    engine = create_engine(postgres_url.replace("postgresql://", "postgresql+psycopg://"))
    one = fill(SqliteCatalogue(tmp_path / "catalogue.db"), texts)
    two = fill(PostgresCatalogue.open(engine), texts)
    for _, question in questions(texts):
        here, there = found(one, question), found(two, question)
        assert here == there or len(here) == len(there) == HITS_MAX, f"{question!r}, seed {SEED}"
    engine.dispose()
