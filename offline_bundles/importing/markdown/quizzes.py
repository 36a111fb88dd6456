"""Quizzes beside Markdown: questions in marked Markdown, and collections in JSON, also in several languages."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from markdown_it import MarkdownIt

from offline_bundles.errors import BrokenPackage
from offline_bundles.importing.imported import Choice, Finding, Outcome, Question
from offline_bundles.importing.languages import tag_of
from offline_bundles.importing.markdown.marks import Marked, common, parts
from offline_bundles.importing.paths import joined
from offline_bundles.importing.ports import Package
from offline_bundles.importing.prompts import read_prompt, read_text
from offline_bundles.importing.questions import Item, checked

JSON_BYTES_MAX = 4 << 20  # 48 quizzes have 100 KB
JSON_FILES_MAX = 100  # looked into, of a folder that may hold a program as well
CHOICE = re.compile(r"^[ \t]*[-*+][ \t]*\(([ \txX]?)\)", re.MULTILINE)
TRUE = {"true": True, "false": False}


def read_marked_question(package: Package, name: str, text: str, findings: list[Finding]) -> Question | None:
    """A file with `--- question ---`; None, and a finding, when it asks nothing that can be judged."""
    item = Item(name, "question", findings)
    asked = next((part for part in parts(text) if isinstance(part, Marked) and part.name == "question"), None)
    if asked is None:
        item.dropped("it has no `--- question ---` in it.")
        return None
    if text.partition("--- question ---")[0].strip():
        item.degraded("what stands before the question is left out.")
    inner = parts(asked.body)
    choices = next((part.body for part in inner if isinstance(part, Marked) and part.name == "choices"), "")
    before = "".join(_again(part) for part in inner if not (isinstance(part, Marked) and part.name == "choices"))
    folder = name.rpartition("/")[0]

    def place(address: str) -> str | None:
        """Beside the question, or beside the pages that it belongs to."""
        found = (joined(base, address) for base in (folder, folder.rpartition("/")[0]))
        return next((each for each in found if each and package.has(each)), None)

    prompt = read_prompt(item, rendered(before), place)
    read = tuple(_choices(item, choices))
    kind = "single_choice" if sum(choice.correct for choice in read) == 1 else "multiple_choice"
    stem = name.rpartition("/")[2].removesuffix(".md")
    return checked(
        item, Question(stem, kind, prompt.text, choices=read, **_picture(prompt.picture, prompt.picture_alt))
    )


def _picture(place: str, alt: str) -> dict[str, Any]:
    return {"picture": place, "picture_alt": alt} if place else {}


def _again(part: str | Marked) -> str:
    """A part as it was written, for `common` to read."""
    return part if isinstance(part, str) else f"\n--- {part.name} ---\n{part.body}\n--- /{part.name} ---\n"


def _choices(item: Item, text: str) -> Iterator[Choice]:
    starts = list(CHOICE.finditer(text))
    ends = [*(start.start() for start in starts), len(text)][1:]
    for start, end in zip(starts, ends, strict=True):
        inner = parts(text[start.end() : end])
        said = "".join(part.body for part in inner if isinstance(part, Marked) and part.name == "feedback")
        own = "".join(_again(part) for part in inner if not (isinstance(part, Marked) and part.name == "feedback"))
        right = start[1].lower() == "x"
        yield Choice(read_text(item, rendered(own)), right, read_text(item, rendered(said)))


def rendered(text: str) -> str:
    return str(MarkdownIt("commonmark").render(common(text)))


@dataclass(frozen=True, slots=True)
class Collected:
    """A quiz of a collection. `number`: the id under which pages link to it."""

    number: str
    title: str
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Collection:
    language: str
    title: str
    quizzes: Mapping[str, Collected]


def collections(package: Package, findings: list[Finding]) -> list[Collection]:
    """Every JSON file that holds quizzes, by the language that its name says."""
    names = [name for name in package.names() if name.endswith(".json") and package.size(name) <= JSON_BYTES_MAX]
    return [found for name in names[:JSON_FILES_MAX] if (found := _collection(package, name, findings))]


def _collection(package: Package, name: str, findings: list[Finding]) -> Collection | None:
    try:
        raw = package.read(name, JSON_BYTES_MAX)
        content = json.loads(raw.decode("utf-8-sig")) if b'"quizzes"' in raw else None
    except (BrokenPackage, ValueError, RecursionError):
        findings.append(Finding(Outcome.BROKEN, name, "quizzes", "it is no JSON that can be read."))
        return None
    whole = content[0] if isinstance(content, list) and content else content
    listed = _mappings(whole.get("quizzes")) if isinstance(whole, dict) else []
    if not isinstance(whole, dict) or not listed:
        return None
    quizzes = [_collected(name, quiz, findings) for quiz in listed]
    language = tag_of(name.rpartition("/")[2].removesuffix(".json"))
    return Collection(language, _text(whole, "title"), {quiz.number: quiz for quiz in quizzes})


def _collected(file: str, quiz: Mapping[str, Any], findings: list[Finding]) -> Collected:
    number, title = str(quiz.get("id", "")), _text(quiz, "title")
    questions = [
        question
        for index, entry in enumerate(_mappings(quiz.get("quiz")), 1)
        if (question := _question(Item(f"{file} › {title} › {index}", "question", findings), str(index), entry))
    ]
    return Collected(number, title, tuple(questions))


def _question(item: Item, name: str, entry: Mapping[str, Any]) -> Question | None:
    choices = tuple(_option(item, option) for option in _mappings(entry.get("answerOptions")))
    kind = "single_choice" if sum(choice.correct for choice in choices) == 1 else "multiple_choice"
    return checked(item, Question(f"q{name}", kind, _text(entry, "questionText"), choices=choices))


def _option(item: Item, option: Mapping[str, Any]) -> Choice:
    written = option.get("isCorrect")
    right = written if isinstance(written, bool) else TRUE.get(str(written).strip().lower())
    if right is None:
        item.degraded(f"whether an answer is right is written as “{str(written)[:20]}”: it counts as wrong.")
    return Choice(_text(option, "answerText"), bool(right))


def _text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    return value.strip() if isinstance(value, str) else ""


def _mappings(value: Any) -> Sequence[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def translated(question: Question, language: str, other: Question | None, item: Item) -> Question:
    """The question with its translation, when both ask the same: as many choices, and the same of them right."""
    if other is None:
        return question
    if [each.correct for each in question.choices] != [each.correct for each in other.choices]:
        item.dropped(f"in {language} other answers are right than in the original, so it stays in one language.")
        return question
    if _texts(question) == _texts(other):
        item.degraded(f"in {language} it was never translated.")
        return question
    return replace(question, translations={**question.translations, language: other})


def _texts(question: Question) -> tuple[str, ...]:
    return (question.prompt, *(choice.text for choice in question.choices))
