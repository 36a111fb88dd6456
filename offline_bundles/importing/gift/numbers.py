"""The numbers of a GIFT answer: "3", "3:0.1" and "2.9..3.1". Pure."""

from fractions import Fraction

from offline_bundles.quiz.numbers import read_number

Range = tuple[Fraction, Fraction]


def read_range(written: str) -> Range | None:
    """From the least to the greatest number that is right; None for what is no number."""
    low, dots, high = written.partition("..")
    if dots:
        return _ordered(_number(low), _number(high))
    middle, colon, around = written.partition(":")
    number, tolerance = _number(middle), _number(around) if colon else Fraction(0)
    if number is None or tolerance is None:
        return None
    return _ordered(number - tolerance, number + tolerance)


def _number(written: str) -> Fraction | None:
    number = read_number(written)
    return None if number is None else Fraction(number)


def _ordered(low: Fraction | None, high: Fraction | None) -> Range | None:
    return None if low is None or high is None else (min(low, high), max(low, high))
