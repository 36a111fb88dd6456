"""GIFT text apart into questions and their answers, before anyone asks what they mean. Pure.

Follows Moodle's documentation of the format (docs.moodle.org, "GIFT format"): `//` comments, `$CATEGORY:` lines,
`::title::`, `[format]`, `{answers}`, and a backslash before ~ = # { } : and itself. An escaped character becomes one
private-use character here, so that what is left of the control characters means something; `plain` gives it back.

Where authors stray from it, we follow them: an unclosed brace ends at the next title, and a formula in dollar signs
may hold control characters that nobody escaped.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

ESCAPED = {"~": "\uf0e0", "=": "\uf0e1", "#": "\uf0e2", "{": "\uf0e3", "}": "\uf0e4", ":": "\uf0e5", "\\": "\uf0e6"}
NEW_LINE = "\uf0e7"
RESTORED = {ord(stand_in): character for character, stand_in in ESCAPED.items()} | {ord(NEW_LINE): "\n"}
ESCAPE = re.compile(r"\\([~=#{}:\\n])")
# As in other readers of dollar formulas: none starts or ends with a space, nor ends before a digit ("$5 and $6").
FORMULA = re.compile(r"(\$\$?)(?=\S)((?:\\.|[^$\\\n~]){1,2000}?)(?<=\S)\1(?!\d)")
UNESCAPED_CONTROL = re.compile(r"(?:^|[^\\])(?:\\\\)*(?:[{}=#]|\\n[a-z])")
CATEGORY = "$CATEGORY:"
TITLE = re.compile(r"\s*::(.*?)::", re.DOTALL)
SIGN = re.compile(r"([=~])")
BRACE = re.compile(r"[{}]")
WEIGHT = re.compile(r"\s*%\s*(-?\d{1,3}(?:\.\d{1,9})?)\s*%")
FORMAT = re.compile(r"\s*\[(html|moodle|plain|markdown)\]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Marked:
    """A text and the format that it names, if any. Escapes are given back."""

    text: str
    form: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """`sign`: "=", "~" or "" for a lone answer. `weight`: in percent, as written, "" for none."""

    sign: str
    weight: str
    text: Marked
    remarks: tuple[Marked, ...] = ()

    @property
    def feedback(self) -> Marked:
        """All remarks as one; only a true-false answer has two that differ."""
        return Marked("#".join(remark.text for remark in self.remarks), self.remarks[0].form if self.remarks else "")


@dataclass(frozen=True, slots=True)
class Block:
    """One question as it stands: its number's line in the file, its category's path, and the parts of its text.

    `answers` is None where no braces follow: a description. `unclosed`: its braces never end.
    """

    line: int
    category: str
    title: str
    before: Marked
    after: str = ""
    answers: str | None = None
    unclosed: bool = False


def plain(text: str) -> str:
    return text.translate(RESTORED)


def protected(text: str) -> str:
    """The text with every escaped character replaced by its stand-in."""
    return ESCAPE.sub(_stand_in, FORMULA.sub(_whole_formula, text))


def _stand_in(match: re.Match[str]) -> str:
    return NEW_LINE if match[1] == "n" else ESCAPED[match[1]]


def _whole_formula(match: re.Match[str]) -> str:
    """A formula whose author escaped nothing, kept as it is; else what it was, to be unescaped like all text."""
    body = match[2]
    if not UNESCAPED_CONTROL.search(body) or body.count("{") != body.count("}"):
        return match[0]
    return "".join(ESCAPED.get(character, character) for character in match[0])


@dataclass(slots=True)
class _Paragraph:
    """Lines that belong together: up to an empty one outside braces."""

    line: int
    category: str
    lines: list[str] = field(default_factory=list)
    depth: int = 0

    def add(self, line: str) -> None:
        self.lines.append(line)
        self.depth = max(0, self.depth + line.count("{") - line.count("}"))

    @property
    def has_answers(self) -> bool:
        return any("{" in line for line in self.lines)

    def ends_before(self, line: str) -> bool:
        """An empty line ends it; so does another question, where the line between them was forgotten."""
        if not self.depth:
            is_next = line.startswith("::") or "{" in line
            return not line.strip() or line.lstrip().startswith(CATEGORY) or (is_next and self.has_answers)
        return line.startswith("::") and not self.lines[-1].strip()


def blocks(text: str) -> Iterator[Block]:
    """Every question and description of a file, in its order."""
    return (_block(paragraph) for paragraph in _paragraphs(text))


def _paragraphs(text: str) -> Iterator[_Paragraph]:
    paragraph = _Paragraph(0, "")
    for number, line in enumerate(protected(text.translate(dict.fromkeys(RESTORED))).split("\n"), 1):
        if line.lstrip().startswith("//"):
            continue
        if paragraph.lines and paragraph.ends_before(line):
            yield paragraph
            paragraph = _Paragraph(0, paragraph.category)
        if not paragraph.lines and line.lstrip().startswith(CATEGORY):
            paragraph.category = plain(line.lstrip().removeprefix(CATEGORY)).strip()
        elif paragraph.lines or line.strip():
            paragraph.line = paragraph.line or number
            paragraph.add(line)
    if paragraph.lines:
        yield paragraph


def _block(paragraph: _Paragraph) -> Block:
    text = "\n".join(paragraph.lines)
    titled = TITLE.match(text)
    title, rest = (plain(titled[1]).strip(), text[titled.end() :]) if titled else ("", text)
    before, opened, inner = rest.partition("{")
    found = Block(paragraph.line, paragraph.category, title, marked(before))
    if not opened:
        return found
    end = _closing(inner)
    if end is None:
        return replace(found, answers=inner, unclosed=True)
    return replace(found, answers=inner[:end], after=plain(inner[end + 1 :]).strip())


def _closing(inner: str) -> int | None:
    """Where the brace closes that stands just before this text."""
    depth = 1
    for brace in BRACE.finditer(inner):
        depth += 1 if brace[0] == "{" else -1
        if not depth:
            return brace.start()
    return None


def marked(text: str) -> Marked:
    named = FORMAT.match(text)
    form, body = (named[1].lower(), text[named.end() :]) if named else ("", text)
    return Marked(plain(body).strip(), form)


def general_feedback(answers: str) -> tuple[str, Marked]:
    """The answers without, and the text of, the feedback that stands after four hashes."""
    before, _, after = answers.partition("####")
    return before, marked(after)


def answers_of(answers: str) -> tuple[Answer, ...]:
    """What stands between two signs is one answer; what stands before the first is none, unless it is alone."""
    parts = SIGN.split(answers)
    if len(parts) == 1:
        return (_answer("", answers),) if answers.strip() else ()
    return tuple(_answer(sign, text) for sign, text in zip(parts[1::2], parts[2::2], strict=True))


def _answer(sign: str, text: str) -> Answer:
    weighted = WEIGHT.match(text)
    weight, rest = (weighted[1], text[weighted.end() :]) if weighted else ("", text)
    said, *remarks = rest.split("#")
    return Answer(sign, weight, marked(said), tuple(marked(remark) for remark in remarks))
