"""Moodle's question types as Tiffin's kinds. What cannot be judged as it was is dropped or degraded, and says so.

Source: the backup steps of Moodle's question types, question/type/*/backup/moodle2.
"""

import re
from dataclasses import replace
from fractions import Fraction

from offline_bundles.course.fields import TEXT_CHARACTERS_MAX
from offline_bundles.course.questions import CHOICES_MAX
from offline_bundles.importing.html import plain_text
from offline_bundles.importing.imported import Pair, Question
from offline_bundles.importing.moodle.asked import Asked, Read
from offline_bundles.importing.moodle.calculated import read_calculated, read_calculated_choice
from offline_bundles.importing.moodle.fields import number, share, value, whole
from offline_bundles.importing.prompts import read_prompt, read_text
from offline_bundles.importing.questions import (
    Weighted,
    accepted,
    checked,
    for_a_person,
    numbered,
    one_of,
    some_of,
    whole_points,
)

BLANK = "_____"
ANOTHER = "…"
REASONS = {
    "random": "it was drawn at random from a category, anew for each learner",
    "randomsamatch": "its parts were drawn at random from a category, anew for each learner",
    "ddimageortext": "things are dragged onto a picture in it",
    "ddmarker": "things are dragged onto a picture in it",
    "stack": "it is judged by a program, which is never run here",
    "coderunner": "it is judged by a program, which is never run here",
}
DRAG_GROUP = re.compile(r'draggroup";s:\d+:"(\d+)"')  # PHP's serialisation, looked at and never undone


def read_question(asked: Asked) -> list[Question]:
    """The whole questions that one of Moodle's becomes, without ids; none, and a finding, when it cannot be asked."""
    if asked.kind not in KINDS:
        asked.item.dropped(REASONS.get(asked.kind, "no kind of question here stands for it"))
        return []
    prompt = read_prompt(asked.item, value(asked.element, "questiontext"), asked.place)
    if len(prompt.text) > TEXT_CHARACTERS_MAX:
        asked.item.dropped(f"its text has more than {TEXT_CHARACTERS_MAX} characters")
        return []
    said = read_text(asked.item, value(asked.element, "generalfeedback"))
    base = Question("", "", prompt.text, feedback=said, picture=prompt.picture, picture_alt=prompt.picture_alt)
    return [question for each in KINDS[asked.kind](asked, base) if (question := checked(asked.item, each))]


def _one(asked: Asked, question: Question) -> list[Question]:
    return [replace(question, points=whole_points(asked.item, asked.points))]


def _answers(asked: Asked) -> list[Weighted]:
    return [
        Weighted(
            read_text(asked.item, value(each, "answertext")),
            share(each, "fraction"),
            read_text(asked.item, value(each, "feedback")),
        )
        for each in asked.listed("answers/answer")
    ]


def _choice(asked: Asked, base: Question) -> list[Question]:
    single = whole(asked.plugin, "multichoice/single", 1) == 1
    kind, choices = (one_of if single else some_of)(asked.item, _answers(asked))
    return _one(asked, replace(base, kind=kind, choices=choices))


def _true_false(asked: Asked, base: Question) -> list[Question]:
    kind, choices = one_of(asked.item, _answers(asked))
    return _one(asked, replace(base, kind=kind, choices=choices))


def _short_answer(asked: Asked, base: Question) -> list[Question]:
    answers = _answers(asked)
    patterns = [each.text for each in answers if "*" in each.text.replace(r"\*", "") and each.share > 0]
    plain = [replace(each, text=each.text.replace(r"\*", "*")) for each in answers if each.text not in patterns]
    plain = [each for each in plain if each.text != "*"]  # what is said to any other answer
    if patterns and not any(each.share > 0 for each in plain):
        why = "its right answers are patterns with a star"
        return _one(asked, for_a_person(asked.item, replace(base, kind="free_text"), why, "\n".join(patterns)))
    if patterns:
        asked.item.degraded("an answer that is a pattern with a star is left out")
    if whole(asked.plugin, "shortanswer/usecase"):
        asked.item.degraded("capital and small letters count as the same")
    return _one(asked, replace(base, kind="short_text", accept=accepted(asked.item, plain)))


def _numerical(asked: Asked, base: Question) -> list[Question]:
    tolerances = {value(each, "answer"): share(each, "tolerance") for each in asked.listed(".//numerical_record")}
    full = [each for each in asked.listed("answers/answer") if share(each, "fraction") == 1]
    if not full:
        asked.item.dropped("it does not say which number is right")
        return []
    if len(full) > 1 or any(0 < share(each, "fraction") < 1 for each in asked.listed("answers/answer")):
        asked.item.degraded("only the first number that is wholly right counts")
    unit = value(asked.plugin, "numerical_units/numerical_unit/unit")
    if unit:
        asked.item.degraded(f"the answer is a number in {unit}; no other unit is taken")
    right = number(value(full[0], "answertext"))
    if right is None:
        asked.item.dropped("its right answer is no number")
        return []
    tolerance = abs(tolerances.get(full[0].get("id", ""), Fraction(0)))
    return _one(asked, replace(numbered(base, right - tolerance, right + tolerance), unit=unit))


