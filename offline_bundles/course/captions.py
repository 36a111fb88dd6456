"""Captions: WebVTT with its times mended, SubRip turned into it. Every cue that a person sees elsewhere is kept.

Source: W3C WebVTT, sections 4 and 6; SubRip has no standard, and is read as players read it: a line with two times
begins a cue, whatever stands before it.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from offline_bundles.errors import MediaError

CAPTIONS_BYTES_MAX = 1 << 20
TIME = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{2})[.,](\d{1,3})"
TIMING = re.compile(rf"{TIME}[ \t]*-->[ \t]*{TIME}(?![\d:])")
ARROW = "-->"
HEADER = re.compile(r"WEBVTT(?=[ \t\n]|$)")
MARKED_AS_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
# What SubRip files mark text with and WebVTT knows too; any other sign is the speaker's own.
TAG = re.compile(r"</?[biu]>", re.IGNORECASE)
FOREIGN = re.compile(r"</?font[^<>]{0,200}>|\{\\[^{}]{1,200}\}", re.IGNORECASE)  # colours, and places on a screen
INDEX = re.compile(r"\d{1,9}")
ENDS = re.compile(r"\r\n?|\x0b|\x0c|\x85|\u2028|\u2029")


@dataclass(frozen=True, slots=True)
class Cue:
    """Times in thousandths of a second."""

    start: int
    end: int
    text: str


def read_captions(path: Path) -> bytes:
    """WebVTT in UTF-8 with plain line ends. Raises `MediaError`."""
    if path.stat().st_size > CAPTIONS_BYTES_MAX:
        raise MediaError(f"{path.name} has more than {CAPTIONS_BYTES_MAX >> 20} MB: these are no captions.")
    return as_webvtt(path.read_bytes(), path.name)


def as_webvtt(raw: bytes, name: str) -> bytes:
    """`name`: of the file, for what is said when it is none. Raises `MediaError`."""
    text = ENDS.sub("\n", _decoded(raw, name)).replace("\x00", "\ufffd")
    if not TIMING.search(text):
        raise MediaError(f"{name} holds no captions: no line such as 00:01.000 --> 00:04.000.")
    if HEADER.match(text):
        return (_with_plain_times(text, name).strip() + "\n").encode()
    return _written(list(_subrip(text.split("\n")))).encode()


def _decoded(raw: bytes, name: str) -> str:
    try:
        return raw.decode("utf-16" if raw.startswith(MARKED_AS_UTF_16) else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise MediaError(f"{name} is not UTF-8. Save it as UTF-8.") from error


def _with_plain_times(text: str, name: str) -> str:
    """A browser leaves a cue out when its times are not as they should be; nobody would notice."""
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if ARROW not in line:
            continue
        found = TIMING.match(line.strip())
        if not found:
            shown = line.strip()[:60]
            raise MediaError(f"{name} has {shown!r} in line {number + 1}: no time such as 00:01.000 --> 00:04.000.")
        lines[number] = f"{_clock(_start(found))} --> {_clock(_end(found))}{line.strip()[found.end() :]}"
    return "\n".join(lines)


def _subrip(lines: list[str]) -> Iterator[Cue]:
    """A cue's text goes on, over empty lines too, to the number before the next cue."""
    starts = [(number, found) for number, line in enumerate(lines) if (found := TIMING.match(line.strip()))]
    ends = [number for number, _ in starts[1:]] + [len(lines)]
    for (start, found), end in zip(starts, ends, strict=True):
        said = [line.strip() for line in lines[start + 1 : end]]
        while said and end < len(lines) and not said[-1]:
            said.pop()
        if end < len(lines) and said and INDEX.fullmatch(said[-1]):
            said.pop()
        text = "\n".join(_marked(line) for line in said if line)
        if text:
            yield Cue(_start(found), _end(found), text)


def _marked(line: str) -> str:
    """A line of SubRip as WebVTT: its signs escaped, its bold and italic kept."""
    line = html.unescape(FOREIGN.sub("", line))
    tags = [found[0].lower() for found in TAG.finditer(line)]
    pieces = [_escaped(piece) for piece in TAG.split(line)]
    return "".join(piece + tag for piece, tag in zip(pieces, [*tags, ""], strict=True))


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _written(cues: list[Cue]) -> str:
    blocks = [f"{_clock(cue.start)} --> {_clock(cue.end)}\n{cue.text}\n" for cue in cues]
    return "\n".join(["WEBVTT\n", *blocks])


def _start(found: re.Match[str]) -> int:
    return _thousandths(found[1], found[2], found[3], found[4])


def _end(found: re.Match[str]) -> int:
    return _thousandths(found[5], found[6], found[7], found[8])


def _thousandths(hours: str | None, minutes: str, seconds: str, fraction: str) -> int:
    return ((int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds)) * 1000 + int(fraction.ljust(3, "0"))


def _clock(thousandths: int) -> str:
    seconds, rest = divmod(thousandths, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{rest:03}"
