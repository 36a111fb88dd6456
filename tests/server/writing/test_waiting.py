"""What waits for the writer: the pressing first, the rest bounded, and a time to return for who finds no room."""

import pytest

from server.writing.waiting import (
    EVENTUAL_MAX,
    GROUP_MAX,
    OF_A_GROUP,
    PACE_FIRST,
    PACE_SECONDS,
    PAUSE_SECONDS,
    RETURNING,
    ROOM,
    WAIT_SECONDS_MAX,
    WAIT_SECONDS_MIN,
    Pace,
    Timetable,
    Waiting,
)
from sync.errors import Busy
from sync.wire import Tier

NOW = 1_000.0


def filled(**counts: int) -> Waiting[str]:
    waiting: Waiting[str] = Waiting(lambda: NOW)
    for name, count in counts.items():
        for _ in range(count):
            waiting.put(name, Tier[name.upper()])
    return waiting


def test_what_presses_is_taken_first_and_the_rest_of_a_group_is_small() -> None:
    waiting = filled(eventual=5, batched=2, immediate=3)
    assert waiting.take(0) == ["immediate"] * 3 + ["batched"] * 2 + ["eventual"] * OF_A_GROUP[Tier.EVENTUAL]
    assert len(waiting) == 5 - OF_A_GROUP[Tier.EVENTUAL]


def test_while_attempts_are_near_analytics_are_taken_a_few_at_a_time() -> None:
    now = [NOW]
    waiting: Waiting[str] = Waiting(lambda: now[0])
    for _ in range(EVENTUAL_MAX):
        waiting.put("eventual", Tier.EVENTUAL)
    few = OF_A_GROUP[Tier.EVENTUAL]
    assert [len(waiting.take(0)) for _ in range(2)] == [few, few], "nobody else is there"

    waiting.put("immediate", Tier.IMMEDIATE)
    assert waiting.take(0) == ["immediate"] + ["eventual"] * few
    assert waiting.take(0) == []
    waiting.put("immediate", Tier.IMMEDIATE)
    assert waiting.take(0) == ["immediate"]
    now[0] += PAUSE_SECONDS
    assert waiting.take(0) == ["eventual"] * few


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


def test_a_request_may_bring_what_has_room_and_hears_when_to_bring_the_rest() -> None:
    everything = frozenset(Tier)
    assert filled(immediate=ROOM[Tier.EVENTUAL] - 1).shed(everything) == (frozenset(), 0)
    shed, wait = filled(immediate=ROOM[Tier.EVENTUAL]).shed(everything)
    assert shed == {Tier.EVENTUAL}
    assert wait >= WAIT_SECONDS_MIN[Tier.EVENTUAL]
    assert filled(immediate=ROOM[Tier.BATCHED]).shed(everything)[0] == {Tier.EVENTUAL, Tier.BATCHED}


def test_a_tier_that_is_held_back_has_no_room_until_it_is_let_in_again_and_attempts_always_have() -> None:
    waiting = filled()
    waiting.hold_back(frozenset(Tier))
    assert [waiting.has_room(tier) for tier in Tier] == [True, False, False]
    waiting.hold_back(frozenset())
    assert all(waiting.has_room(tier) for tier in Tier)


def test_what_is_turned_away_is_counted_by_tier() -> None:
    waiting = filled(eventual=EVENTUAL_MAX)
    for _ in range(3):
        with pytest.raises(Busy):
            waiting.check(Tier.EVENTUAL)
    assert waiting.refused == {Tier.IMMEDIATE: 0, Tier.BATCHED: 0, Tier.EVENTUAL: 3}


def timetable(tier: Tier = Tier.IMMEDIATE) -> Timetable:
    return Timetable(tier, Pace(lambda: NOW), lambda: NOW)


@pytest.mark.parametrize("tier", Tier)
def test_a_crowd_that_is_turned_away_returns_one_after_another(tier: Tier) -> None:
    at, returning = timetable(tier), int(RETURNING[tier] * PACE_FIRST)
    seconds = [at.wait_seconds() for _ in range(10 * returning)]
    assert seconds == sorted(seconds)
    assert max(seconds.count(second) for second in set(seconds)) <= returning + 1
    assert min(seconds) >= WAIT_SECONDS_MIN[tier]
    assert max(seconds) <= WAIT_SECONDS_MIN[tier] + 11


@pytest.mark.parametrize("tier", Tier)
def test_nobody_waits_longer_than_a_learner_stays(tier: Tier) -> None:
    at = timetable(tier)
    seconds = {at.wait_seconds() for _ in range(int(2 * PACE_FIRST * WAIT_SECONDS_MAX[tier]))}
    assert WAIT_SECONDS_MIN[tier] <= min(seconds) <= max(seconds) <= WAIT_SECONDS_MAX[tier]


def test_however_many_analytics_are_turned_away_an_attempt_is_not_sent_further() -> None:
    waiting = filled(immediate=ROOM[Tier.IMMEDIATE])
    for _ in range(5_000):
        with pytest.raises(Busy):
            waiting.check(Tier.EVENTUAL)
    with pytest.raises(Busy) as refused:
        waiting.check(Tier.IMMEDIATE)
    assert refused.value.wait_seconds == WAIT_SECONDS_MIN[Tier.IMMEDIATE]


def test_after_a_quiet_time_the_first_one_turned_away_waits_no_longer_than_need_be() -> None:
    now = [NOW]
    at = Timetable(Tier.IMMEDIATE, Pace(), lambda: now[0])
    for _ in range(1_000):
        at.wait_seconds()
    now[0] += 3_600
    assert at.wait_seconds() == WAIT_SECONDS_MIN[Tier.IMMEDIATE]


def test_a_slower_server_calls_a_crowd_back_more_slowly() -> None:
    now = [NOW]
    pace = Pace(lambda: now[0])
    for _ in range(20):  # groups of 32, one every two seconds, while others wait
        pace.took(32, are_more=True)
        now[0] += PACE_SECONDS
    assert 16 <= pace.per_second < 17
    at = Timetable(Tier.IMMEDIATE, pace, lambda: now[0])
    assert max(at.wait_seconds() for _ in range(120)) >= WAIT_SECONDS_MIN[Tier.IMMEDIATE] + 9


def test_a_server_that_nobody_asks_is_not_slow() -> None:
    now = [NOW]
    pace = Pace(lambda: now[0])
    for _ in range(20):
        pace.took(1, are_more=False)
        now[0] += 60
    assert pace.per_second == PACE_FIRST


def test_once_closed_what_was_taken_on_is_done_and_nothing_more_is_taken() -> None:
    waiting = filled(immediate=1)
    waiting.close()
    with pytest.raises(Busy):
        waiting.put("late", Tier.IMMEDIATE)
    assert not waiting.ended
    assert waiting.take(0) == ["immediate"]
    assert waiting.ended
