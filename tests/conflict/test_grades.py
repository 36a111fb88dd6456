"""What trainers say over what the machine found: the later word stands, in whatever order the words arrive."""

import random
from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from conflict.attempts import Attempt, Policy, Verdict
from conflict.grades import Item, Outcome, Ruling, Said, Sheet, Terms, Word, said, settled

ONCE = Terms(limit=1, policy=Policy.BEST)
_clock = count(1)


def sheet(place: int, *points: int | None, number: int = 1, held: bool = False) -> Sheet:
    """An attempt at questions of 1000 thousandths each; None waits for a person."""
    items = tuple(Item(f"q{at}", one or 0, 1000, waits=one is None) for at, one in enumerate(points, 1))
    name = bytes([place]) * 32
    return Sheet(Attempt(name, ("phone", 1, place), number, 1000 + place, 0, held=held), 1, 50, items)


def ruling(
    word: Word, value: object, about: Sheet | None = None, question: str = "", release: int | None = None
) -> Ruling:
    at = next(_clock)
    return Ruling(word, at, f"{at:04}", value, about.attempt.hash.hex() if about else "", question, release)


def only(outcome: Outcome, about: Sheet) -> tuple[int, Verdict, bool, bool]:
    worth = outcome.worths[about.attempt.hash]
    return worth.score, worth.verdict, worth.counts, worth.passed


def test_a_free_text_waits_and_counts_once_it_has_its_marks() -> None:
    essay = sheet(1, 1000, None)
    assert only(settled([essay], [], ONCE), essay) == (1000, Verdict.WAITS, False, False)
    marks = ruling(Word.MARKS, {"germs": 400, "words": 300}, essay, "q2")
    assert only(settled([essay], [marks], ONCE), essay) == (1700, Verdict.COUNTS, True, True)


def test_of_two_markings_the_later_stands_and_no_question_gets_more_than_it_has() -> None:
    essay = sheet(1, None)
    first, second = (ruling(Word.MARKS, {"germs": points}, essay, "q1") for points in (400, 99_000))
    assert only(settled([essay], [second, first], ONCE), essay)[0] == 1000


def test_marks_are_of_one_question_of_one_attempt() -> None:
    first, second = sheet(1, None, None), sheet(2, None, None, number=2)
    marks = ruling(Word.MARKS, {"germs": 400}, first, "q1")
    outcome = settled([first, second], [marks], Terms(None, Policy.BEST))
    assert only(outcome, first) == (400, Verdict.WAITS, False, False)
    assert only(outcome, second) == (0, Verdict.WAITS, False, False)


def test_an_attempt_that_waits_keeps_its_place_under_the_limit() -> None:
    essay, later = sheet(1, None), sheet(2, 1000, number=2)
    outcome = settled([essay, later], [], ONCE)
    assert outcome.worths[later.attempt.hash].verdict is Verdict.EXCESS


def test_a_voided_question_gives_everyone_its_points_and_takes_none_from_anybody() -> None:
    right, wrong = sheet(1, 1000, 1000), sheet(2, 0, 0)
    void = ruling(Word.VOIDED, True, question="q1")
    assert only(settled([right], [void], ONCE), right)[0] == 2000
    assert only(settled([wrong], [void], ONCE), wrong) == (1000, Verdict.COUNTS, True, True)
    back = ruling(Word.VOIDED, False, question="q1")
    assert only(settled([wrong], [back, void], ONCE), wrong)[0] == 0


def test_a_question_mended_in_the_next_release_is_voided_in_the_one_before_alone() -> None:
    old, new = sheet(1, 0), sheet(2, 0, number=2)._replace(release=2)
    outcome = settled([old, new], [ruling(Word.VOIDED, True, question="q1", release=1)], Terms(None, Policy.BEST))
    assert [outcome.worths[one.attempt.hash].score for one in (old, new)] == [1000, 0]


def test_an_extra_attempt_lets_the_next_one_count() -> None:
    first, second = sheet(1, 0), sheet(2, 1000, number=2)
    extra = ruling(Word.EXTRA, 1)
    assert only(settled([first, second], [], ONCE), second)[1] is Verdict.EXCESS
    assert only(settled([first, second], [extra], ONCE), second) == (1000, Verdict.COUNTS, True, True)


def test_late_work_is_held_until_a_person_lets_it_count_and_costs_no_other_its_place() -> None:
    late, other = sheet(1, 1000, held=True), sheet(2, 0, number=2)
    assert only(settled([late, other], [], ONCE), late)[1] is Verdict.REVIEW
    outcome = settled([late, other], [ruling(Word.ACCEPTED, True, late)], ONCE)
    assert only(outcome, late) == (1000, Verdict.COUNTS, True, True)
    assert outcome.worths[other.attempt.hash].verdict is Verdict.COUNTS
    refused = settled([late, other], [ruling(Word.ACCEPTED, False, late)], ONCE)
    assert only(refused, late)[1:3] == (Verdict.REFUSED, False)


def test_a_trainers_score_outranks_the_machines_until_it_is_taken_back() -> None:
    tried = sheet(1, 0, 0)
    given_, taken = ruling(Word.SCORE, 1500), ruling(Word.SCORE, None)
    assert only(settled([tried], [given_], ONCE), tried) == (1500, Verdict.COUNTS, True, True)
    assert only(settled([tried], [taken, given_], ONCE), tried) == (0, Verdict.COUNTS, True, False)


def test_a_trainers_score_needs_no_attempt_that_counts() -> None:
    held = sheet(1, 0, held=True)
    assert only(settled([held], [ruling(Word.SCORE, 900)], ONCE), held) == (900, Verdict.COUNTS, True, True)
    assert said([ruling(Word.SCORE, 900)]) == Said(score=900)


def test_where_none_counts_the_newest_carries_a_trainers_score_and_no_more_than_there_is_to_have() -> None:
    older, newest = sheet(2, 0, held=True), sheet(1, 0, number=2, held=True)
    outcome = settled([newest, older], [ruling(Word.SCORE, 99_000)], ONCE)
    assert only(outcome, newest) == (1000, Verdict.COUNTS, True, True)
    assert only(outcome, older)[1:3] == (Verdict.REVIEW, False)


def test_of_whoever_is_excused_nothing_counts() -> None:
    tried = sheet(1, 0)
    outcome = settled([tried], [ruling(Word.EXCUSED, True)], ONCE)
    assert outcome.said.excused
    assert not outcome.worths[tried.attempt.hash].counts


words = st.lists(
    st.builds(
        Ruling,
        word=st.sampled_from([Word.VOIDED, Word.ACCEPTED, Word.EXCUSED]),
        at_ms=st.integers(0, 3),
        id=st.text("ab", min_size=4, max_size=4),
        value=st.booleans(),
        submission=st.sampled_from(["", "01" * 32, "02" * 32]),
        question=st.sampled_from(["", "q1", "q2"]),
        release=st.sampled_from([None, 1, 2]),
    ),
    max_size=8,
    unique_by=lambda one: one.id,
)


@given(words, st.randoms())
def test_any_order_of_words_and_attempts_gives_the_same_grades(some: list[Ruling], shuffled: random.Random) -> None:
    sheets = [sheet(1, 1000, None), sheet(2, 0, 1000, number=2, held=True), sheet(3, 1000, 1000, number=3)]
    expected = settled(sheets, some, ONCE)
    shuffled.shuffle(some)
    shuffled.shuffle(sheets)
    assert settled(sheets, some, ONCE) == expected
    assert settled(sheets, [*some, *some], ONCE) == expected, "and saying it twice changes nothing"
