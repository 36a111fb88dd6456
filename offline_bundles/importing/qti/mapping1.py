"""What a QTI 1.2 item means here, by its structure; Canvas' and Common Cartridge's names settle the rest."""

import re
from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

from offline_bundles.importing.imported import Pair, Question
from offline_bundles.importing.qti.asking import Asking
from offline_bundles.importing.qti.documents import attribute, child, children, name_of, text_of, within
from offline_bundles.importing.qti.items1 import Item1, Option, Response
from offline_bundles.importing.qti.markup import BLANK
from offline_bundles.importing.qti.scoring import Rule, number
from offline_bundles.importing.questions import (
    Weighted,
    accepted,
    any_number,
    for_a_person,
    numbered,
    one_of,
    some_of,
    whole_points,
)

REFUSED = {
    "hot_spot_question": "it asks for a place in a picture, which no question here does",
    "file_upload_question": "it asks for a file, which no question here takes",
    "drawing_question": "it asks for a drawing, which no question here takes",
}
CANVAS_MANY = "multiple_answers_question"  # scored as here: each wrong choice takes back what a right one gives
SHORT = {"short_answer_question", "cc.fib.v0p1", "cc.pattern_match.v0p1", "fill_in_multiple_blanks_question"}
PICKED = {"dropdown", "wordbank"}
NEAR = {"TextContainsAnswer", "TextCloseEnough"}
NUMBERS = {"decimal", "integer", "scientific"}
LIMITS = {"vargte": 0, "vargt": 0, "varlte": 1, "varlt": 1}
SCALE = 100  # Canvas and Common Cartridge score in percent; the points stand elsewhere
RESPONSES_MAX = 50
WHOLE_ORDER = "only the whole order counted; now every two that follow each other earn a share"
ALL_OR_NOTHING = "only the whole answer counted; now each right choice earns a share"


def questions_of(asking: Asking, found: Item1) -> list[Question]:
    """The questions that the item becomes; none, and a finding, when it cannot be one."""
    why = _refusal(found) or _cost(asking, found)
    if why:
        asking.item.dropped(why)
        return []
    if not found.responses:
        asking.only_text(found.html)
        return []
    if child(child(found.element, "itemproc_extension"), "calculated") is not None:
        return _calculated(asking, found)
    if all(response.kind == "lid" for response in found.responses):
        return _picked(asking, found)
    return _typed(asking, found)


def _refusal(found: Item1) -> str:
    """Why the item cannot be a question, or ""."""
    if found.kind in REFUSED:
        return REFUSED[found.kind]
    kinds = {response.kind for response in found.responses}
    if "xy" in kinds or any(response.rendering == "render_hotspot" for response in found.responses):
        return REFUSED["hot_spot_question"]
    if "grp" in kinds:
        return "it groups things in a way that no question here does"
    return "it mixes choices with typed answers, which no question here does" if len(kinds & {"lid", "str"}) > 1 else ""


def _cost(asking: Asking, found: Item1) -> str:
    """Each option of each response is tried on each rule; a hostile item would have millions of each."""
    options = sum(max(1, len(response.options)) for response in found.responses)
    rules = len(found.processing.rules)
    if len(found.responses) <= RESPONSES_MAX and asking.quiz.files.budget.spend_trials(options * rules):
        return ""
    return f"its {options} options and {rules} rules are too many to try them all"


def _points(asking: Asking, found: Item1) -> int:
    for name in ("points_possible", "cc_weighting", "qmd_weighting"):
        if number(found.metadata.get(name, "")):
            return whole_points(asking.item, number(found.metadata[name]) or Fraction(1))
    best = sum((rule.gives() for rule in found.processing.rewarding), Fraction(0))
    whole = best == int(best) and 0 < best < SCALE
    return int(best) if whole and len(found.processing.rewarding) == 1 else 1


def _base(asking: Asking, found: Item1, html: str) -> Question:
    general = "".join(found.feedback.get(ident, "") for ident in _general(found))
    return asking.question(found.ident, html, _points(asking, found), general)


def _general(found: Item1) -> list[str]:
    """Feedback for whatever is answered: `other` holds, and no score was decided before."""
    said: list[str] = []
    for rule in found.processing.rules:
        if rule.gives():
            break
        if rule.test is not None and [name_of(part) for part in rule.test] == ["other"]:
            said += rule.feedback
    return said


def _keeps_no_feedback(asking: Asking, found: Item1) -> None:
    general = set(_general(found))
    if any(said and ident not in general for ident, said in found.feedback.items()):
        asking.item.degraded("what it says to a right or a wrong answer is not kept")


def _picked(asking: Asking, found: Item1) -> list[Question]:
    first, *others = found.responses
    kind = found.metadata.get("question_type", "")
    settings = {option.settings.get("answer_type") for response in found.responses for option in response.options}
    if kind == "fill_in_multiple_blanks_question" and not settings & PICKED:
        return _blanks(asking, found)
    if others and all(response.cardinality == "multiple" for response in found.responses):
        return _categories(asking, found)
    if others:
        return _matching(asking, found)
    html = _gapped(found.html, found.responses)
    if first.html and html == found.html:  # else what it says is only the name of its gap
        html += f"<br>{first.html}"
    question = _base(asking, found, html)
    if first.cardinality == "ordered":
        return _ordered(asking, found, first, question)
    return _choice(asking, found, first, question)


