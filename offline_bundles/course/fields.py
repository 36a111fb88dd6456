"""Takes what YAML gave apart, member by member, and gathers every problem with its place and what to do."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from offline_bundles.errors import Problem
from offline_bundles.forms import NAME

FILE_BYTES_MAX = 1 << 20  # a course of a thousand activities has some 300 KB of YAML
ALIASES_MAX = 100  # YAML's aliases can grow without bound ("billion laughs")
TEXT_CHARACTERS_MAX = 8_000
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


@dataclass(frozen=True)
class Fields:
    """One mapping of a file, at a place; what is wrong goes to `problems`, and reading goes on."""

    folder: Path
    where: str
    values: Mapping[str, Any]
    languages: tuple[str, ...] = ()
    problems: list[Problem] = field(default_factory=list)

    def complain(self, what: str, name: str = "") -> None:
        self.problems.append(Problem(f"{self.where}.{name}" if name else self.where, what))

    def only(self, *names: str) -> None:
        """Complains of members that nothing reads: they are misspelt more often than not."""
        for name in self.values:
            if name not in names:
                self.complain(f"is not known here; known are {', '.join(names)}", str(name))

    def speaking(self, languages: tuple[str, ...]) -> "Fields":
        return replace(self, languages=languages)

    def name(self, name: str = "id") -> str:
        value = self.values.get(name)
        if isinstance(value, str) and NAME.fullmatch(value):
            return value
        self.complain("is needed: small letters, digits and dashes, at most 48 of them", name)
        return ""

    def plain(self, name: str, default: str = "") -> str:
        value = self.values.get(name, default)
        if isinstance(value, str) and len(value) <= TEXT_CHARACTERS_MAX:
            return value
        self.complain("is a text", name)
        return default

    def choice(self, name: str, options: Sequence[str], default: str | None = None) -> str:
        value = self.values.get(name, default)
        if value in options:
            return str(value)
        self.complain(f"is one of {', '.join(options)}", name)
        return options[0]

    def whole(self, name: str, least: int, most: int, default: int | None = None) -> int | None:
        value = self.values.get(name, default)
        if value is None or (type(value) is int and least <= value <= most):
            return value
        self.complain(f"is a whole number from {least} to {most}", name)
        return default

    def day(self, name: str) -> str:
        """A date, which YAML may have read as one already; empty when it is left out."""
        value = self.values.get(name, "")
        try:
            return str(date.fromisoformat(str(value))) if value else ""
        except ValueError:
            self.complain("is a day such as 2027-06-30", name)
            return ""

    def text(self, name: str, *, needed: bool = True) -> dict[str, str]:
        """A text by language; a plain one stands for the first language."""
        value = self.values.get(name)
        if value is None:
            if needed:
                self.complain("is needed: a text, or one for each language", name)
            return {}
        by_language = {self.languages[0] if self.languages else "en": value} if isinstance(value, str) else value
        if not _is_text(by_language) or not by_language:
            self.complain("is a text, or a text for each language such as {en: Water, ar: ماء}", name)
            return {}
        self._check_languages(by_language, name)
        return dict(by_language)

    def _check_languages(self, by_language: Mapping[str, Any], name: str) -> None:
        for language in by_language:
            if self.languages and language not in self.languages:
                self.complain(f"has a text in {language}, which is not among the course's languages", name)

    def strings(self, name: str) -> list[str]:
        value = self.values.get(name)
        if isinstance(value, list) and value and all(isinstance(one, str) and one for one in value):
            return value
        self.complain("is a list of texts with at least one in it", name)
        return []

    def children(self, name: str) -> list["Fields"]:
        value = self.values.get(name)
        if not isinstance(value, list) or not value:
            self.complain("is a list with at least one entry", name)
            return []
        places = [(f"{self.where}.{name}[{index}]", one) for index, one in enumerate(value, 1)]
        for place, one in places:
            if not isinstance(one, dict):
                self.problems.append(Problem(place, "is a mapping such as {id: …, title: …}"))
        return [replace(self, where=place, values=one) for place, one in places if isinstance(one, dict)]

    def files(self, name: str, *, needed: bool = True, spoken: bool = True) -> dict[str, Path]:
        """Files of the course by language; a plain path stands for the first. `spoken`: only the course's languages."""
        value = self.values.get(name)
        if value is None and not needed:
            return {}
        by_language = {self.languages[0] if self.languages else "en": value} if isinstance(value, str) else value
        if not _is_text(by_language) or not by_language:
            self.complain("is a path inside the course folder, or one for each language", name)
            return {}
        if spoken:
            self._check_languages(by_language, name)
        found = {language: self.inside(path, name) for language, path in by_language.items()}
        return {language: path for language, path in found.items() if path}

    def inside(self, path: str, name: str) -> Path | None:
        """A file of the course folder; never one outside it."""
        folder = self.folder.resolve()
        found = (folder / path).resolve()
        if not found.is_relative_to(folder):
            self.complain(f"{path} leads out of the course folder. Put the file inside.", name)
        elif not found.is_file():
            self.complain(f"{path} is not there. Put the file in place, or mend the path.", name)
        else:
            return found
        return None


def _is_text(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(language, str)
        and LANGUAGE.fullmatch(language)
        and isinstance(text, str)
        and 0 < len(text) <= TEXT_CHARACTERS_MAX
        for language, text in value.items()
    )


class _BoundedLoader(yaml.SafeLoader):
    """Counts aliases themselves: a text may hold as many asterisks as it likes."""

    aliases = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            self.aliases += 1
            if self.aliases > ALIASES_MAX:
                raise yaml.MarkedYAMLError(problem=f"more than {ALIASES_MAX} aliases")
        return super().compose_node(parent, index)


def read_yaml(path: Path, folder: Path, problems: list[Problem]) -> Mapping[str, Any]:
    """A YAML file that holds one mapping; else nothing, and a problem that says where the file is wrong."""
    where = str(path.relative_to(folder)) if path.is_relative_to(folder) else path.name
    try:
        raw = path.read_bytes()
        if len(raw) > FILE_BYTES_MAX:
            problems.append(Problem(where, f"is larger than {FILE_BYTES_MAX >> 10} KB"))
            return {}
        value = yaml.load(raw.decode("utf-8-sig"), _BoundedLoader)  # noqa: S506 (a SafeLoader)
    except FileNotFoundError:
        problems.append(Problem(where, "is not there. A course folder needs it; see docs/pack.md."))
    except UnicodeDecodeError:
        problems.append(Problem(where, "is not UTF-8. Save it as UTF-8."))
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f" at line {mark.line + 1}" if mark else ""
        problems.append(Problem(where, f"is no YAML{line}: {getattr(error, 'problem', None) or 'it cannot be read'}"))
    else:
        if isinstance(value, dict):
            return value
        problems.append(Problem(where, "holds no mapping. It starts with lines such as `id: …`."))
    return {}
