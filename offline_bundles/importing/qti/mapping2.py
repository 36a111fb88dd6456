"""What an item of QTI 2.x or 3.0 means here: one question for each of its interactions.

Its rules are read for which of the standard's two templates they come to: `match_correct`, all or nothing, or
`map_response`, points for each value. Rules of its own are searched for those two and for tolerances, and never run.
"""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from itertools import islice
from xml.etree.ElementTree import Element

from offline_bundles.importing.imported import Question
from offline_bundles.importing.qti.asking import Asking
from offline_bundles.importing.qti.documents import attribute, child, children, name_of, text_of, within
from offline_bundles.importing.qti.items2 import INTERACTIONS_MAX, MAP_RESPONSE, Declaration, Interaction, Item2
from offline_bundles.importing.qti.mapping1 import ALL_OR_NOTHING, WHOLE_ORDER
from offline_bundles.importing.qti.markup import inner_html
from offline_bundles.importing.qti.pairing import Sides, matched
from offline_bundles.importing.qti.scoring import number
from offline_bundles.importing.questions import Weighted, accepted, any_number, one_of, some_of, whole_points

REFUSED = {
    "hotspotInteraction": "it asks for a place in a picture, which no question here does",
    "selectPointInteraction": "it asks for a place in a picture, which no question here does",
    "positionObjectInteraction": "it asks to put something in its place in a picture, which no question here does",
    "graphicOrderInteraction": "it asks to order places in a picture, which no question here does",
    "graphicAssociateInteraction": "it asks to join places in a picture, which no question here does",
    "graphicGapMatchInteraction": "it asks to put things into a picture, which no question here does",
    "drawingInteraction": "it asks for a drawing, which no question here takes",
    "uploadInteraction": "it asks for a file, which no question here takes",
    "customInteraction": "it runs code of its own, which is never run here",
    "portableCustomInteraction": "it runs code of its own, which is never run here",
    "mediaInteraction": "it only plays sound or video, which no question here does",
}
TEMPLATES = {MAP_RESPONSE, "match_correct", "CC2_match", "CC2_map_response"}
ALL_PAIRS = "only the whole answer counted; now each right pair earns a share"
UNDERSTOOD = {"correct", "mapResponse", "equal"}
OPTIONS_MAX = 100  # of one interaction; a question here has fifty at most
OWN_FEEDBACK = ("feedbackInline", "feedbackBlock")
OPTIONS = ("simpleChoice", "inlineChoice", "hottext", "simpleAssociableChoice", "gapText")
NUMBERS = {"integer", "float"}
Asked = Callable[[Asking, Item2, Interaction, Question], Question]


def questions_of(asking: Asking, found: Item2) -> list[Question]:
    """The questions that the item becomes; none, and a finding, when it cannot be any."""
    reading = len(found.html) // 100 * len(found.interactions)  # its text is read once for each
    if _too_large(found) or not asking.quiz.files.budget.spend_trials(reading):
        asking.item.dropped(
            f"it has more than {INTERACTIONS_MAX} interactions, {OPTIONS_MAX} options in one, or too much text"
        )
        return []
    asked = []
    for interaction in found.interactions:
        why = "" if interaction.kind in KINDS else REFUSED.get(interaction.kind, "its kind is not known here")
        if why:
            asking.item.dropped(why)
        else:
            asked.append(interaction)
    if child(found.element, "templateProcessing") is not None:
        asking.item.dropped("its numbers vary, and to work them out its own rules would have to run")
        return []
    if not found.interactions:
        asking.only_text(found.html)
    return _asked(asking, found, asked) if asked else []


def _too_large(found: Item2) -> bool:
    options = (sum(1 for _ in within(each.element, *OPTIONS)) for each in found.interactions)
    right = (max(len(each.declaration.correct), len(each.declaration.mapped)) for each in found.interactions)
    return len(found.interactions) > INTERACTIONS_MAX or max((*options, *right), default=0) > OPTIONS_MAX


