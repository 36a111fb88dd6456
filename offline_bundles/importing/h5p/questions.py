"""H5P's question kinds as Tiffin's. What cannot be judged as it was is dropped or degraded, and says so.

Source: each content type's semantics.json. Where H5P keeps the right answer first and mixes on the screen, the choices
are mixed here, by their digests: the same every time.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from fractions import Fraction
from hashlib import sha256

from offline_bundles.course.fields import TEXT_CHARACTERS_MAX
from offline_bundles.course.questions import POINTS_MAX
from offline_bundles.importing.h5p.content import Content, content, mapping, text, texts
from offline_bundles.importing.h5p.gaps import Gap, gaps, marked_words, starred
from offline_bundles.importing.h5p.trail import Trail
from offline_bundles.importing.html import plain_text
from offline_bundles.importing.imported import Choice, Pair, Question
from offline_bundles.importing.questions import Item, Weighted, checked, one_of, some_of, whole_points

GAPS_MAX = 50  # in one paragraph; real ones have some ten
UNNAMED = ""  # a question's id is given when it is whole

Read = Callable[[Content, Item], list[Question]]


def read_questions(asked: Content, trail: Trail) -> list[Question]:
    """The whole questions of one content; each that is lost or changed is a finding. The library is in QUESTIONS."""
    item = trail.item(asked.library)
    said = len(item.findings)
    found = QUESTIONS[asked.library](asked, item)
    if not found and len(item.findings) == said:
        item.dropped("it holds nothing to answer")
    if found and any(_is_own(text(each, "feedback")) for each in asked.mappings("overallFeedback")):
        item.degraded("what it says to the whole score is left out")
    whole = [question for each in found if (question := checked(item, each))]
    picture, alt = trail.picture(content(asked.mapping("media", "type"))) if whole else ("", "")
    return [
        replace(each, id=trail.questions.new(asked.id, "question"), picture=picture, picture_alt=alt) for each in whole
    ]


def _is_own(said: str) -> bool:
    """Sentences with a place for the score are H5P's, and the app says the score itself."""
    return bool(said) and "@" not in said


def _prompt(*parts: str) -> str:
    return "\n\n".join(filter(None, map(plain_text, parts)))


def _mixed(choices: Iterable[Choice]) -> tuple[Choice, ...]:
    return tuple(sorted(choices, key=lambda choice: sha256(choice.text.encode()).digest()))


def _multiple_choice(asked: Content, item: Item) -> list[Question]:
    answers = asked.mappings("answers")
    if any(text(each, "tipsAndFeedback", member) for each in answers for member in ("tip", "notChosenFeedback")):
        item.degraded("its hints, and what it says to a choice that was not taken, are left out")
    weighted = [_weighted(each) for each in answers]
    right = sum(each.share > 0 for each in weighted)
    several = asked.text("behaviour", "type") == "multi" or (asked.text("behaviour", "type") != "single" and right > 1)
    kind, choices = (some_of if several else one_of)(item, _even(weighted, right) if several else weighted)
    return [Question(UNNAMED, kind, _prompt(asked.text("question")), choices=choices)]


def _weighted(answer: object) -> Weighted:
    return Weighted(
        plain_text(text(answer, "text")),
        Fraction(mapping(answer).get("correct") is True),
        plain_text(text(answer, "tipsAndFeedback", "chosenFeedback")),
    )


def _even(weighted: list[Weighted], right: int) -> list[Weighted]:
    """H5P gives a point for each right choice and takes one for each wrong one, as Tiffin does."""
    share = Fraction(1, max(1, right))
    return [replace(each, share=share if each.share else -share) for each in weighted]


