"""What answers to questions of every kind are worth; see `tests.vectors.make`."""

from typing import Any

from offline_bundles.quiz.grading import grade_question

CHOICES = [{"id": name, "text": {"en": name}} for name in "abc"]
SINGLE = {"id": "q", "kind": "single_choice", "points": 1, "choices": CHOICES}
MULTIPLE = {"id": "q", "kind": "multiple_choice", "points": 2, "choices": CHOICES}
NUMBER = {"id": "q", "kind": "numeric", "points": 3}
TEXT = {"id": "q", "kind": "short_text", "points": 1}
ORDERING = {"id": "q", "kind": "ordering", "points": 2}
MATCHING = {"id": "q", "kind": "matching", "points": 2}
FREE = {"id": "q", "kind": "free_text", "points": 5}
SAID = {"feedback": {"en": "so"}, "choices": {"a": {"en": "yes", "ar": "نعم"}}}

NUMBERS = [
    *("37.5", "38", "38.0", "38.01", "37", "36,9", "٣٧٫٥", "３７.５", "𝟑𝟕.5", "+37.5", "3.75e1", "", ".", "37.", "abc"),
    *(" 37.5 ", "37.5 °C", "37.5\u2007", "3 7.5"),
]
METRES = {"answer": "2.5", "tolerance": "0.05", "units": {"m": "1", "cm": "0.01", "متر": "1", "㎜": "0.001"}}
LENGTHS = [
    *("2.5 m", "2.5m", "250 cm", "250cm", "٢٥٠ سم", "٢٫٥ متر", "2.5 متر ", "2500 mm", "2500 ㎜", "250 ｃｍ", "250 CM"),
    *(
        "2.5",
        "m",
        "",
        "2.5 m m",
        "2.5 km",
        "-250 cm",
        "254.9 cm",
        "255 cm",
        "255.1 cm",
        "2,5 m",
        "9" * 41 + " m",
        "2 5 m",
    ),
]
POWERS = {"answer": "5", "tolerance": "0", "units": {"W": "1", "mW": "0.001", "MW": "1000000"}}
BARE = {"answer": "5", "tolerance": "0", "units": {"": "1", "kg": "1", "g": "0.001"}}
WATER = {"accept": ["الماء المغلي", "إلى", "قَلْعَة"]}
ARABIC = [
    *("الماء المغلي", "المــاء المغلي", "الماءُ المَغْلِيّ", "الماء المغلى", "الماء المغلی", "ﺍﻟﻤﺎﺀ المغلي"),
    *("الى", "ألي", "قلعة", "قلعه", "\u200fقلعة\u200e", "ماء"),
]
LATIN = {"accept": ["Straße", "Σίσυφος", "café", "room 12", "שָׁלוֹם", "ﬁlter"]}
OTHERS = [
    *(
        "STRASSE",
        "STRAẞE",
        "strasse",
        "ΣΊΣΥΦΟΣ",
        "σίσυφοσ",
        "CAFÉ",
        "cafe\u0301",
        "cafe",
        "Room １２",
        "room ۱۲",
        "room १२",
    ),
    *("room 𝟏𝟐", "שלום", "filter", "FILTER", "ro\u00adom 12", "room\u00a012", "\u200b", "ـ", "İ", "ı"),
]

CASES: list[tuple[dict[str, Any], dict[str, Any], list[Any]]] = [
    (SINGLE, {"correct": ["a"], **SAID}, ["a", "b", "", None, ["a"]]),
    (MULTIPLE, {"correct": ["a", "b"]}, [["a", "b"], ["a"], ["a", "c"], ["c"], [], ["a", "a"], "a", ["a", "b", "c"]]),
    (MULTIPLE, {"correct": ["a", "b", "c"]}, [["a"], ["a", "b"]]),
    (NUMBER, {"answer": "37.5", "tolerance": "0.5"}, NUMBERS),
    (NUMBER, {"answer": "-0.3", "tolerance": "0.1"}, ["−0.3", "-0.2", "-0.4", "-0.45", "0.3", "-.3", "1" * 41]),
    (NUMBER, {"answer": "0.3", "tolerance": "0"}, ["0.3", "0.30", "0.1"]),
    (NUMBER, METRES, LENGTHS),
    (NUMBER, POWERS, ["5 W", "5 w", "5000 mW", "0.000005 MW", "5000 mw", "5 Mw"]),
    (NUMBER, BARE, ["5", "5 kg", "5000 g", "5 t", " ٥ "]),
    (TEXT, {"accept": ["boil", "غليان"]}, ["boil", " BOIL ", "ｂｏｉｌ", "boi l", "غليان", "", "boiled", ["boil"]]),
    (TEXT, {"accept": ["ORS  please"]}, ["ors please", "ORS\tplease", "ors"]),
    (TEXT, WATER, ARABIC),
    (TEXT, LATIN, OTHERS),
    (
        ORDERING,
        {"order": ["a", "b", "c", "d"]},
        [
            list("abcd"),
            list("bcda"),
            list("dcba"),
            list("abdc"),
            list("abc"),
            list("abcdd"),
            list("abce"),
            [],
            "abcd",
            None,
        ],
    ),
    (ORDERING, {"order": ["a", "b", "c"]}, [list("abc"), list("cab"), list("acb")]),
    (
        MATCHING,
        {"pairs": {"one": "x1", "two": "y2", "three": "x1"}},
        [
            ["one=x1", "three=x1", "two=y2"],
            ["one=x1"],
            ["one=y2", "two=x1"],
            ["one=x1", "one=y2", "two=y2"],
            ["one=x1", "four=x1"],
            ["one", "=x1", "one=x1=x1"],
            [],
            "one=x1",
        ],
    ),
    (
        FREE,
        {"rubric": [{"id": "why", "text": {"en": "Says why"}, "points": 5}]},
        ["Because of germs.", " ", "", None, ["x"]],
    ),
]


def grading() -> list[dict[str, Any]]:
    return [_graded(question, key, answer) for question, key, answers in CASES for answer in answers]


def _graded(question: dict[str, Any], key: dict[str, Any], answer: Any) -> dict[str, Any]:
    result = grade_question(question, key, answer)
    return {
        "question": question,
        "key": key,
        "answer": answer,
        "points": result.points_thousandths,
        "max": result.max_thousandths,
        "correct": result.correct,
    }
