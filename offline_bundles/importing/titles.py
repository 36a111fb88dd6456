"""Titles and order out of the names that people give to files and folders."""

import posixpath
import re

from offline_bundles.errors import BrokenPackage
from offline_bundles.importing.ports import Package

NUMBER = re.compile(r"(\d+)")
DIGITS_MAX = 18  # of a number in a name; a longer one is no order
ORDERING = re.compile(r"^\d+[-_. ]+")
LICENCES = ("LICENSE", "LICENCE", "LICENSE.md", "LICENCE.md", "LICENSE.txt", "COPYING")
LICENCE_BYTES_MAX = 1 << 20
LICENCE_CHARACTERS = 120


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """A key to sort by in which `lesson-10` comes after `lesson-9`."""
    parts = (part for part in NUMBER.split(text) if part)
    return tuple((0, int(part[:DIGITS_MAX]), "") if part.isdecimal() else (1, 0, part) for part in parts)


def spoken(path: str) -> str:
    """`lessons/02_clean-water` as “Clean water”."""
    name = posixpath.basename(path)
    return re.sub(r"[-_]+", " ", ORDERING.sub("", name)).strip().capitalize() or name


def licence(package: Package) -> str:
    """The first line of its licence file, or ""."""
    name = next((each for each in LICENCES if package.has(each)), "")
    try:
        text = package.read(name, LICENCE_BYTES_MAX).decode("utf-8", "replace") if name else ""
    except BrokenPackage:
        return ""
    lines = (line.strip("# *\t") for line in text.splitlines())
    return next((line[:LICENCE_CHARACTERS] for line in lines if line), "")