def _asked(asking: Asking, found: Item2, asked: list[Interaction]) -> list[Question]:
    if len(asked) > 1 and all(each.kind == "inlineChoiceInteraction" for each in asked):
        return asking.checked(_lists(asking, found, asked, _base(asking, found, asked[0], 1)))
    _tell_of_rules(asking, found, asked)
    questions = []
    for at, interaction in enumerate(asked, 1):
        question = _base(asking, found, interaction, len(asked))
        if interaction.kind == "textEntryInteraction" and len(asked) > 1:
            question = replace(question, prompt=f"{question.prompt}\n→ ({at})")
        questions += asking.checked(KINDS[interaction.kind](asking, found, interaction, question))
    if len(asked) > 1:
        asking.item.degraded(f"each of its {len(asked)} parts is a question of its own")
    if found.feedback and asked[0].kind != "choiceInteraction":
        asking.item.degraded("what it says to a right or a wrong answer is not kept")
    return questions


def _tell_of_rules(asking: Asking, found: Item2, asked: list[Interaction]) -> None:
    """Where the rules are neither of the templates, nor come to one of them."""
    if attribute(found.element, "adaptive").lower() == "true":
        asking.item.degraded("it changes with the answers; it is asked once, as it begins")
    if not any(each.declaration.correct for each in asked):
        return
    if not found.rules:
        asking.item.degraded("it has no rule to score by; its right answer is the rule now")
    elif found.rules not in TEMPLATES and not UNDERSTOOD & {name_of(each) for each in found.element.iter()}:
        asking.item.degraded("it is scored by rules of its own; its right answer is the rule now")


def _base(asking: Asking, found: Item2, interaction: Interaction, several: int) -> Question:
    prompt = inner_html(child(interaction.element, "prompt"))
    html = f"{found.html}<p>{prompt}</p>" if prompt else found.html
    question = asking.question(found.ident, html, whole_points(asking.item, found.points))
    return replace(question, points=max(1, round(question.points / several)))


def _mapped(found: Item2, declared: Declaration) -> bool:
    """Whether points are for each value, rather than for the whole answer."""
    rules = [name_of(each) for each in found.element.iter()]
    return bool(declared.mapped) and (found.rules == MAP_RESPONSE or "mapResponse" in rules)


def _weighted(asking: Asking, found: Item2, interaction: Interaction, texts: dict[str, str]) -> list[Weighted]:
    """Each option with its share of the points."""
    declared, said = interaction.declaration, _said(asking, found, interaction, texts)
    if _mapped(found, declared):
        values = {ident: declared.mapped.get(ident, declared.default) for ident in texts}
        many = declared.cardinality == "multiple"
        rewards = [value for value in values.values() if value > 0]
        whole = (sum(rewards, Fraction(0)) if many else max(rewards, default=Fraction(0))) or Fraction(1)
        shares = {ident: value / whole for ident, value in values.items()}
    else:
        shares = _even(declared, texts)
    return [Weighted(text, shares[ident], said.get(ident, "")) for ident, text in texts.items()]


def _even(declared: Declaration, texts: dict[str, str]) -> dict[str, Fraction]:
    wanted = set(declared.correct) & set(texts)
    share = Fraction(1, max(1, len(wanted)))
    wrong = -share if declared.cardinality == "multiple" else Fraction(0)
    return {ident: share if ident in wanted else wrong for ident in texts}


def _said(asking: Asking, found: Item2, interaction: Interaction, texts: dict[str, str]) -> dict[str, str]:
    """Feedback by option, where the rules show the feedback that is named as the answer is."""
    outcomes = {
        attribute(setting, "identifier")
        for setting in within(found.element, "setOutcomeValue")
        if [(name_of(part), attribute(part, "identifier")) for part in setting] == [("variable", interaction.ident)]
    }
    said = _own_feedback(asking, interaction)
    for feedback in children(found.element, "modalFeedback"):
        if attribute(feedback, "outcomeIdentifier") not in outcomes or not text_of(feedback):
            continue
        named, shows = attribute(feedback, "identifier"), attribute(feedback, "showHide", "show") == "show"
        text = asking.text(inner_html(feedback))
        for ident in texts:
            if (ident == named) == shows:
                said[ident] = "\n".join(filter(None, (said.get(ident, ""), text)))
    return said


