"""Marks beyond CommonMark that curricula use, turned into CommonMark: `--- task ---`, `--- code ---`, `{:class="…"}`.

Source: the Raspberry Pi Foundation's projects, as they are written; kramdown's attribute lists.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

FRONT = re.compile(r"\A---[ \t]*\n(.*?)\n---[ \t]*\n", re.DOTALL)
COMMENT = re.compile(r"\A\s*<!--.*?-->\s*", re.DOTALL)
MARK = re.compile(r"^[ \t]*---[ \t]+(/?)([a-z-]+)[ \t]+---[ \t]*$", re.MULTILINE)
HEADER = re.compile(r"\A\s*---[ \t]*\n(.*?)\n[ \t]*---[ \t]*(?:\n|\Z)", re.DOTALL)
ATTRIBUTES = re.compile(r"\{:[^{}\n]*\}")
HEADING = re.compile(r"\A\s*#{1,2}[ \t]+(.+?)[ \t]*#*[ \t]*(?:\n|\Z)")
HEADER_CHARACTERS_MAX = 20_000  # the longest real one has some 1,500
DEPTH_MAX = 20
# What is on the page only for a browser; what stands in its place on paper is what a phone can show.
NOT_OFFLINE = {"no-print"}


@dataclass(frozen=True, slots=True)
class Marked:
    """A stretch between `--- name ---` and `--- /name ---`: its settings and what is in it."""

    name: str
    settings: Mapping[str, Any]
    body: str


def read_front(text: str) -> tuple[Mapping[str, Any], str]:
    """What stands in YAML at a file's start, and the text after it."""
    text = COMMENT.sub("", text.replace("\r\n", "\n"))
    front = FRONT.match(text)
    return (read_settings(front[1]), text[front.end() :]) if front else ({}, text)


def read_settings(written: str) -> Mapping[str, Any]:
    """A YAML mapping; nothing when it is none, or has aliases, which could grow without bound."""
    if len(written) > HEADER_CHARACTERS_MAX or re.search(r"(?:^|[\s\[{,:-])\*\w", written):
        return {}
    try:
        values = yaml.safe_load(written)
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}
    return values if isinstance(values, dict) else {}


def heading_and_rest(text: str) -> tuple[str, str]:
    """A page's own title, and the page without it."""
    found = HEADING.match(text)
    return (found[1].strip(), text[found.end() :]) if found else ("", text)


def parts(text: str) -> list[str | Marked]:
    """A text cut at its outermost marks. A mark that is never closed ends with the text."""
    found: list[str | Marked] = []
    at = 0
    while opening := MARK.search(text, at):
        found.append(text[at : opening.start()])
        body, at = _until_closed(text, opening)
        if not opening[1]:
            header = HEADER.match(body)
            settings = read_settings(header[1]) if header else {}
            found.append(Marked(opening[2], settings, body[header.end() :] if header else body))
    return [*found, text[at:]]


def _until_closed(text: str, opening: re.Match[str]) -> tuple[str, int]:
    if opening[1] or opening[2] == "save":  # a stray end, and a mark that has none
        return "", opening.end()
    depth = 1
    for mark in MARK.finditer(text, opening.end()):
        if mark[2] == opening[2]:
            depth += -1 if mark[1] else 1
        if not depth:
            return text[opening.end() : mark.start()], mark.end()
    return text[opening.end() :], len(text)


def common(text: str, depth: int = 0) -> str:
    """The text as CommonMark."""
    if depth > DEPTH_MAX:
        return ""
    pieces = (part if isinstance(part, str) else _common_part(part, depth) for part in parts(text))
    return ATTRIBUTES.sub("", "".join(pieces))


def _common_part(part: Marked, depth: int) -> str:
    if part.name in NOT_OFFLINE:
        return ""
    if part.name == "code":
        language = str(part.settings.get("language", ""))
        fence = "```" if "```" not in part.body else "~~~~"
        return f"\n{fence}{language}\n{part.body.strip(chr(10))}\n{fence}\n"
    inner = common(part.body, depth + 1)
    if part.name == "collapse":
        title = " ".join(str(part.settings.get("title", "…")).split()).replace("<", "&lt;")
        return f"\n<details>\n<summary>{title}</summary>\n\n{inner}\n\n</details>\n"
    return inner