def _choice(asking: Asking, found: Item1, response: Response, question: Question) -> list[Question]:
    many = response.cardinality == "multiple"
    general = set(_general(found))
    if many:
        general |= set(found.processing.tried({})[1])
    shares = _many_shares(asking, found, response) if many else _single_shares(found, response)
    answers = []
    for option, share in zip(response.options, shares, strict=True):
        _, said = found.processing.tried({response.ident: [option.ident]})
        feedback = "".join(found.feedback.get(ident, "") for ident in said if ident not in general)
        answers.append(Weighted(asking.text(option.html), share, asking.text(feedback)))
    kind, choices = (some_of if many else one_of)(asking.item, answers)
    return asking.checked(replace(question, kind=kind, choices=choices))


def _scores(found: Item1, response: Response) -> list[Fraction]:
    return [found.processing.tried({response.ident: [option.ident]})[0] for option in response.options]


def _single_shares(found: Item1, response: Response) -> list[Fraction]:
    scores = _scores(found, response)
    best = max(scores, default=Fraction(0))
    return [score / best if best > 0 else Fraction(0) for score in scores]


def _many_shares(asking: Asking, found: Item1, response: Response) -> list[Fraction]:
    """Points for each choice, or one rule for the whole answer, whose wanted choices then share them evenly."""
    rules = found.processing.rewarding
    tests = {name_of(part) for rule in rules[:1] if rule.test is not None for part in rule.test.iter()}
    scores = _scores(found, response)
    total = sum((score for score in scores if score > 0), Fraction(0))
    if total and not tests & {"not", "and"}:
        return [score / total for score in scores]
    wanted = set(rules[0].wanted(response.ident)) if rules else set[str]()
    classic = found.kind == CANVAS_MANY and found.metadata.get("scoring_algorithm") != "AllOrNothing"
    if wanted and not classic:
        asking.item.degraded(ALL_OR_NOTHING)
    share = Fraction(1, max(1, len(wanted)))
    return [share if option.ident in wanted else -share for option in response.options]


def _right(found: Item1, response: Response) -> Option | None:
    """The option that earns most; None when none earns anything."""
    scores = _scores(found, response)
    best = max(scores, default=Fraction(0))
    return response.options[scores.index(best)] if best > 0 else None


def _gapped(html: str, responses: Iterable[Response]) -> str:
    """Canvas names a gap in brackets, as its response is named."""
    names = [response.ident.removeprefix("response_") for response in responses]
    for number_, name in enumerate(names, 1):
        html = html.replace(f"[{name}]", BLANK if len(names) == 1 else f"{BLANK} ({number_})")
    return html


def _matching(asking: Asking, found: Item1) -> list[Question]:
    """Lines with a list each, or drop-down lists in a text: both are matching, with all options in one list."""
    gaps = _gapped(found.html, found.responses) != found.html
    question = _base(asking, found, _gapped(found.html, found.responses))
    pairs, spare = [], dict[str, None]()
    for at, response in enumerate(found.responses, 1):
        right = _right(found, response)
        item = f"({at})" if gaps or not response.html else asking.text(response.html)
        texts = {option.ident: asking.text(option.html) for option in response.options}
        if right is None and item and response.html:
            asking.item.degraded(f"its line “{item[:30]}” has no right match and is left out")
        elif right is not None and item and texts[right.ident]:
            pairs.append(Pair(item, texts[right.ident]))
        spare |= dict.fromkeys(text for text in texts.values() if text)
    if gaps:
        asking.item.degraded("its drop-down lists became one list to match with")
    _keeps_no_feedback(asking, found)
    used = {pair.match for pair in pairs}
    pairs += [Pair("", text) for text in spare if text not in used]
    return asking.checked(replace(question, kind="matching", pairs=tuple(pairs)))


def _categories(asking: Asking, found: Item1) -> list[Question]:
    """Things to put into categories: each thing is matched with its category."""
    question = _base(asking, found, found.html)
    pairs, placed, every = [], set[str](), set[str]()
    for response in found.responses:
        wanted = {ident for rule in found.processing.rewarding for ident in rule.wanted(response.ident)}
        category = asking.text(response.html)
        pairs += [Pair(asking.text(each.html), category) for each in response.options if each.ident in wanted]
        placed |= wanted
        every |= {option.ident for option in response.options}
    if every - placed:
        asking.item.degraded(f"{len(every - placed)} things that belong to no category are left out")
    return asking.checked(replace(question, kind="matching", pairs=tuple(pairs)))


def _ordered(asking: Asking, found: Item1, response: Response, question: Question) -> list[Question]:
    texts = {option.ident: asking.text(option.html) for option in response.options}
    order = found.processing.rewarding[0].wanted(response.ident) if found.processing.rewarding else []
    if sorted(order) != sorted(texts):
        asking.item.dropped("it does not say the right order of everything that is to be ordered")
        return []
    asking.item.degraded(WHOLE_ORDER)
    _keeps_no_feedback(asking, found)
    return asking.checked(replace(question, kind="ordering", items=tuple(texts[ident] for ident in order)))


