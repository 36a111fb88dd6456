"""What is published can be found: titles, pages, captions and practice questions, by their words in each language."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from server.composition import open_readying
from server.courses.readying import Readying
from server.search.asking import Question, terms_of
from server.search.entries import entries_of
from tests.offline_bundles.courses import QUIZ, course_folder, write_yaml
from tests.server.conftest import TRAINER, Edge
from tests.server.places import Place, opened


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Place]:
    with opened(tmp_path / "town", seed=1) as place:
        yield place


@pytest.fixture
def readying(town: Place) -> Readying:
    return open_readying(town.settings, town.database)


def found(readying: Readying, town: Place, asked: str) -> list[tuple[str, str]]:
    entries = readying.filling.catalogue.search(town.organisation.id, Question(terms_of(asked)))
    return sorted((entry.activity, entry.language) for entry in entries)


def test_each_language_of_a_page_is_found_by_its_own_words(readying: Readying, town: Place, tmp_path: Path) -> None:
    readying.ready(town.publish(course_folder(tmp_path / "course")).root)
    assert found(readying, town, "hello") == [("page", "en")]
    assert found(readying, town, "مرحبا") == [("page", "ar")]
    assert found(readying, town, "صغير") == [("", "ar")]


def test_a_newer_release_takes_the_place_of_the_older(readying: Readying, town: Place, tmp_path: Path) -> None:
    folder = course_folder(tmp_path / "course")
    readying.ready(town.publish(folder).root)
    (folder / "pages" / "a.md").write_text("# Goodbye\n")
    readying.ready(town.publish(folder).root)
    assert found(readying, town, "hello") == []
    assert found(readying, town, "goodbye") == [("page", "en")]


def test_what_an_examination_asks_is_not_found_and_what_practice_asks_is(town: Place, tmp_path: Path) -> None:
    folder = course_folder(tmp_path / "course")
    graded = " ".join(entry.body for entry in entries_of(town.publish(folder).root, town.store))
    practised = {name: value for name, value in QUIZ.items() if name != "attempts"} | {"kind": "practice"}
    write_yaml(folder / "quizzes" / "exam.yaml", practised)
    practice = " ".join(entry.body for entry in entries_of(town.publish(folder).root, town.store))
    assert ("How many?" in graded, "How many?" in practice) == (False, True)
    assert "secret" not in practice


def test_a_lost_catalogue_is_filled_again(readying: Readying, town: Place, tmp_path: Path) -> None:
    root = town.publish(course_folder(tmp_path / "course")).root
    readying.ready_missing()
    assert [filled.root for filled in readying.filling.catalogue.filled()] == [root]
    assert found(readying, town, "hello") == [("page", "en")]


def test_a_release_that_lost_a_text_keeps_no_server_from_starting(
    readying: Readying, town: Place, tmp_path: Path
) -> None:
    root = town.publish(course_folder(tmp_path / "course")).root
    page = next(entry for entry in town.store.digests() if b"Hello" in town.store.read(entry))
    (town.store.root / page[:2] / page).unlink()
    readying.ready_missing()
    assert root not in {filled.root for filled in readying.filling.catalogue.filled()}


def test_the_api_answers_with_marked_snippets(edge: Edge) -> None:
    with edge.signed_in(TRAINER) as client:
        reply = client.get("/v1/search", params={"q": "hel"}).raise_for_status().json()
        nothing = client.get("/v1/search", params={"q": "hel", "language": "ar"}).json()
    (one,) = reply["found"]
    assert (one["course"], one["activity"], one["kind"], one["language"]) == ("small", "page", "page", "en")
    assert {"text": "Hello", "is_hit": True} in one["snippet"]
    assert nothing["found"] == []


def test_only_who_is_signed_in_may_search(edge: Edge) -> None:
    with edge.client() as client:
        assert client.get("/v1/search", params={"q": "hello"}).json()["code"] == "not_signed_in"