def _true_false(asked: Content, item: Item) -> list[Question]:
    right = asked.text("correct")
    sides = (("true", "trueText", "True"), ("false", "falseText", "False"))
    choices = tuple(Choice(asked.text("l10n", label) or default, right == side) for side, label, default in sides)
    feedback = ("feedbackOnCorrect", "feedbackOnWrong")
    if any(asked.text("behaviour", each) for each in feedback):
        item.degraded("what it says to the answer is shown to both answers")
    said = _prompt(*(asked.text("behaviour", each) for each in feedback))
    return [Question(UNNAMED, "single_choice", _prompt(asked.text("question")), feedback=said, choices=choices)]


def _first_is_right(prompt: str, answers: list[str], feedback: str = "") -> Question:
    plain = [plain_text(each) for each in answers]
    choices = _mixed(Choice(each, index == 0) for index, each in enumerate(plain) if each)
    return Question(UNNAMED, "single_choice", prompt, choices=choices, feedback=feedback)


def _summary(asked: Content, item: Item) -> list[Question]:
    groups = asked.mappings("summaries")
    if any(text(each, "tip") for each in groups):
        item.degraded("its hints are shown after the answer")
    intro = _prompt(asked.text("intro")) or "Choose the correct statement."
    return [_first_is_right(intro, texts(each, "summary"), plain_text(text(each, "tip"))) for each in groups]


def _single_choice_set(asked: Content, item: Item) -> list[Question]:
    return [
        _first_is_right(_prompt(text(each, "question")), texts(each, "answers")) for each in asked.mappings("choices")
    ]


def _lines(*fragments: str) -> list[str]:
    return [line for each in fragments for line in plain_text(each.replace("\n", "<br>")).split("\n")]


def _blanks(asked: Content, item: Item) -> list[Question]:
    """One question a gap, as H5P gives one point a gap."""
    paragraphs = [line for each in texts(asked.params, "questions") for line in plain_text(each).split("\n")]
    found = _gaps(paragraphs, item)
    if not found:
        return []
    if mapping(asked.params, "behaviour").get("acceptSpellingErrors") is True:
        item.degraded("a small spelling mistake counts as wrong")
    if mapping(asked.params, "behaviour").get("caseSensitive") is True:
        item.degraded("capital and small letters count as the same")
    _say_tips(found, item)
    return [
        Question(UNNAMED, "short_text", _prompt(asked.text("text"), gap.sentence), feedback=gap.tip, accept=gap.accept)
        for gap in found
    ]


def _gaps(paragraphs: Iterable[str], item: Item, *, alternatives: bool = True) -> list[Gap]:
    """Each gap repeats its paragraph, so that a paragraph and its gaps have a bound."""
    found: list[Gap] = []
    for line in paragraphs:
        if len(line) <= TEXT_CHARACTERS_MAX and line.count("*") <= 2 * GAPS_MAX:
            found += gaps(line, alternatives=alternatives)
        else:
            item.dropped(f"a paragraph of more than {TEXT_CHARACTERS_MAX} characters or {GAPS_MAX} gaps is left out")
    return found


def _say_tips(found: list[Gap], item: Item) -> None:
    if any(gap.tip for gap in found):
        item.degraded("its hints are shown after the answer")


def _drag_text(asked: Content, item: Item) -> list[Question]:
    """Each gap is matched with the text that belongs there; what is left over matches nothing."""
    found = _gaps(_lines(asked.text("textField")), item, alternatives=False)
    if not found:
        return []
    _say_tips(found, item)
    pairs = [Pair(gap.sentence, "".join(gap.accept)) for gap in found]
    pairs += [Pair("", each) for each in starred(asked.text("distractors"))]
    prompt = _prompt(asked.text("taskDescription")) or "Which words belong into the gaps?"
    tips = "\n".join(gap.tip for gap in found if gap.tip)
    points = min(len(found), POINTS_MAX)
    return [Question(UNNAMED, "matching", prompt, points=points, pairs=tuple(pairs), feedback=tips)]


