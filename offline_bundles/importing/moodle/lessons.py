"""Moodle's lesson activity: pages and questions that branch. Here they stand in one path, in their order."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from xml.etree.ElementTree import Element

from offline_bundles.importing.html import plain_text
from offline_bundles.importing.imported import Activity, Pair, Question, Quiz
from offline_bundles.importing.moodle.course import Opened
from offline_bundles.importing.moodle.fields import number, share, value
from offline_bundles.importing.moodle.pool import place_in
from offline_bundles.importing.prompts import read_prompt
from offline_bundles.importing.questions import Item, Weighted, accepted, checked, numbered, one_of, some_of

CONTENT, MULTIPLE, MATCHING = "20", "3", "5"
STRUCTURE = ("21", "30", "31")  # an end of branch, a cluster and its end: they only say where to go on
LEADS_ON = ("-1", "-9")  # to the next page, to the end
MULTIPLE_ANSWERS = "1"  # of a page's `qoption`

Judge = Callable[[Item, Question, list[Weighted], Element], Question | None]


def read_lesson(opened: Opened) -> list[Activity]:
    opened.item.degraded("its branches became one path: every page, then every question, in their order")
    pages = _in_order(opened.element.findall("pages/page"))
    read = [_page(opened, each) for each in pages if value(each, "qtype") == CONTENT]
    questions = [found for each in pages if (found := _question(opened, each))]
    if not questions:
        return read
    quiz = opened.reading.names.new(f"{opened.id}-quiz", "quiz")
    return [*read, Quiz(quiz, opened.module.title, tuple(questions))]


def _in_order(pages: list[Element]) -> list[Element]:
    """Along the chain of next pages; what hangs on no chain comes last."""
    by_id = {each.get("id", ""): each for each in pages}
    ordered: dict[str, Element] = {}
    for start in [each for each in pages if value(each, "prevpageid") in ("", "0")]:
        name = start.get("id", "")
        while name in by_id and name not in ordered:
            ordered[name] = by_id[name]
            name = value(by_id[name], "nextpageid")
    return [*ordered.values(), *(each for name, each in by_id.items() if name not in ordered)]


def _page(opened: Opened, page: Element) -> Activity:
    name = page.get("id", "")
    body = opened.placed(value(page, "contents"), "page_contents", name)
    return opened.page(f"{opened.id}-p{name}", plain_text(value(page, "title")) or opened.module.title, body)


def _question(opened: Opened, page: Element) -> Question | None:
    kind, name = value(page, "qtype"), page.get("id", "")
    if kind in (CONTENT, *STRUCTURE):
        return None
    item = Item(
        f"{opened.item.where} / {plain_text(value(page, 'title'))}", f"lesson page {kind}", opened.item.findings
    )
    if kind not in KINDS:
        item.dropped("no kind of question here stands for it")
        return None
    area = opened.area("page_contents", name)

    def place(address: str) -> str | None:
        found = place_in(address, area)
        return found if found and opened.reading.package.has(found) else None

    prompt = read_prompt(item, value(page, "contents"), place)
    base = Question("", "", prompt.text, picture=prompt.picture, picture_alt=prompt.picture_alt)
    judged = KINDS[kind](item, base, _answers(page), page)
    whole = checked(item, judged) if judged else None
    return replace(whole, id=opened.reading.question_names.new(f"{opened.id}-q{name}", "question")) if whole else None


def _answers(page: Element) -> list[Weighted]:
    """An answer is right that earns points, or, where none does, that leads on."""
    listed = page.findall("answers/answer")
    scores = [share(each, "score") for each in listed]
    if not any(score > 0 for score in scores):
        scores = [Fraction(value(each, "jumpto") in LEADS_ON) for each in listed]
    return [
        Weighted(plain_text(value(each, "answer_text")), score, plain_text(value(each, "response")))
        for each, score in zip(listed, scores, strict=True)
    ]


def _choice(item: Item, base: Question, answers: list[Weighted], page: Element) -> Question:
    several = value(page, "qoption") == MULTIPLE_ANSWERS
    kind, choices = (some_of if several else one_of)(item, answers)
    return replace(base, kind=kind, choices=choices)


def _short(item: Item, base: Question, answers: list[Weighted], page: Element) -> Question:
    return replace(base, kind="short_text", accept=accepted(item, answers))


def _number(item: Item, base: Question, answers: list[Weighted], page: Element) -> Question | None:
    right = max(answers, key=lambda each: each.share, default=None)
    low, _, high = right.text.partition(":") if right and right.share > 0 else ("", "", "")
    first, last = number(low), number(high or low)
    if first is None or last is None:
        item.dropped("it does not say which number is right")
        return None
    return numbered(base, min(first, last), max(first, last))


def _matching(item: Item, base: Question, answers: list[Weighted], page: Element) -> Question:
    """The first two answers only hold what is said to a right and to a wrong try."""
    pairs = tuple(Pair(each.text, each.feedback) for each in answers[2:] if each.text or each.feedback)
    return replace(base, kind="matching", pairs=pairs)


def _essay(item: Item, base: Question, answers: list[Weighted], page: Element) -> Question:
    return replace(base, kind="free_text")


KINDS: dict[str, Judge] = {
    "1": _short,
    "2": _choice,
    MULTIPLE: _choice,
    MATCHING: _matching,
    "8": _number,
    "10": _essay,
}
