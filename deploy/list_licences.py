"""Prints the licences of what Tiffin ships or needs to run, as Markdown, read from the packages themselves."""

import json
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
SHIPPED_TO_PHONES = ("preact", "idb", "@noble/ed25519")
HEAD = """# Licences of what Tiffin stands on

Tiffin itself is Apache-2.0 (see LICENSE). Made by `make licences` from what the packages say of themselves.

## On the server

The package `imageio-ffmpeg` carries an ffmpeg program under the GPL; Tiffin runs it as a program of its own.
"""


EXTRAS = {"uvicorn": "standard", "psycopg": "binary"}  # installed with an extra, see pyproject.toml


def closure(root: str) -> set[str]:
    """Every distribution that `root` needs to run here, extras left out but for those it asks for."""
    found: set[str] = set()
    waiting = [root]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        waiting += _needed(name)
    return found - {root}


def _needed(name: str) -> Iterator[str]:
    environment = {"extra": EXTRAS.get(name, "")}
    for line in metadata.requires(name) or []:
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate(environment):
            yield canonicalize_name(requirement.name)


def licence(name: str) -> str:
    about = metadata.metadata(name)
    classifiers = [c.rpartition(" :: ")[2] for c in about.get_all("Classifier", []) if c.startswith("License ::")]
    stated = about.get("License-Expression") or ", ".join(classifiers) or about.get("License") or "not stated"
    return stated.splitlines()[0][:80]


def server_rows() -> Iterator[str]:
    for name in sorted(closure("tiffin")):
        yield f"| {name} | {metadata.version(name)} | {licence(name)} |"


def phone_rows() -> Iterator[str]:
    for name in SHIPPED_TO_PHONES:
        about = json.loads((ROOT / "pwa" / "node_modules" / name / "package.json").read_text(encoding="utf-8"))
        yield f"| {name} | {about['version']} | {about['license']} |"


def main() -> None:
    table = "| package | version | licence |\n|---|---|---|"
    print(HEAD)
    print(table, *server_rows(), sep="\n")
    print("\n## On the phone\n")
    print(table, *phone_rows(), sep="\n")


if __name__ == "__main__":
    main()
