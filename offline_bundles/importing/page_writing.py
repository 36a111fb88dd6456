"""A page of another system as a clean fragment of HTML: its pictures beside it, its links to where their goals went.

What a page embeds is none of these. A file becomes an activity of its own after the page; what lies on the network
becomes a link at the page's end.
"""

import html
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from markdown_it import MarkdownIt

from offline_bundles.course.pages import PAGE_BYTES_MAX
from offline_bundles.importing.html import Link, cleaned, links, plain_text, refusal
from offline_bundles.importing.imported import Outcome, Page
from offline_bundles.importing.mathml import without_mathml
from offline_bundles.importing.paths import is_remote
from offline_bundles.importing.questions import shortened
from offline_bundles.importing.shelf import Shelf

ACTIVITY_SCHEME = "activity:"
EMBEDDING = {"video", "audio", "source", "iframe", "embed", "object"}
SEEN_SCHEMES = {"activity", "data", "file"}
OUTSIDE = ("https://", "http://", "mailto:", "tel:")
RUNS = re.compile(r"<(script|form|button|canvas|applet)\b", re.IGNORECASE)


@dataclass
class PageWriter:
    """`targets`: addresses in the course (`#/course/…`) by the file or the `activity:` link that leads there.

    `attach`: makes an activity of a file that nothing else carries, and gives its address.
    """

    page: Page
    shelf: Shelf
    targets: Mapping[str, str]
    where: str
    attach: Callable[[str], str]

    def write(self) -> str:
        """The fragment, or "" and a finding when nothing on the page can be read without a network."""
        rough = markup(self.page)
        if why := refusal(rough):
            self._find(Outcome.DROPPED, "page", f"{why}.")
            return ""
        self._tell_of_what_runs(rough)
        outer = self._embedded(links(rough))
        body = cleaned(rough, self._attribute, schemes=SEEN_SCHEMES) + outer
        if len(body.encode()) > PAGE_BYTES_MAX:
            self._find(Outcome.DROPPED, "page", f"it has more than {PAGE_BYTES_MAX >> 20} MB. Cut it into several.")
            return ""
        if not plain_text(body) and "<img" not in body:
            self._find(Outcome.DROPPED, "page", "nothing on it can be read or seen without a network.")
            return ""
        return body

    def _find(self, outcome: Outcome, kind: str, why: str, about: str = "") -> None:
        self.shelf.find(outcome, self.where, kind, why, about)

    def _tell_of_what_runs(self, rough: str) -> None:
        tags = ", ".join(f"<{tag}>" for tag in sorted({found.lower() for found in RUNS.findall(rough)}))
        if tags:
            self._find(Outcome.DEGRADED, "script", f"what its {tags} does is left out: no code of a course runs here.")

    def _embedded(self, found: Sequence[Link]) -> str:
        outer = dict.fromkeys(self._embed(link) for link in found if link.tag in EMBEDDING and link.value.strip())
        return "".join(f'<p><a href="{html.escape(url)}">{html.escape(url)}</a></p>' for url in outer if url)

    def _embed(self, link: Link) -> str:
        """An embedded thing's address on the network, or "" when it is a file, which is then attached."""
        address = link.value.strip()
        if address.startswith("//"):
            address = f"https:{address}"
        if address.startswith(OUTSIDE):
            shown = shortened(address)
            why = f"what it embeds is on the network, {shown}: a link to it is at the end."
            self._find(Outcome.DEGRADED, link.tag, why, shown)
            return address
        if not is_remote(address) and self._goal(link.tag, address):
            shown = shortened(address)
            self._find(Outcome.DEGRADED, link.tag, f"what it embeds, {shown}, stands after the page.", shown)
        return ""

    def _attribute(self, tag: str, attribute: str, value: str) -> str | None:
        if (tag, attribute) == ("img", "src"):
            return self._picture(value)
        if (tag, attribute) == ("a", "href"):
            return self._link(value.strip())
        return value

    def _picture(self, address: str) -> str | None:
        if address.startswith("data:"):
            path = self.shelf.put_inline(self.where, address)
            return f"../{path}" if path else None
        shown = shortened(address)
        if is_remote(address):
            why = f"a picture is on the network, {shown}: it is left out."
            self._find(Outcome.DEGRADED, "picture", why, shown)
            return None
        source = self.shelf.lookup(self.page.base, address)
        if not source:
            self._find(Outcome.BROKEN, "picture", f"the picture {shown} is not in the package.", shown)
            return None
        path = self.shelf.put_picture(self.where, source)
        return f"../{path}" if path else None

    def _link(self, address: str) -> str | None:
        """An anchor within the page leads nowhere here, and loses nothing but a jump."""
        if address.startswith("//"):
            address = f"https:{address}"
        if address.startswith(OUTSIDE):
            return address
        if address.startswith(ACTIVITY_SCHEME):
            return self._activity(address)
        if not address or address.startswith("#") or is_remote(address):
            return None
        return self._goal("link", address)

    def _activity(self, address: str) -> str | None:
        if address not in self.targets:
            name = address.removeprefix(ACTIVITY_SCHEME)
            why = f"a link to {name}, which did not come along, is plain text now."
            self._find(Outcome.DEGRADED, "link", why, name)
        return self.targets.get(address)

    def _goal(self, kind: str, address: str) -> str | None:
        """Where a link into the package leads now."""
        source = self.shelf.lookup(self.page.base, address)
        if source in self.targets:
            return self.targets[source]
        shown = shortened(address)
        if not source:
            self._find(Outcome.BROKEN, kind, f"{shown}, which it links to, is not in the package.", shown)
            return None
        refusal = self.shelf.refusal(source)
        if refusal:
            self._find(Outcome.DROPPED, kind, f"{shown}, which it links to, stays behind: {refusal}.", shown)
            return None
        return self.attach(source)


def markup(page: Page) -> str:
    """A page's body as HTML, not yet clean."""
    if page.form != "markdown":
        return without_mathml(page.body)
    return str(MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(page.body))
