"""How an imported course's YAML is written: as a person would, so that a trainer can go on in it."""

import re
from typing import Any

import yaml

from offline_bundles.course.fields import TEXT_CHARACTERS_MAX

UNWRITABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]"
)  # no text, and no database takes it
LINE_WIDTH = 110


class _Dumper(yaml.SafeDumper):
    """Texts of several lines as blocks, no aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def dumped(values: Any) -> str:
    return str(yaml.dump(values, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=LINE_WIDTH))


def tidy(text: str) -> str:
    """A text as a course may hold it: no control characters, nothing before or after it."""
    return UNWRITABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def headline(text: str, otherwise: str) -> str:
    """A title: on one line, never empty."""
    return " ".join(tidy(text).split())[:TEXT_CHARACTERS_MAX] or otherwise