def _match(asked: Asked, base: Question) -> list[Question]:
    pairs = tuple(
        Pair(read_text(asked.item, value(each, "questiontext")), read_text(asked.item, value(each, "answertext")))
        for each in asked.listed("matches/match")
    )
    return _one(asked, replace(base, kind="matching", pairs=pairs))


def _essay(asked: Asked, base: Question) -> list[Question]:
    if whole(asked.plugin, "essay/attachments"):
        asked.item.degraded("no files can be handed in with the answer")
    rubric = read_text(asked.item, value(asked.plugin, "essay/graderinfo"))
    return _one(asked, replace(base, kind="free_text", rubric=rubric))


def _ordering(asked: Asked, base: Question) -> list[Question]:
    ordered = sorted(asked.listed("answers/answer"), key=lambda each: share(each, "fraction"))
    items = tuple(read_text(asked.item, value(each, "answertext")) for each in ordered)
    return _one(asked, replace(base, kind="ordering", items=items))


def _missing_words(asked: Asked, base: Question) -> list[Question]:
    """`[[2]]` in the text is a gap for the second answer. An answer that is in no gap matches nothing."""
    answers = [plain_text(value(each, "answertext")) for each in asked.listed("answers/answer")]
    groups = {
        found[1] for each in asked.listed("answers/answer") if (found := DRAG_GROUP.search(value(each, "feedback")))
    }
    gaps = re.findall(r"\[\[(\d{1,3})\]\]", base.prompt)
    if len(groups) > 1:
        asked.item.degraded("its groups of words are offered together")
    if not 0 < len(gaps) <= CHOICES_MAX or any(not 1 <= int(each) <= len(answers) for each in gaps):
        asked.item.dropped(f"its gaps name no word, or there are more than {CHOICES_MAX}")
        return []
    sentences = gap_sentences(base.prompt, [f"[[{each}]]" for each in gaps])
    pairs = [Pair(sentence, answers[int(gap) - 1]) for sentence, gap in zip(sentences, gaps, strict=True)]
    pairs += [Pair("", each) for number, each in enumerate(answers, 1) if str(number) not in gaps]
    prompt = re.sub(r"\[\[\d{1,3}\]\]", BLANK, base.prompt)
    return _one(asked, replace(base, kind="matching", prompt=prompt, pairs=tuple(pairs)))


def gap_sentences(text: str, marks: list[str]) -> list[str]:
    """The text once for each mark, in order: that mark as a line to write on, every other as an ellipsis."""
    pieces = re.split("|".join(map(re.escape, dict.fromkeys(marks))), text)
    many = len(pieces) - 1
    return [
        "".join(
            piece + (BLANK if index == wanted else ANOTHER if index < many else "")
            for index, piece in enumerate(pieces)
        )
        for wanted in range(many)
    ]


def _cloze(asked: Asked, base: Question) -> list[Question]:
    """`{#2}` in the text is its second part, a question of its own: each is asked with the text around it."""
    names = [each for each in value(asked.plugin, "multianswer/sequence").split(",") if each]
    parts = [asked.bank.question(each) for each in names]
    marks = [f"{{#{number}}}" for number in range(1, len(parts) + 1)]
    fit = 0 < len(parts) <= CHOICES_MAX and all(base.prompt.count(mark) == 1 for mark in marks)
    sentences = gap_sentences(base.prompt, marks) if fit else []
    if not fit or None in parts:
        asked.item.broken("its text and its parts do not fit together")
        return []
    asked.item.degraded(f"its {len(parts)} gaps are asked one by one")
    marks_of = [share(part, "defaultmark") or Fraction(1) for part in parts]
    each_mark = asked.points / sum(marks_of)
    return [
        question
        for part, sentence, mark in zip(parts, sentences, marks_of, strict=True)
        if part is not None
        for question in _part(replace(asked, element=part, points=mark * each_mark), replace(base, prompt=sentence))
    ]


def _part(part: Asked, base: Question) -> list[Question]:
    if part.kind not in PARTS:
        part.item.dropped(f"a gap of the kind {part.kind} cannot be asked here")
        return []
    return PARTS[part.kind](part, base)


PARTS: dict[str, Read] = {
    "multichoice": _choice,
    "multichoiceset": _choice,
    "shortanswer": _short_answer,
    "numerical": _numerical,
}
KINDS: dict[str, Read] = {
    **PARTS,
    "truefalse": _true_false,
    "match": _match,
    "essay": _essay,
    "ordering": _ordering,
    "ddwtos": _missing_words,
    "gapselect": _missing_words,
    "multianswer": _cloze,
    "calculated": read_calculated,
    "calculatedsimple": read_calculated,
    "calculatedmulti": read_calculated_choice,
}
