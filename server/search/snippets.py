"""The stretch of a text around what was found, with what was found marked."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from server.search.asking import Term
from server.search.words import Word, words_of

SNIPPET_CHARACTERS = 160  # two lines on a phone
LEAD_CHARACTERS = 40
ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class Piece:
    text: str
    is_hit: bool


def snippet(text: str, terms: Sequence[Term]) -> list[Piece]:
    """Around the place where most of the terms stand together; the beginning when none does."""
    spans = list(_merged(sorted(_found(list(words_of(text)), terms))))
    start, end = _window(text, spans)
    pieces = list(_cut(text, [span for span in spans if start <= span[0] and span[1] <= end], start, end))
    before = [Piece(ELLIPSIS, False)] if start else []
    after = [Piece(ELLIPSIS, False)] if end < len(text) else []
    return [*before, *pieces, *after]


def _found(words: list[Word], terms: Sequence[Term]) -> Iterator[tuple[int, int]]:
    for term in terms:
        first = term.words[0]
        for at, word in enumerate(words):
            if not (word.text == first or (term.is_prefix and word.text.startswith(first))):
                continue
            run = words[at : at + len(term.words)]
            if len(run) == len(term.words) and all(
                one.text == two for one, two in zip(run[1:], term.words[1:], strict=True)
            ):
                end = word.start + len(first) if word.is_pair and term.is_prefix else run[-1].end
                yield word.start, end


def _merged(spans: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    start = end = -1
    for one, two in spans:
        if one > end:
            if end > 0:
                yield start, end
            start = one
        end = max(end, two)
    if end > 0:
        yield start, end


def _window(text: str, spans: list[tuple[int, int]]) -> tuple[int, int]:
    """Begins and ends between words where that is near."""
    starts = [start for start, _ in spans]
    best = max(
        range(len(spans)),
        key=lambda at: (bisect_right(starts, starts[at] + SNIPPET_CHARACTERS) - at, -at),
        default=None,
    )
    start = max(0, starts[best] - LEAD_CHARACTERS) if best is not None else 0
    if start:
        space = text.find(" ", start, start + LEAD_CHARACTERS)
        start = space + 1 if space >= 0 else start
    end = min(len(text), start + SNIPPET_CHARACTERS)
    if end < len(text):
        space = text.rfind(" ", end - LEAD_CHARACTERS, end)
        end = space if space > start else end
    return start, end


def _cut(text: str, spans: list[tuple[int, int]], start: int, end: int) -> Iterator[Piece]:
    at = start
    for one, two in spans:
        if at < one:
            yield Piece(text[at:one], False)
        yield Piece(text[one:two], True)
        at = two
    if at < end:
        yield Piece(text[at:end], False)
