"""What captions say, as text to read: where there is no video, or it stays on the network, this is what is left."""

import html
import re
from collections.abc import Iterator

from offline_bundles.course.captions import CAPTIONS_BYTES_MAX
from offline_bundles.errors import BrokenPackage
from offline_bundles.importing.html import plain_text
from offline_bundles.importing.ports import Package

PARAGRAPH_CHARACTERS = 500  # about what a speaker says before she draws breath; a wall of text is not read
TIMES = re.compile(r"^\s*[\d:.,]+\s+-->.*$")
HEADS = ("WEBVTT", "NOTE", "STYLE", "REGION")
SENTENCE_ENDS = (".", "!", "?", "؟", "।", "。", "！", "？")


def transcript(package: Package, captions: str) -> str:
    """Paragraphs of HTML; nothing when the file is no captions that can be read."""
    try:
        text = package.read(captions, CAPTIONS_BYTES_MAX).decode("utf-8-sig", "replace")
    except BrokenPackage:
        return ""
    return "".join(f"<p>{html.escape(each)}</p>\n" for each in _paragraphs(text))


def _paragraphs(captions: str) -> Iterator[str]:
    """What is said, cut where a sentence ends."""
    part: list[str] = []
    for words in _spoken_lines(captions):
        part.append(words)
        if sum(map(len, part)) > PARAGRAPH_CHARACTERS and words.endswith(SENTENCE_ENDS):
            yield " ".join(part)
            part.clear()
    if part:
        yield " ".join(part)


def _spoken_lines(captions: str) -> Iterator[str]:
    """The lines below each time; numbers, names of cues and notes stand elsewhere."""
    for block in re.split(r"\n[ \t]*\n", captions.replace("\r\n", "\n").replace("\r", "\n")):
        lines = block.strip().split("\n")
        times = next((index for index, line in enumerate(lines) if TIMES.match(line)), None)
        if times is not None and not lines[0].startswith(HEADS[1:]):
            yield from (words for line in lines[times + 1 :] if (words := plain_text(line)))
