"""Every kind of question: what an author writes, what a phone may know, and what only the grader knows."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from offline_bundles import FolderStore, Signer, grade, pack
from offline_bundles.course import read_course
from offline_bundles.errors import BrokenCourse
from tests.offline_bundles.courses import QUIZ, course_folder, write_yaml

ORDERING = {
    "id": "steps",
    "kind": "ordering",
    "prompt": "Put in order",
    "points": 3,
    "items": [{"id": f"step-{at}", "text": text} for at, text in enumerate(("Fetch", "Filter", "Boil", "Store"), 1)],
}
MATCHING = {
    "id": "match",
    "kind": "matching",
    "prompt": "Which road?",
    "points": 3,
    "pairs": [
        {"id": "hands", "text": "Clean hands", "match": "Fingers"},
        {"id": "cover", "text": "A cover", "match": "Flies"},
        {"id": "nets", "text": "A net", "match": "Flies"},
        {"match": "Feet"},
    ],
}
LENGTH = {"id": "long", "kind": "numeric", "prompt": "?", "answer": "2.5", "unit": {"m": 1, "cm": 0.01}}
ESSAY = {
    "id": "why",
    "kind": "free_text",
    "prompt": "Why?",
    "rubric": [
        {"id": "germs", "text": "The secret germs", "points": 2},
        {"id": "words", "text": "Own words", "points": 1},
    ],
}


def quiz_of(folder: Path, *questions: dict[str, Any], **members: Any) -> tuple[dict[str, Any], Mapping[str, Any]]:
    """The public object of a graded quiz, and its key."""
    course = course_folder(folder / "course")
    write_yaml(course / "quizzes" / "exam.yaml", {**QUIZ, "questions": list(questions), **members})
    store = FolderStore(folder / "objects")
    release = pack(course, store=store, cache=folder / "cache", signer=Signer.from_seed(bytes(32)), previous=None)
    kept = release.keys["exam"]
    return json.loads(store.read(kept["object"])), kept["key"]


def by_text(entries: list[dict[str, Any]]) -> dict[str, str]:
    return {entry["text"]["en"]: entry["id"] for entry in entries}


def score(quiz: dict[str, Any], key: Mapping[str, Any], answer: Any) -> int:
    return grade(quiz, key, {quiz["questions"][0]["id"]: answer}).score_thousandths


def test_the_right_order_earns_everything_and_each_broken_neighbourhood_takes_a_share(tmp_path: Path) -> None:
    quiz, key = quiz_of(tmp_path, ORDERING)
    names = by_text(quiz["questions"][0]["items"])

    right = [names[text] for text in ("Fetch", "Filter", "Boil", "Store")]

    assert score(quiz, key, right) == 3000
    assert score(quiz, key, [*right[1:], right[0]]) == 2000
    assert score(quiz, key, right[::-1]) == 0


def test_what_a_phone_knows_of_an_order_follows_from_the_texts_alone(tmp_path: Path) -> None:
    reversed_ids = [{**item, "id": f"x{9 - at}"} for at, item in enumerate(ORDERING["items"])]  # type: ignore[arg-type]
    other = {**ORDERING, "items": reversed_ids[::-1]}
    one, _ = quiz_of(tmp_path / "one", ORDERING)
    two, _ = quiz_of(tmp_path / "two", other)
    assert one == two, "neither the author's ids nor the order in the file may show"


def test_matches_stand_apart_from_their_items_and_a_shared_one_stands_once(tmp_path: Path) -> None:
    quiz, key = quiz_of(tmp_path, MATCHING)
    question = quiz["questions"][0]
    matches = by_text(question["matches"])

    assert [item["id"] for item in question["items"]] == ["hands", "cover", "nets"]
    assert set(matches) == {"Fingers", "Flies", "Feet"}
    right = [f"hands={matches['Fingers']}", f"cover={matches['Flies']}", f"nets={matches['Flies']}"]
    assert score(quiz, key, right) == 3000
    assert score(quiz, key, right[:1]) == 1000
    assert score(quiz, key, [f"hands={matches['Feet']}", *right[1:]]) == 2000


def test_a_length_may_be_given_in_any_of_its_units_and_they_are_told(tmp_path: Path) -> None:
    quiz, key = quiz_of(tmp_path, LENGTH)
    assert quiz["questions"][0]["units"] == ["m", "cm"]
    assert {answer: score(quiz, key, answer) for answer in ("2.5 m", "٢٥٠ cm", "250", "250 m")} == {
        "2.5 m": 1000,
        "٢٥٠ cm": 1000,
        "250": 0,
        "250 m": 0,
    }


def test_a_free_text_waits_for_a_person_whose_rubric_no_phone_gets(tmp_path: Path) -> None:
    quiz, key = quiz_of(tmp_path, ESSAY)
    written, blank = (grade(quiz, key, {"why": answer}).questions[0] for answer in ("Because.", " "))
    assert quiz["questions"][0]["points"] == 3
    assert "secret" not in json.dumps(quiz)
    assert (written.waits, written.points_thousandths, written.max_thousandths) == (True, 0, 3000)
    assert not blank.waits


def test_a_picture_waits_for_a_person_once_it_is_named_by_its_digest(tmp_path: Path) -> None:
    quiz, key = quiz_of(tmp_path, {**ESSAY, "kind": "picture", "prompt": "Show your filter"})
    sealed, other = (grade(quiz, key, {"why": answer}).questions[0] for answer in ("5f" * 32, "a filter"))
    assert "secret" not in json.dumps(quiz)
    assert (sealed.waits, sealed.points_thousandths, sealed.max_thousandths) == (True, 0, 3000)
    assert not other.waits


def test_a_quiz_may_open_and_close(tmp_path: Path) -> None:
    quiz, _ = quiz_of(tmp_path, LENGTH, opens="2026-12-01T08:00:00+03:00", closes="2026-12-01T09:00:00+03:00")
    assert (quiz["opens"], quiz["closes"]) == (1_796_101_200, 1_796_104_800)


BROKEN = [
    ("one item", {**ORDERING, "items": ORDERING["items"][:1]}, {}, "2 to 50 items"),  # type: ignore[index]
    ("a picture to practise", {**ESSAY, "kind": "picture"}, {"kind": "practice"}, "in a graded quiz"),
    ("two alike", {**ORDERING, "items": [{"id": "a", "text": "T"}, {"id": "b", "text": "T"}]}, {}, "read the same"),
    ("an id twice", {**ORDERING, "items": [{"id": "a", "text": "T"}, {"id": "a", "text": "U"}]}, {}, "more than once"),
    ("one match", {**MATCHING, "pairs": [{"id": "a", "text": "T", "match": "M"}] * 2}, {}, "two different matches"),
    ("no item", {**MATCHING, "pairs": [{"match": "M"}, {"match": "N"}]}, {}, "an item and two"),
    (
        "a pair without a match",
        {**MATCHING, "pairs": [{"id": "a", "text": "T"}, {"match": "N"}]},
        {},
        "match: is needed",
    ),
    ("a unit of nothing", {**LENGTH, "unit": {"m": 0}}, {}, "factors above 0"),
    ("a unit like a number", {**LENGTH, "unit": {"2m": 1}}, {}, "factors above 0"),
    ("a unit spelt twice", {**LENGTH, "unit": {"㎝": 1, "cm": 1}}, {}, "each spelling once"),
    ("no rubric", {**ESSAY, "rubric": []}, {}, "a list with at least one"),
    ("points beside a rubric", {**ESSAY, "points": 9}, {}, "points: is not known here"),
    ("a rubric too rich", {**ESSAY, "rubric": [{"id": n, "text": n, "points": 60} for n in "ab"]}, {}, "100 points"),
    ("nothing that is compared", {"id": "s", "kind": "short_text", "prompt": "?", "accept": ["ـ"]}, {}, "is compared"),
    ("a moment without offset", LENGTH, {"closes": "2026-12-01T08:00:00"}, "with its offset"),
    ("a moment that is none", LENGTH, {"opens": 5}, "with its offset"),
    ("closed before it opens", LENGTH, {"opens": "2026-12-02T08:00Z", "closes": "2026-12-01T08:00Z"}, "later than"),
    ("a practice that closes", LENGTH, {"kind": "practice", "closes": "2026-12-01T08:00Z"}, "graded quiz only"),
]


@pytest.mark.parametrize(("what", "question", "members", "says"), BROKEN, ids=[what for what, *_ in BROKEN])
def test_each_fault_is_said(tmp_path: Path, what: str, question: Any, members: dict[str, Any], says: str) -> None:
    folder = course_folder(tmp_path)
    write_yaml(folder / "quizzes" / "exam.yaml", {**QUIZ, "questions": [question], **members})
    with pytest.raises(BrokenCourse) as refused:
        read_course(folder)
    assert says in str(refused.value)
