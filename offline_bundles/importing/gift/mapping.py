"""What a GIFT question means here: which kind it is, and what of it Tiffin can grade.

The signs decide, as in Moodle: "#" first is a number, "->" in every answer is matching, "~" is choice (one right when
there is an "=", several when not), "=" alone is a short answer, nothing is an essay.
"""

from dataclasses import dataclass, replace
from fractions import Fraction

from markdown_it import MarkdownIt

from offline_bundles.importing.gift.blocks import SIGN, Answer, Block, Marked, answers_of, general_feedback, marked
from offline_bundles.importing.gift.numbers import read_range
from offline_bundles.importing.imported import Choice, Pair, Question
from offline_bundles.importing.prompts import Prompt, read_prompt, read_text
from offline_bundles.importing.questions import (
    Item,
    Weighted,
    accepted,
    any_number,
    checked,
    for_a_person,
    one_of,
    some_of,
)

TRUTH = {"T": True, "TRUE": True, "F": False, "FALSE": False}
BLOCK_CHARACTERS_MAX = 200_000  # pictures that are written into the text; without them a question has some 2,000
SIGNS_MAX = 500  # equals signs in feedback included
BLANK = "_____"
MARKDOWN = MarkdownIt("commonmark").enable("table")
ARROW = "->"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question on its way: what it asks so far, its own format, and its answers."""

    item: Item
    question: Question
    form: str
    answers: tuple[Answer, ...]

    def text(self, marked: Marked) -> str:
        return read_text(self.item, as_html(marked, self.form))


def as_html(marked: Marked, form: str = "") -> str:
    """A text as HTML; one without a format has its question's."""
    form = marked.form or form
    if form == "plain":
        return marked.text.replace("&", "&amp;").replace("<", "&lt;")
    return str(MARKDOWN.render(marked.text)) if form == "markdown" else marked.text


def prompt_of(item: Item, block: Block) -> Prompt:
    """The text before the braces; what stands after them is joined by a blank, as Moodle shows it."""
    if not block.after:
        return read_prompt(item, as_html(block.before))
    gap = "" if block.after[0] in ".,;:!?" else " "
    text = f"{block.before.text} {BLANK}{gap}{block.after}".strip()
    return read_prompt(item, as_html(replace(block.before, text=text)))


def question_of(item: Item, block: Block, name: str) -> Question | None:
    """The question, or None with a finding that says why."""
    if block.unclosed or block.answers is None:
        item.dropped("its answers have no closing brace")
        return None
    if (
        len(block.before.text) + len(block.answers) > BLOCK_CHARACTERS_MAX
        or len(SIGN.findall(block.answers)) > SIGNS_MAX
    ):
        item.dropped(f"it has more than {BLOCK_CHARACTERS_MAX} characters, or {SIGNS_MAX} answers")
        return None
    body, general = general_feedback(block.answers)
    prompt = prompt_of(item, block)
    feedback = read_text(item, as_html(general, block.before.form))
    question = Question(
        name, "", prompt.text, feedback=feedback, picture=prompt.picture, picture_alt=prompt.picture_alt
    )
    found = _answered(Asked(item, question, block.before.form, ()), body.strip())
    return checked(item, found)


def _answered(asked: Asked, body: str) -> Question:
    if not body:
        return replace(asked.question, kind="free_text")
    if body.startswith("#"):
        return _numeric(replace(asked, answers=answers_of(body[1:])))
    asked = replace(asked, answers=answers_of(body))
    signs = {answer.sign for answer in asked.answers}
    if signs == {""} and asked.answers[0].text.text.upper() in TRUTH:
        return _true_false(asked)
    if "~" in signs:
        return _choice(asked)
    if len(asked.answers) > 1 and all(ARROW in answer.text.text for answer in asked.answers):
        return _matching(asked)
    return _short(asked)


def share_of(answer: Answer) -> Fraction:
    if answer.weight:
        return Fraction(answer.weight) / 100
    return Fraction(0 if answer.sign == "~" else 1)


def _weighted(asked: Asked) -> list[Weighted]:
    return [
        Weighted(asked.text(answer.text), share_of(answer), asked.text(answer.feedback)) for answer in asked.answers
    ]


def _true_false(asked: Asked) -> Question:
    """The first remark is for the wrong answer, the second for the right one."""
    truth = TRUTH[asked.answers[0].text.text.upper()]
    remarks = [asked.text(remark) for remark in asked.answers[0].remarks] + ["", ""]
    said = {truth: remarks[1], not truth: remarks[0]}
    choices = (Choice("True", truth, said[True]), Choice("False", not truth, said[False]))
    return replace(asked.question, kind="single_choice", choices=choices)


def _choice(asked: Asked) -> Question:
    decide = one_of if any(answer.sign == "=" for answer in asked.answers) else some_of
    kind, choices = decide(asked.item, _weighted(asked))
    return replace(asked.question, kind=kind, choices=choices)


def _matching(asked: Asked) -> Question:
    pairs = []
    for answer in asked.answers:
        item, _, match = answer.text.text.partition(ARROW)
        pairs.append(Pair(asked.text(replace(answer.text, text=item.strip())), asked.text(marked(match))))
    return replace(asked.question, kind="matching", pairs=tuple(pairs))


def _short(asked: Asked) -> Question:
    answers = _weighted(asked)
    wild = [answer.text for answer in answers if "*" in answer.text and answer.share > 0]
    accept = accepted(asked.item, [answer for answer in answers if answer.text not in wild])
    if wild and not accept:
        return for_a_person(asked.item, asked.question, "its answer is a pattern with *", "\n".join(wild))
    if wild:
        asked.item.degraded("an answer with the wildcard * is left out")
    return replace(asked.question, kind="short_text", accept=accept)


def _numeric(asked: Asked) -> Question:
    """The one range that earns everything; several of them, a person reads."""
    ranges = [(read_range(answer.text.text), share_of(answer), answer) for answer in asked.answers]
    full = [(found, answer) for found, share, answer in ranges if share >= 1 and answer.sign != "~"]
    if any(0 < share < 1 for _, share, _ in ranges):
        asked.item.degraded("part of the points for a number that is near is not kept: it counts as wrong")
    if any(answer.feedback.text for answer in asked.answers):
        asked.item.degraded("what it says to each single answer is not kept")
    readable = [found for found, _ in full if found]
    wanted = "\n".join(answer.text.text for _, answer in full)
    return any_number(asked.item, asked.question, readable if len(readable) == len(full) else (), wanted)
