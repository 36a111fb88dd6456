"""What waits for the writer: the pressing first, the rest bounded, and a time to return for who finds no room."""

import pytest

from server.log.waiting import (
    EVENTUAL_MAX,
    GROUP_MAX,
    OF_A_GROUP,
    RETURNS_PER_SECOND,
    ROOM,
    WAIT_SECONDS_MAX,
    WAIT_SECONDS_MIN,
    Timetable,
    Waiting,
)
from sync.errors import Busy
from sync.wire import Tier

NOW = 1_000.0


def filled(**counts: int) -> Waiting[str]:
    waiting: Waiting[str] = Waiting(Timetable(lambda: NOW))
    for name, count in counts.items():
        for _ in range(count):
            waiting.put(name, Tier[name.upper()])
    return waiting


def test_what_presses_is_taken_first_and_the_rest_of_a_group_is_small() -> None:
    waiting = filled(eventual=5, batched=2, immediate=3)
    assert waiting.take(0) == ["immediate"] * 3 + ["batched"] * 2 + ["eventual"] * OF_A_GROUP[Tier.EVENTUAL]
    assert len(waiting) == 5 - OF_A_GROUP[Tier.EVENTUAL]


def test_a_group_has_a_largest_size_and_nothing_is_lost_of_what_is_over() -> None:
    waiting = filled(immediate=GROUP_MAX + 7)
    assert [len(waiting.take(0)) for _ in range(3)] == [GROUP_MAX, 7, 0]


def test_a_flood_of_analytics_leaves_all_room_to_attempts() -> None:
    waiting = filled(eventual=EVENTUAL_MAX)
    with pytest.raises(Busy):
        waiting.put("one more", Tier.EVENTUAL)
    waiting.put("attempt", Tier.IMMEDIATE)
    assert waiting.take(0)[0] == "attempt"


def test_tiers_lose_their_room_from_the_bottom() -> None:
    waiting = filled(immediate=ROOM[Tier.EVENTUAL])
    assert [waiting.has_room(tier) for tier in Tier] == [True, True, False]
    for _ in range(ROOM[Tier.BATCHED] - ROOM[Tier.EVENTUAL]):
        waiting.put("more", Tier.IMMEDIATE)
    assert [waiting.has_room(tier) for tier in Tier] == [True, False, False]


def test_a_crowd_that_is_turned_away_returns_one_after_another() -> None:
    timetable = Timetable(lambda: NOW)
    seconds = [timetable.wait_seconds() for _ in range(10 * RETURNS_PER_SECOND)]
    assert seconds == sorted(seconds)
    assert all(seconds.count(at) <= RETURNS_PER_SECOND for at in set(seconds))
    assert min(seconds) >= WAIT_SECONDS_MIN
    assert max(seconds) <= WAIT_SECONDS_MIN + 11


def test_nobody_waits_longer_than_a_learner_stays() -> None:
    timetable = Timetable(lambda: NOW)
    seconds = {timetable.wait_seconds() for _ in range(2 * RETURNS_PER_SECOND * WAIT_SECONDS_MAX)}
    assert WAIT_SECONDS_MIN <= min(seconds) <= max(seconds) <= WAIT_SECONDS_MAX


def test_after_a_quiet_time_the_first_one_turned_away_waits_no_longer_than_need_be() -> None:
    now = [NOW]
    timetable = Timetable(lambda: now[0])
    for _ in range(5 * RETURNS_PER_SECOND):
        timetable.wait_seconds()
    now[0] += 3_600
    assert timetable.wait_seconds() == WAIT_SECONDS_MIN


def test_once_closed_what_was_taken_on_is_done_and_nothing_more_is_taken() -> None:
    waiting = filled(immediate=1)
    waiting.close()
    with pytest.raises(Busy):
        waiting.put("late", Tier.IMMEDIATE)
    assert not waiting.ended
    assert waiting.take(0) == ["immediate"]
    assert waiting.ended
