"""The pages keep step with the program: each command exists, with its options; each link leads somewhere."""

import json
import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from server.cli.listing import NAMES, command_line
from server.settings import Settings
from tests.test_layout import ROOMS, modules

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCE = re.compile(r"^```(?:sh)?\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`tiffin ([a-z][^`]+)`")
OPTION = re.compile(r"`(--[a-z][a-z-]+)")
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
FILE = re.compile(rf"`((?:{'|'.join((*ROOMS, 'pwa', 'tests', 'deploy', 'samples', 'benchmarks'))})/[\w./-]*)`")
ASKED = re.compile(r"(GET|POST) (/v1/[\w/{}<>…]+)")
STANDS_FOR_ANY = re.compile(r"<[^>]*>|\{[^}]*\}|…|\b[A-Z]+\b")  # in an address
SAID = re.compile(r"\btiffin ([a-z]+)((?: [a-z]+)?)")  # by the program, of itself


@cache
def whole() -> Any:
    """The command line with every command loaded."""
    return get_command(command_line(called=NAMES))


def in_fences(page: str) -> Iterator[str]:
    for line in "\n".join(FENCE.findall(page)).splitlines():
        if (command := line.removeprefix(".venv/bin/")).startswith("tiffin "):
            yield command.removeprefix("tiffin ")


def named(words: list[str]) -> tuple[Any, list[str]]:
    """The command that they call, and the words that are left for it."""
    command = whole()
    while isinstance(command, TyperGroup) and words:
        assert words[0] in command.commands, f"there is no {words[0]}"
        command, words = command.commands[words[0]], words[1:]
    return command, words


def options_of(command: Any) -> set[str]:
    return {"--help", *(name for each in command.params for name in each.opts + each.secondary_opts)}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_shows_commands_as_they_are(page: Path) -> None:
    text = page.read_text("utf-8")
    for line in in_fences(text):
        command, words = named(shlex.split(line, comments=True))
        command.make_context(None, words)  # refuses what the command would refuse, and runs nothing


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_sentence_names_commands_and_options_that_there_are(page: Path) -> None:
    text = page.read_text("utf-8")
    known: set[str] = set()
    for line in [*in_fences(text), *INLINE.findall(text)]:
        command, words = named(shlex.split(line, comments=True))
        known |= options_of(command)
        assert {word for word in words if word.startswith("--")} <= options_of(command), line
    if page.parent == ROOT / "docs":
        assert set(OPTION.findall(text)) <= known


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_link_leads_to_a_file_that_is_there(page: Path) -> None:
    assert [to for to in LINK.findall(page.read_text("utf-8")) if not (page.parent / to).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_file_or_an_address_that_a_page_names_is_there(page: Path) -> None:
    text = page.read_text("utf-8")
    asked = {(verb.lower(), STANDS_FOR_ANY.sub("*", path)) for verb, path in ASKED.findall(text)}
    assert [name for name in FILE.findall(text) if not (ROOT / name).exists()] == []
    assert asked <= addresses()


@cache
def addresses() -> set[tuple[str, str]]:
    paths = json.loads((ROOT / "pwa" / "src" / "api" / "openapi.json").read_text("utf-8"))["paths"]
    return {(verb, STANDS_FOR_ANY.sub("*", path)) for path, asked in paths.items() for verb in asked}


def test_every_setting_stands_in_the_table() -> None:
    table = (ROOT / "docs" / "deploy.md").read_text("utf-8")
    assert [name for name in Settings.model_fields if f"`TIFFIN_{name.upper()}`" not in table] == []


@pytest.mark.parametrize("room", ROOMS)
def test_the_program_tells_of_commands_that_it_has(room: str) -> None:
    for module in modules(room):
        for name, part in SAID.findall(module.read_text("utf-8")):
            assert name in NAMES, module
            if part and isinstance(named([name])[0], TyperGroup):
                named([name, part.strip()])
