"""An edX problem, text and responses in any order, as questions that each stand alone."""

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from xml.etree.ElementTree import Element

from offline_bundles.importing.imported import Finding, Question
from offline_bundles.importing.olx.blocks import Block
from offline_bundles.importing.olx.responses import Asked, is_response, read_response
from offline_bundles.importing.olx.texts import UNREAD, markup, said
from offline_bundles.importing.prompts import Place, read_prompt
from offline_bundles.importing.questions import Item, checked, whole_points

VARIABLE = re.compile(r"\$\{?[A-Za-z_]\w*")
DEPTH_MAX = 60  # of markup around a response


@dataclass
class _Problem:
    """`text`: what was said since the last response. `said`: what the last question was asked."""

    block: Block
    item: Item
    place: Place
    text: list[str] = field(default_factory=list)
    said: str = ""
    questions: list[Question] = field(default_factory=list)
    responses: int = 0

    def walk(self, element: Element, depth: int = 0) -> None:
        if element.tag in UNREAD or depth > DEPTH_MAX:
            return
        if is_response(element):
            self._ask(element)
        elif any(is_response(each) for each in element.iter()):
            self._note(element.text)
            for child in element:
                self.walk(child, depth + 1)
                self._note(child.tail)
        else:
            self.text.append(markup(element, UNREAD))

    def _note(self, text: str | None) -> None:
        self.text.append(_escaped(text))

    def _ask(self, response: Element) -> None:
        self.responses += 1
        where = f"{self.item.where} ({self.responses})" if self.responses > 1 else self.item.where
        # A list of its own: an item that is dropped takes back what it lost before, and must not reach its neighbours'.
        item = Item(where, response.tag, [])
        prompt = read_prompt(item, "".join(self.text) + self._own(response), self.place)
        self.text.clear()
        asked = prompt.text or self._label(response) or (f"{self.said} ({self.responses})" if self.said else "")
        self.said = prompt.text or self.said
        question = Question(
            id=f"{self.block.name}-{self.responses}",
            kind="",
            prompt=asked or self.block.title,
            picture=prompt.picture,
            picture_alt=prompt.picture_alt,
            feedback=_solution(self.block.element, response),
        )
        for found in read_response(Asked(item, response, question)):
            whole = checked(item, found)
            if whole:
                self.questions.append(whole)
        self.item.findings.extend(item.findings)

    def _own(self, response: Element) -> str:
        """What a response asks, in its own words: edX's newer problems have it inside."""
        said = [_escaped(response.text)]
        for child in response:
            said += ["" if child.tag in UNREAD else f"<div>{markup(child, UNREAD)}</div>", _escaped(child.tail)]
        return "".join(said)

    def _label(self, response: Element) -> str:
        return next((each.get("label", "") for each in response.iter() if each.get("label")), "")


def _escaped(text: str | None) -> str:
    return html.escape(text or "", quote=False)


def read_problem(block: Block, place: Place, findings: list[Finding]) -> tuple[Question, ...]:
    """Its questions; whatever of it cannot be asked here stands in `findings`."""
    problem = _Problem(block, Item(block.where, "problem", findings), place)
    if _is_computed(block.element):
        problem.item.dropped("its numbers or texts are made by Python code of the course, which is never run.")
        return ()
    problem.walk(block.element)
    if not problem.responses:
        problem.item.dropped("it asks nothing: it has no response in it.")
    if next(block.element.iter("demandhint"), None) is not None:
        problem.item.degraded("its hints are left out.")
    return tuple(_ended(problem))


def _is_computed(element: Element) -> bool:
    """Whether a script's variables appear in what is asked or answered."""
    if next(element.iter("script"), None) is None:
        return False
    shown = (each for each in element.iter() if each.tag not in ("script", "style"))
    return any(VARIABLE.search(text) for each in shown for text in (each.text or "", *each.attrib.values()))


def _ended(problem: _Problem) -> Iterator[Question]:
    """The questions, with their share of the points and what was said after the last response."""
    questions = problem.questions
    after = read_prompt(problem.item, "".join(problem.text), problem.place).text if questions else ""
    points = _points(problem.item, problem.block, questions)
    for number, question in enumerate(questions, 1):
        prompt = f"{question.prompt}\n{after}" if after and number == len(questions) else question.prompt
        yield replace(question, prompt=prompt, points=points)


def _points(item: Item, block: Block, questions: Sequence[Question]) -> int:
    weight = block.settings.get("weight", "")
    if not questions or not re.fullmatch(r"\d{1,3}(\.\d{1,4})?", weight) or not Fraction(weight):
        return 1
    return whole_points(item, Fraction(weight) / len(questions))


def _solution(problem: Element, response: Element) -> str:
    """A response's own solution, else the whole problem's."""
    own = [said(each) for each in response.iter("solution")]
    shared = [said(each) for each in problem if each.tag == "solution"]
    return "\n".join(filter(None, own or shared))
