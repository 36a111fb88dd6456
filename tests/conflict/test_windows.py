"""What a window says of an attempt's time, and what it leaves to a person."""

import pytest

from conflict.windows import Held, Times, Window, held

WINDOW = Window(opens=10_000, closes=20_000)
WEEK = 7 * 86_400


CASES = [
    ("done and here in time", Times(12_000, 13_000, 13_500), None),
    ("a few seconds over", Times(12_000, 20_010, 20_060), None),
    ("here in time whatever its clock says", Times(900_000, 900_300, 13_500), None),
    ("done late", Times(19_000, 21_000, 21_500), Held.LATE),
    ("done in time by an anchored clock, here a week later", Times(12_000, 13_000, WEEK, (11_000, 2_000)), None),
    ("done in time by its own clock alone", Times(12_000, 13_000, WEEK), Held.TIME_UNPROVEN),
    ("its clock says in time, its anchor says late", Times(12_000, 13_000, WEEK, (20_500, 3_000)), Held.LATE),
    ("its clock is wrong by years, its anchor is right", Times(5, 1_005, WEEK, (12_000, 1_500)), None),
    ("begun before it opened", Times(5_000, 11_000, 12_000), Held.EARLY),
    ("here before it opened", Times(11_000, 11_500, 9_000), Held.EARLY),
]


@pytest.mark.parametrize(("what", "times", "why"), CASES, ids=[what for what, _, _ in CASES])
def test_the_window(what: str, times: Times, why: Held | None) -> None:
    assert held(times, WINDOW) is why


def test_without_a_window_no_time_is_looked_at() -> None:
    assert held(Times(0, 2**40, 5), Window()) is None