def _blanks(asking: Asking, found: Item1) -> list[Question]:
    """Each gap with the spellings that are right for it."""
    base = _base(asking, found, _gapped(found.html, found.responses))
    questions = []
    for at, response in enumerate(found.responses, 1):
        question = asking.one_of_several(base, at, len(found.responses))
        answers = [Weighted(asking.text(option.html), Fraction(1)) for option in response.options]
        ways = {option.settings.get("scoring_algorithm", "") for option in response.options}
        if "TextRegex" in ways:
            wanted = "\n".join(answer.text for answer in answers)
            questions += asking.checked(for_a_person(asking.item, question, "a gap's answer is a pattern", wanted))
            continue
        if ways & NEAR:
            asking.item.degraded("a gap's answer had to be near the right one; now it has to be the same")
        accept = accepted(asking.item, answers)
        questions += asking.checked(replace(question, kind="short_text", accept=accept))
    return _told_apart(asking, found, questions)


def _told_apart(asking: Asking, found: Item1, questions: list[Question]) -> list[Question]:
    if len(found.responses) > 1:
        asking.item.degraded(f"each of its {len(found.responses)} gaps is a question of its own")
    return questions


def _typed(asking: Asking, found: Item1) -> list[Question]:
    html = found.html or "".join(response.html for response in found.responses)
    base = _base(asking, found, html)
    questions = []
    for at, response in enumerate(found.responses, 1):
        question = asking.one_of_several(base, at, len(found.responses))
        questions += asking.checked(_answered(asking, found, response, question))
    _keeps_no_feedback(asking, found)
    return _told_apart(asking, found, questions)


def _answered(asking: Asking, found: Item1, response: Response, question: Question) -> Question:
    rules = found.processing.rewarding
    tests = [part for rule in rules if rule.test is not None for part in rule.test.iter()]
    if found.kind == "numerical_question" or response.kind == "num" or response.typed in NUMBERS:
        ranges = [spread for rule in rules for spread in _ranges(rule, response.ident)]
        wanted = "\n".join(value for rule in rules for value in rule.wanted(response.ident))
        return any_number(asking.item, question, ranges, wanted)
    if any(name_of(part) == "varsubstring" for part in tests):
        wanted = "\n".join((part.text or "").strip() for part in tests if name_of(part) == "varsubstring")
        return for_a_person(asking.item, question, "its answer is part of a text", wanted)
    best = rules[0].gives() if rules else Fraction(1)
    answers = [Weighted(value, rule.gives() / best) for rule in rules for value in rule.wanted(response.ident)]
    if not answers and found.kind not in SHORT:
        return replace(question, kind="free_text", rubric=_rubric(found))
    if any(attribute(part, "case").lower() == "yes" for part in tests):
        asking.item.degraded("capital and small letters no longer differ")
    return replace(question, kind="short_text", accept=accepted(asking.item, answers))


def _rubric(found: Item1) -> str:
    """What a teacher looks for: Canvas' grading notes, and the solution that the standard knows."""
    solutions = [text_of(each) for each in within(found.element, "solution")]
    return "\n\n".join(filter(None, [found.metadata.get("grading_notes", ""), *solutions]))


def _ranges(rule: Rule, ident: str) -> list[tuple[Fraction, Fraction]]:
    """From the least to the greatest right number; without bounds, each number that is right itself."""
    bounds: list[Fraction | None] = [None, None]
    for part in [] if rule.test is None else rule.test.iter():
        if name_of(part) in LIMITS and attribute(part, "respident") == ident:
            bounds[LIMITS[name_of(part)]] = number((part.text or "").strip())
    low, high = bounds
    if low is not None and high is not None:
        return [(low, high)]
    values = [number(value) for value in rule.wanted(ident)]
    return [(value, value) for value in values if value is not None]


def _calculated(asking: Asking, found: Item1) -> list[Question]:
    """Canvas' formula questions, whose numbers vary: the first of the sets that it worked out beforehand."""
    calculated = child(child(found.element, "itemproc_extension"), "calculated")
    chosen = next(iter(within(found.element, "var_set")), None)
    answer = number(text_of(child(chosen, "answer")))
    if calculated is None or chosen is None or answer is None:
        asking.item.dropped("its numbers vary, and it gives no set of them with a plain number for the answer")
        return []
    html = found.html
    for variable in children(chosen, "var"):
        html = re.sub(rf"\[{re.escape(attribute(variable, 'name'))}\]", lambda _, of=variable: text_of(of), html)  # type: ignore[misc]
    written = text_of(child(calculated, "answer_tolerance"))
    around = abs(number(written.removesuffix("%").strip()) or Fraction(0))
    tolerance = abs(answer) * around / 100 if written.endswith("%") else around
    asking.item.degraded("its numbers vary; the first set of them is asked")
    question = _base(asking, found, html)
    return asking.checked(numbered(question, answer - tolerance, answer + tolerance))
