"""A Moodle quiz: which questions of the bank stand in it, what they are worth, and what its settings become."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from xml.etree.ElementTree import Element

from offline_bundles.course.quizzes import ATTEMPTS_MAX, PASS_MARK
from offline_bundles.errors import BrokenPackage
from offline_bundles.importing.html import plain_text
from offline_bundles.importing.imported import Activity, Question, Quiz
from offline_bundles.importing.moodle.asked import Asked
from offline_bundles.importing.moodle.backup import read_file
from offline_bundles.importing.moodle.course import Opened
from offline_bundles.importing.moodle.fields import share, value, whole
from offline_bundles.importing.moodle.pool import area_of, place_in, with_places
from offline_bundles.importing.moodle.questions import read_question
from offline_bundles.importing.questions import Item

POLICIES = {"1": "best", "3": "first", "4": "last"}
AVERAGE = "2"
DESCRIPTION = "description"
NOT_KEPT = {"timelimit": "time limit", "timeopen": "opening time", "timeclose": "closing time", "password": "password"}


@dataclass(frozen=True, slots=True)
class Slot:
    """One place in a quiz. `name`: of the question, or of what was asked for and is not there."""

    name: str
    question: Element | None
    points: Fraction


def read_quiz(opened: Opened) -> list[Activity]:
    """What a quiz says before it asks is a page; the quiz follows."""
    slots = list(_slots(opened))
    told = [opened.html("intro", "intro")]
    told += [_description(opened, slot) for slot in slots if _kind(slot) == DESCRIPTION]
    questions = [question for slot in slots if _kind(slot) != DESCRIPTION for question in _questions(opened, slot)]
    text = "\n".join(filter(None, told))
    pages: list[Activity] = [opened.page(f"{opened.id}-intro", opened.module.title, text)] if plain_text(text) else []
    if not questions:
        opened.item.dropped("none of its questions could be taken")
        return pages
    return [*pages, _quiz(opened, tuple(questions))]


def _kind(slot: Slot) -> str:
    return value(slot.question, "qtype")


def _slots(opened: Opened) -> Iterator[Slot]:
    """In the quiz's order: before Moodle 2.7 a list of ids, later the slots' own numbers."""
    layout = opened.value("questions").split(",")
    listed = opened.element.findall("question_instances/question_instance")
    found = [(index, each, _slot(opened, each)) for index, each in enumerate(listed, 1)]

    def place(entry: tuple[int, Element, Slot]) -> int:
        index, listed_as, slot = entry
        return layout.index(slot.name) if slot.name in layout else whole(listed_as, "slot", index)

    for _, _, slot in sorted(found, key=place):
        if slot.question is not None:
            opened.reading.bank.used.add(slot.question.get("id", ""))
        yield slot


def _slot(opened: Opened, listed: Element) -> Slot:
    entry = value(listed, "question_reference/questionbankentryid")
    name = value(listed, "questionid") or value(listed, "question")
    bank = opened.reading.bank
    question = bank.of_entry(entry, whole(listed, "question_reference/version")) if entry else bank.question(name)
    found_name = question.get("id", "") if question is not None else name or entry
    if listed.find("question_set_reference") is not None:
        found_name = ""
    return Slot(found_name, question, share(listed, "maxmark") or share(listed, "grade") or Fraction(1))


def _questions(opened: Opened, slot: Slot) -> Sequence[Question]:
    if slot.question is None:
        item = Item(f"{opened.item.where} / {slot.name or 'random question'}", "question", opened.item.findings)
        if slot.name:
            item.broken(f"the quiz asks question {slot.name}, which the backup does not hold")
        else:
            item.dropped("it was drawn at random from a category, anew for each learner")
        return []
    asked = asked_of(opened, slot.question, slot.points)
    found = read_question(asked)
    stem = f"{opened.id}-q{slot.name}"
    return [replace(each, id=opened.reading.question_names.new(stem, "question")) for each in found]


def asked_of(opened: Opened, question: Element, points: Fraction) -> Asked:
    where = f"{opened.item.where} / {plain_text(value(question, 'name')) or question.get('id', '')}"
    item = Item(where, value(question, "qtype"), opened.item.findings)
    return Asked(question, item, opened.reading.bank, _place(opened, question), points)


def _place(opened: Opened, question: Element) -> Callable[[str], str | None]:
    name = question.get("id", "")
    area = area_of(opened.reading.bank.contexts.get(name, ""), "question", "questiontext", name)

    def place(address: str) -> str | None:
        found = place_in(address, area)
        return found if found and opened.reading.package.has(found) else None

    return place


def _description(opened: Opened, slot: Slot) -> str:
    name = slot.question.get("id", "") if slot.question is not None else ""
    area = area_of(opened.reading.bank.contexts.get(name, ""), "question", "questiontext", name)
    opened.item.degraded("what it says between its questions stands on the page before it")
    return with_places(value(slot.question, "questiontext"), area)


def _quiz(opened: Opened, questions: tuple[Question, ...]) -> Quiz:
    attempts = whole(opened.element, "attempts_number")
    method = opened.value("grademethod")
    lost = [label for member, label in NOT_KEPT.items() if opened.value(member) not in ("", "0")]
    if lost:
        opened.item.degraded(f"its {', '.join(lost)} is not kept")
    if method == AVERAGE:
        opened.item.degraded("the average of all attempts counted; now the best one counts")
    return Quiz(
        id=opened.reading.names.new(opened.id, "quiz"),
        title=opened.module.title,
        questions=questions,
        graded=share(opened.element, "grade") > 0,
        pass_mark=_pass_mark(opened),
        attempts=attempts if 1 <= attempts <= ATTEMPTS_MAX else None,
        policy=POLICIES.get(method, "best"),
    )


def _pass_mark(opened: Opened) -> int:
    """In per cent; Moodle's 0 means that no one set one."""
    grades = f"{opened.module.directory}/grades.xml"
    try:
        listed = read_file(opened.reading.package, grades) if opened.reading.package.has(grades) else None
    except BrokenPackage as error:
        opened.item.broken(str(error))
        return PASS_MARK
    item = listed.find("grade_items/grade_item") if listed is not None else None
    passed, most = share(item, "gradepass"), share(item, "grademax")
    return round(100 * passed / most) if 0 < passed <= most else PASS_MARK
