"""Stretches of a video that were watched: whole seconds, sorted, apart, half open [from, to).

Packed as pairs (gap since the end of the one before, length), each a number.
"""

from collections.abc import Iterable

from conflict.errors import MalformedValue
from conflict.packed import NUMBER_MAX, read_numbers, write_number

Interval = tuple[int, int]
INTERVALS_MAX = 2_000  # a video of an hour, watched in stretches of two seconds


def union(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """Every second of any of them, once. Empty and reversed ones are left out."""
    merged: list[Interval] = []
    for start, end in sorted(pair for pair in intervals if pair[0] < pair[1]):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def total_seconds(intervals: Iterable[Interval]) -> int:
    return sum(end - start for start, end in union(intervals))


def write_intervals(intervals: Iterable[Interval]) -> bytes:
    out, before = bytearray(), 0
    for start, end in union(intervals):
        out += write_number(start - before) + write_number(end - start)
        before = end
    return bytes(out)


def read_intervals(raw: bytes) -> tuple[Interval, ...]:
    numbers = read_numbers(raw)
    if len(numbers) % 2 or len(numbers) > 2 * INTERVALS_MAX:
        raise MalformedValue("watched stretches come in pairs, and not in thousands")
    intervals, at = [], 0
    for gap, length in zip(numbers[::2], numbers[1::2], strict=True):
        intervals.append((at + gap, at + gap + length))
        at += gap + length
    if at > NUMBER_MAX:
        raise MalformedValue("a stretch beyond the end of numbers")
    return union(intervals)