def _mark_the_words(asked: Content, item: Item) -> list[Question]:
    words = [word for line in _lines(asked.text("textField")) for word in marked_words(line)]
    if not any(right for _, right in words):
        return []
    if len(dict(words)) != len(words):
        item.dropped("a word stands in its text more than once, and choices would not tell which is meant")
        return []
    item.degraded("words to mark in a text became choices")
    choices = tuple(Choice(word, right) for word, right in words)
    return [Question(UNNAMED, "multiple_choice", _prompt(asked.text("taskDescription")), choices=choices)]


def _essay(asked: Content, item: Item) -> list[Question]:
    item.degraded("it was marked by its keywords; a person reads the answer instead")
    keywords = asked.mappings("keywords")
    points = sum((Fraction(each["points"]) for each in keywords if type(each.get("points")) is int), Fraction(0))
    rubric = "\n".join(filter(None, [*map(_keyword, keywords), plain_text(asked.text("solution", "sample"))]))
    prompt = _prompt(asked.text("taskDescription"))
    return [Question(UNNAMED, "free_text", prompt, points=whole_points(item, points or Fraction(1)), rubric=rubric)]


def _keyword(keyword: object) -> str:
    words = [text(keyword, "keyword").strip("*"), *texts(keyword, "alternatives")]
    points = mapping(keyword).get("points")
    return " / ".join(filter(None, words)) + (f" ({points})" if type(points) is int else "")


def _drag_question(asked: Content, item: Item) -> list[Question]:
    """Texts onto labelled places are a matching; pictures, and places without a label, are not."""
    elements = asked.mappings("question", "task", "elements")
    zones = asked.mappings("question", "task", "dropZones")
    labels = [plain_text(text(zone, "label")) for zone in zones]
    texts_of = [plain_text(text(each, "type", "params", "text")) for each in elements]
    owners = {index: number for number, zone in enumerate(zones) for index in _indices(zone, len(elements))}
    moved = [index for index, each in enumerate(elements) if texts(each, "dropZones")]
    if not all(texts_of[index] for index in moved) or not all(labels):
        item.dropped("pictures are dragged in it, which no kind of question here has")
        return []
    pairs = [Pair(texts_of[index], labels[owners[index]]) for index in moved if index in owners]
    if len(pairs) < len(moved):
        item.degraded("texts that belong nowhere are left out")
    head = [plain for index, plain in enumerate(texts_of) if index not in moved]
    return [Question(UNNAMED, "matching", _prompt(*head), points=min(len(pairs) or 1, POINTS_MAX), pairs=tuple(pairs))]


def _indices(zone: object, many: int) -> list[int]:
    return [int(each) for each in texts(zone, "correctElements") if each.isdecimal() and int(each[:9]) < many]


def _flashcards(asked: Content, item: Item) -> list[Question]:
    cards = asked.mappings("cards")
    if any(mapping(each, "image") for each in cards):
        item.degraded("the pictures on its cards are left out")
    return [_card(each) for each in cards]


def _card(card: object) -> Question:
    accept = tuple(filter(None, map(plain_text, text(card, "answer").split("/"))))
    tip = plain_text(text(card, "tip"))
    return Question(UNNAMED, "short_text", _prompt(text(card, "text")), accept=accept, feedback=tip)


def _sort_paragraphs(asked: Content, item: Item) -> list[Question]:
    ordered = tuple(plain_text(each) for each in texts(asked.params, "paragraphs"))
    return [Question(UNNAMED, "ordering", _prompt(asked.text("taskDescription")), items=ordered)] if ordered else []


QUESTIONS: dict[str, Read] = {
    "H5P.MultiChoice": _multiple_choice,
    "H5P.TrueFalse": _true_false,
    "H5P.Summary": _summary,
    "H5P.SingleChoiceSet": _single_choice_set,
    "H5P.Blanks": _blanks,
    "H5P.DragText": _drag_text,
    "H5P.MarkTheWords": _mark_the_words,
    "H5P.Essay": _essay,
    "H5P.DragQuestion": _drag_question,
    "H5P.Flashcards": _flashcards,
    "H5P.SortParagraphs": _sort_paragraphs,
}
