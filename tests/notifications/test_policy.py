"""Who is told what: fresh, once, and not too often."""

import json
from itertools import pairwise

import pytest

from notifications import (
    ATTEMPTS_MAX,
    PER_DAY_MAX,
    News,
    Outcome,
    Told,
    Topic,
    due_ms,
    gives_up,
    payload,
    worth_telling,
)

NOW = 1_790_000_000_000
HOUR = 3_600_000
TITLE = {"en": "Water and health", "ar": "الماء والصحة"}


def grade(subject: str = "s1", at_ms: int = NOW) -> News:
    return News(Topic.GRADE_IN, subject, "water-and-health", TITLE, at_ms)


def told(count: int, at_ms: int) -> list[Told]:
    return [Told("grade_in", f"earlier-{number}", at_ms) for number in range(count)]


def test_a_fresh_grade_is_worth_telling() -> None:
    assert worth_telling(grade(), [], NOW)


def test_nothing_is_told_twice() -> None:
    assert not worth_telling(grade("s1"), [Told("grade_in", "s1", NOW - 48 * HOUR)], NOW)


def test_the_same_subject_under_another_topic_is_another_thing() -> None:
    assert worth_telling(grade("s1"), [Told("release_out", "s1", NOW - HOUR)], NOW)


def test_a_day_has_a_bound_and_the_next_day_begins_anew() -> None:
    assert worth_telling(grade(), told(PER_DAY_MAX - 1, NOW - HOUR), NOW)
    assert not worth_telling(grade(), told(PER_DAY_MAX, NOW - HOUR), NOW)
    assert worth_telling(grade(), told(PER_DAY_MAX, NOW - 24 * HOUR), NOW)


def test_a_log_that_is_read_again_tells_no_old_news() -> None:
    assert not worth_telling(grade(at_ms=NOW - 80 * HOUR), [], NOW)


@pytest.mark.parametrize(("language", "expected"), [("ar", "الماء والصحة"), ("ar-SD", "الماء والصحة"), ("en", "Water")])
def test_the_words_are_the_learners(language: str, expected: str) -> None:
    content = json.loads(payload(grade(), language))

    assert expected in content["title"]
    assert content["language"] == language[:2]


def test_a_language_without_words_of_ours_gets_english_and_the_courses_own_title() -> None:
    news = News(Topic.RELEASE_OUT, "c:2", "c", {"sw": "Maji"}, NOW)

    assert json.loads(payload(news, "sw"))["title"] == "New in your course: Maji"


def test_a_payload_stays_within_one_push_record() -> None:
    news = News(Topic.RELEASE_OUT, "c:2", "c" * 48, {"ar": "ماء" * 4000}, NOW)

    assert len(payload(news, "ar").encode()) < 3000


def test_no_score_is_shown_on_a_shared_screen() -> None:
    assert set(json.loads(payload(grade(), "en"))) == {"topic", "title", "url", "tag", "language"}


def test_each_attempt_rests_longer_than_the_one_before() -> None:
    due = [due_ms(NOW, attempts) - NOW for attempts in range(ATTEMPTS_MAX)]

    assert due[0] == 0
    rests = [later - earlier for earlier, later in pairwise(due)]
    assert rests == sorted(rests)


def test_attempts_are_bounded_and_an_ended_subscription_ends_them_at_once() -> None:
    assert gives_up(Outcome.GONE, 1)
    assert gives_up(Outcome.REFUSED, 1)
    assert not gives_up(Outcome.LATER, ATTEMPTS_MAX - 1)
    assert gives_up(Outcome.LATER, ATTEMPTS_MAX)