def _options(asking: Asking, element: Interaction, *names: str) -> dict[str, str]:
    """Texts by identifier, without what is said to whoever picks one."""

    def shown(part: Element) -> str | None:
        return "" if name_of(part) in OWN_FEEDBACK else None

    found = within(element.element, *names)
    return {attribute(each, "identifier"): asking.text(inner_html(each, shown)) for each in found}


def _own_feedback(asking: Asking, interaction: Interaction) -> dict[str, str]:
    """By option, what stands within it to be shown once it is picked."""
    said: dict[str, str] = {}
    for option in within(interaction.element, "simpleChoice"):
        ident = attribute(option, "identifier")
        for part in within(option, *OWN_FEEDBACK):
            if attribute(part, "identifier") == ident and attribute(part, "showHide", "show") == "show":
                said[ident] = asking.text(inner_html(part))
    return said


def _choice(asking: Asking, found: Item2, interaction: Interaction, question: Question) -> Question:
    texts = _options(asking, interaction, "simpleChoice", "inlineChoice", "hottext")
    many = interaction.declaration.cardinality == "multiple"
    answers = _weighted(asking, found, interaction, texts)
    if many and not _mapped(found, interaction.declaration):
        asking.item.degraded(ALL_OR_NOTHING)
    kind, choices = (some_of if many else one_of)(asking.item, answers)
    return replace(question, kind=kind, choices=choices)


def _marked(asking: Asking, found: Item2, interaction: Interaction, question: Question) -> Question:
    asking.item.degraded("its words to mark in a text are choices below the text")
    return _choice(asking, found, interaction, question)


def _lists(asking: Asking, found: Item2, asked: list[Interaction], question: Question) -> Question:
    """Lists to pick from within a text."""
    sides = Sides()
    for at, interaction in enumerate(asked, 1):
        texts = _options(asking, interaction, "inlineChoice")
        sides.matches |= {f"{at} {ident}": text for ident, text in texts.items()}
        sides.items[str(at)] = f"({at})"
        sides.right += [(str(at), f"{at} {ident}") for ident in interaction.declaration.correct]
    asking.item.degraded("its lists became one list to match with")
    return matched(asking.item, sides, question)


def _text(asking: Asking, found: Item2, interaction: Interaction, question: Question) -> Question:
    declared = interaction.declaration
    values = {value: Fraction(1) for value in declared.correct}
    if _mapped(found, declared):
        best = max(declared.mapped.values())
        values |= {value: points / best for value, points in declared.mapped.items() if best > 0}
    if declared.base_type in NUMBERS or interaction.kind == "sliderInteraction":
        right = [
            around(found, interaction, found_number)
            for value in declared.correct
            if (found_number := number(value)) is not None
        ]
        return any_number(asking.item, question, right, "\n".join(declared.correct))
    if declared.exact_case:
        asking.item.degraded("capital and small letters no longer differ")
    answers = [Weighted(value, share) for value, share in values.items()]
    return replace(question, kind="short_text", accept=accepted(asking.item, answers))


def around(found: Item2, interaction: Interaction, value: Fraction) -> tuple[Fraction, Fraction]:
    """The range that the item's own rules allow around a number; the number alone where they allow none."""
    for equal in islice(within(found.element, "equal"), INTERACTIONS_MAX):
        mode, written = attribute(equal, "toleranceMode"), attribute(equal, "tolerance").split()
        bounds = [number(each) or Fraction(0) for each in written]
        names = [attribute(each, "identifier") for each in within(equal, "variable")]
        if not bounds or interaction.ident not in names:
            continue
        low, high = bounds[0], bounds[-1]
        if mode == "relative":
            low, high = abs(value) * low / 100, abs(value) * high / 100
        return value - low, value + high
    return value, value


