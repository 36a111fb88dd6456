"""Grading takes whatever a phone sends: it never fails, and never gives less than nothing or more than all."""

from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offline_bundles.quiz.grading import SHARES, grade_question
from offline_bundles.quiz.numbers import read_number, read_quantity
from offline_bundles.quiz.texts import normalised

KEY: dict[str, Any] = {
    "correct": ["a", "b"],
    "answer": "2.5",
    "tolerance": "0.1",
    "units": {"m": "1", "cm": "0.01", "": "1"},
    "accept": ["ماء", "a"],
    "order": ["a", "b", "c"],
    "pairs": {"a": "x", "b": "y"},
    "feedback": {"en": "so"},
    "choices": {"a": {"en": "yes"}},
}
plain = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=12), st.sampled_from("abcxy"))
pairs = st.builds("{}={}".format, st.sampled_from("abc"), st.sampled_from("xyz"))
answers = st.recursive(
    st.one_of(plain, pairs),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=3), inner, max_size=2)),
    max_leaves=8,
)


@pytest.mark.parametrize("kind", sorted(SHARES))
@given(answer=answers)
def test_any_answer_is_worth_something_between_nothing_and_all(kind: str, answer: Any) -> None:
    graded = grade_question({"id": "q", "kind": kind, "points": 2}, KEY, answer)
    assert 0 <= graded.points_thousandths <= graded.max_thousandths == 2000
    assert graded.correct == (graded.points_thousandths == 2000)
    assert graded.waits == (kind == "free_text" and isinstance(answer, str) and bool(answer.strip()))


def test_only_one_order_earns_everything_and_only_the_reverse_of_it_surely_nothing() -> None:
    question, order = {"id": "q", "kind": "ordering", "points": 3}, list("abcd")
    earned = {
        one: grade_question(question, {"order": order}, list(one)).points_thousandths for one in permutations(order)
    }
    assert [one for one, points in earned.items() if points == 3000] == [tuple(order)]
    assert earned[tuple(reversed(order))] == 0
    assert set(earned.values()) == {0, 1000, 2000, 3000}, "by whole neighbours"


@given(st.text(max_size=40))
def test_levelling_a_text_twice_is_levelling_it_once(text: str) -> None:
    assert normalised(normalised(text)) == normalised(text)


@given(st.decimals(-1000, 1000, places=3), st.sampled_from([("m", 1), ("cm", 100), ("mm", 1000)]))
def test_a_length_is_the_same_in_every_unit(metres: Any, unit: tuple[str, int]) -> None:
    units = {"m": "1", "cm": "0.01", "mm": "0.001"}
    assert read_quantity(f"{metres * unit[1]:f} {unit[0]}", units) == read_quantity(f"{metres:f}m", units)


@given(st.text(max_size=60))
def test_what_is_read_as_a_number_is_finite(written: str) -> None:
    number = read_number(written)
    assert number is None or number.is_finite()
