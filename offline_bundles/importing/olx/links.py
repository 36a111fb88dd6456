"""Addresses as Studio writes them - `/static/…`, `/jump_to_id/…` - as names in the package and ids of activities."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote, unquote

from offline_bundles.importing.ports import Package

ATTRIBUTE = re.compile(r"""\b(href|src|data|poster)(\s*=\s*)(?:"([^"]*)"|'([^']*)')""")
STATIC = re.compile(r"(?:/?static/|/asset-v1:[^@/]*@asset\+block@|/c4x/[^/]+/[^/]+/asset/)([^?#]+)")
JUMP = re.compile(r"/jump_to(?:_id)?/(?:[^\"?#]*[@/])?([\w.:-]+)/?(?:[?#].*)?$")
COURSEWARE = re.compile(r"/courses/[^/]+/courseware/(?:[\w-]+/)*?([\w-]{8,})(?:/\d*)*(?:[?#].*)?$")
UNSAFE = re.compile(r"[^\w.-]")


@dataclass(frozen=True)
class Addresses:
    """`goals`: activity ids by block name."""

    package: Package
    root: str

    @cached_property
    def _stored(self) -> Mapping[str, str]:
        """Files of `static/` by the name that Studio gives them in addresses, where some signs became `_`."""
        start = f"{self.root}static/"
        files = [name for name in self.package.names() if name.startswith(start)]
        return {UNSAFE.sub("_", name.removeprefix(start)): name for name in files}

    def place(self, address: str) -> str | None:
        """The package's file behind an address, or None when it has none."""
        found = STATIC.match(address)
        if not found:
            return None
        name = unquote(found[1])
        exact = f"{self.root}static/{name}"
        return exact if self.package.has(exact) else self._stored.get(UNSAFE.sub("_", name))

    def rewritten(self, body: str, goals: Mapping[str, str]) -> str:
        """HTML whose addresses are places in the package, or `activity:` and an id."""

        def mended(found: re.Match[str]) -> str:
            address = (found[3] if found[3] is not None else found[4]).replace("&amp;", "&").strip()
            return f'{found[1]}{found[2]}"{self._mended(address, goals)}"'

        return ATTRIBUTE.sub(mended, body)

    def _mended(self, address: str, goals: Mapping[str, str]) -> str:
        static = STATIC.match(address)
        if static:
            return "/" + quote(self.place(address) or f"{self.root}static/{unquote(static[1])}")
        jump = JUMP.search(address) or COURSEWARE.match(address)
        if jump:
            return f"activity:{goals.get(jump[1], jump[1])}"
        if address.startswith("/courses/"):
            return "activity:a page of the platform"
        return address.replace('"', "%22")