def _slid(asking: Asking, found: Item2, interaction: Interaction, question: Question) -> Question:
    asking.item.degraded("its slider is a number to type")
    return _text(asking, found, interaction, question)


def _essay(asking: Asking, found: Item2, interaction: Interaction, question: Question) -> Question:
    model = [
        text_of(child(outcome, "defaultValue"))
        for outcome in children(found.element, "outcomeDeclaration")
        if attribute(outcome, "identifier") == "MODEL_ANSWER"
    ]
    wanted = dict.fromkeys(filter(None, (found.rubric, *model, *interaction.declaration.correct)))
    return replace(question, kind="free_text", rubric="\n\n".join(wanted))


def _ordered(asking: Asking, found: Item2, interaction: Interaction, question: Question) -> Question:
    texts = _options(asking, interaction, "simpleChoice")
    order = [texts[ident] for ident in interaction.declaration.correct if ident in texts]
    if len(order) < len(texts):
        asking.item.degraded(f"{len(texts) - len(order)} of the things to order have no place in the right order")
    asking.item.degraded(WHOLE_ORDER)
    return replace(question, kind="ordering", items=tuple(order))


def _pairs(interaction: Interaction) -> list[tuple[str, str]]:
    found = [value.split() for value in interaction.declaration.correct or interaction.declaration.mapped]
    return [(pair[0], pair[1]) for pair in found if len(pair) == 2]


def _paired(asking: Asking, found: Item2, interaction: Interaction, sides: Sides, question: Question) -> Question:
    if found.rules and len(sides.right) > 1 and not _mapped(found, interaction.declaration):
        asking.item.degraded(ALL_PAIRS)
    return matched(asking.item, sides, question)


def _matching(asking: Asking, found: Item2, interaction: Interaction, question: Question) -> Question:
    sets = [
        {
            attribute(each, "identifier"): asking.text(inner_html(each))
            for each in within(side, "simpleAssociableChoice")
        }
        for side in children(interaction.element, "simpleMatchSet")
    ]
    items, matches = sets if len(sets) == 2 else ({}, {})
    return _paired(asking, found, interaction, Sides(items, matches, _pairs(interaction)), question)


def _associated(asking: Asking, found: Item2, interaction: Interaction, question: Question) -> Question:
    """Pairs within one set: the first of each pair is the item."""
    texts = _options(asking, interaction, "simpleAssociableChoice")
    pairs = _pairs(interaction)
    firsts = {first for first, _ in pairs}
    items = {ident: text for ident, text in texts.items() if ident in firsts}
    asking.item.degraded("its pairs have two sides now: what stands first in a pair, and what belongs to it")
    rest = {ident: text for ident, text in texts.items() if ident not in firsts}
    return _paired(asking, found, interaction, Sides(items, rest, pairs), question)


def _filled(asking: Asking, found: Item2, interaction: Interaction, question: Question) -> Question:
    """Words to put into the gaps of a text."""
    gaps = [attribute(gap, "identifier") for gap in within(interaction.element, "gap")]
    texts = _options(asking, interaction, "gapText")
    sides = Sides(
        {gap: f"({at})" for at, gap in enumerate(gaps, 1)}, texts, [(gap, word) for word, gap in _pairs(interaction)]
    )
    return _paired(asking, found, interaction, sides, question)


KINDS: dict[str, Asked] = {
    "choiceInteraction": _choice,
    "inlineChoiceInteraction": _choice,
    "hottextInteraction": _marked,
    "textEntryInteraction": _text,
    "sliderInteraction": _slid,
    "extendedTextInteraction": _essay,
    "orderInteraction": _ordered,
    "matchInteraction": _matching,
    "associateInteraction": _associated,
    "gapMatchInteraction": _filled,
}
