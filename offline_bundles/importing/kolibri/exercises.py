"""Kolibri's exercises as quizzes: `.perseus` archives, and the questions that ricecooker trees hold themselves."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

from offline_bundles.errors import BrokenPackage
from offline_bundles.importing.html import plain_text
from offline_bundles.importing.imported import Question
from offline_bundles.importing.kolibri.perseus import IMAGE, plain, read_item
from offline_bundles.importing.kolibri.rows import Row, read_json, text, writable
from offline_bundles.importing.packages import open_package_inside
from offline_bundles.importing.ports import Package
from offline_bundles.importing.questions import Item, Names, Weighted, accepted, checked, one_of, some_of

ITEM_BYTES_MAX = 1 << 20  # an item has some 5 KB
ITEMS_MAX = 500  # as many as a quiz may have
EXERCISE_FILE = "exercise.json"
SINGLE, MULTIPLE, INPUT, PERSEUS = "single_selection", "multiple_selection", "input_question", "perseus_question"


def read_archive(package: Package, name: str, item: Item, names: Names) -> tuple[Question, ...]:
    """The questions of a `.perseus` file, in its order; what is wrong with it is a finding."""
    try:
        with open_package_inside(package, name) as inside:
            items = _in_order(inside)
            if len(items) > ITEMS_MAX:
                item.degraded(f"it has {len(items)} items; the first {ITEMS_MAX} came along")
            found = [_from(inside, each, item, names) for each in items[:ITEMS_MAX]]
    except BrokenPackage as error:
        item.broken(str(error))
        return ()
    return tuple(each for each in found if each)


def _in_order(inside: Package) -> list[str]:
    """As the exercise lists its items; what it does not list comes last."""
    held = [each for each in inside.names() if each.endswith(".json") and each != EXERCISE_FILE and "/" not in each]
    listed = []
    if inside.has(EXERCISE_FILE):
        about = read_json(inside.read(EXERCISE_FILE, ITEM_BYTES_MAX), EXERCISE_FILE)
        listed = _texts(about, "all_assessment_items") if isinstance(about, dict) else []
    rank = {f"{name}.json": place for place, name in enumerate(listed)}
    return sorted(held, key=lambda name: rank.get(name, len(rank)))


def _from(inside: Package, name: str, item: Item, names: Names) -> Question | None:
    stem = name.removesuffix(".json")
    part = Item(f"{item.where} / {stem}", PERSEUS, item.findings)
    question = read_item(inside.read(name, ITEM_BYTES_MAX), name, part)
    return replace(question, id=names.new(stem, "question")) if question else None


def read_listed(questions: tuple[Row, ...], item: Item, names: Names) -> tuple[Question, ...]:
    """Questions as ricecooker writes them into its trees."""
    found = []
    for number, each in enumerate(questions[:ITEMS_MAX], 1):
        name = text(each, "id") or str(number)
        part = Item(f"{item.where} / {name}", text(each, "question_type") or "question", item.findings)
        question = _listed(each, part)
        if question:
            found.append(replace(question, id=names.new(name, "question")))
    return tuple(found)


def _listed(listed: Row, item: Item) -> Question | None:
    kind = text(listed, "question_type")
    if kind == PERSEUS:
        return read_item(text(listed, "item_data").encode(), item.where, item)
    if kind not in READERS:
        item.dropped("no kind of question here stands for it")
        return None
    if IMAGE.search(text(listed, "question")) or any(IMAGE.search(each) for each in _texts(listed, "all_answers")):
        item.dropped("it asks about a picture that a question here cannot hold")
        return None
    hints = "\n\n".join(map(_plain, _texts(listed, "hints")))
    if hints:
        item.degraded("its hints are shown after the answer")
    return checked(
        item, READERS[kind](listed, item, Question("", "", _plain(text(listed, "question")), feedback=hints))
    )


def _plain(written: str) -> str:
    return plain_text(plain(written))


def _texts(row: Row, name: str) -> list[str]:
    found: Any = row.get(name)
    listed = found if isinstance(found, list) else [found]
    return [
        writable(str(each)) for each in listed if isinstance(each, (str, int, float)) and not isinstance(each, bool)
    ]


def _single(listed: Row, item: Item, base: Question) -> Question:
    right = _texts(listed, "correct_answer")[:1]
    kind, choices = one_of(
        item, [Weighted(_plain(each), Fraction(each in right)) for each in _texts(listed, "all_answers")]
    )
    return replace(base, kind=kind, choices=choices)


def _multiple(listed: Row, item: Item, base: Question) -> Question:
    right, answers = _texts(listed, "correct_answers"), _texts(listed, "all_answers")
    share = Fraction(1, max(1, len(right)))
    weighted = [Weighted(_plain(each), share if each in right else -share) for each in answers]
    kind, choices = some_of(item, weighted)
    return replace(base, kind=kind, choices=choices)


def _input(listed: Row, item: Item, base: Question) -> Question:
    answers = [Weighted(_plain(each), Fraction(1)) for each in _texts(listed, "answers")]
    return replace(base, kind="short_text", accept=accepted(item, answers))


READERS: dict[str, Callable[[Row, Item, Question], Question]] = {SINGLE: _single, MULTIPLE: _multiple, INPUT: _input}
