"""Cards, whole, in parts, cut short and hostile, and what the server's reader says; the phone's says the same."""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any
from zlib import crc32

from offline_bundles import ReleaseRecord
from offline_bundles.card import open_card
from offline_bundles.card.index import Index
from offline_bundles.card.layout import INDEX_NAME, End, Entry, object_name
from offline_bundles.errors import BrokenCard

RELEASE = ReleaseRecord("water", 3, "ab" * 32, 900, "cd" * 64, "ef" * 8)
CONTENTS = [b"one", b"two" * 20, b"", b"three" * 9]


def cards() -> list[dict[str, Any]]:
    """`digests` and `cut` of a card that is read; neither of one that is refused. Files are hexadecimal."""
    return [{"name": name, "files": [raw.hex() for raw in files], **_said(files)} for name, files in _cases()]


def _said(files: Sequence[bytes]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"card-{number}.zip" for number in range(len(files))]
        for path, raw in zip(paths, files, strict=True):
            path.write_bytes(raw)
        try:
            card = open_card(paths)
            contents = {digest: sha256(card.read(digest)).hexdigest() for digest in card.digests()}
        except BrokenCard:
            return {"refused": True}
    whole = [digest for digest, found in contents.items() if digest == found]
    return {
        "digests": list(contents),
        "whole": whole,
        "cut": any(file.is_cut for file in card.files),
        "courses": [record.course for record in card.releases],
    }


def _cases() -> Iterator[tuple[str, list[bytes]]]:
    yield from _honest()
    yield from _cut()
    yield from _lying()
    yield from _other_forms()


def _honest() -> Iterator[tuple[str, list[bytes]]]:
    yield "whole", [_card(CONTENTS)]
    yield "without objects", [_card([])]
    yield "in two parts", [_card(CONTENTS[:2], part=1, parts=2), _card(CONTENTS[2:], part=2, parts=2)]
    yield "in two parts, the second first", [_card(CONTENTS[2:], part=2, parts=2), _card(CONTENTS[:2], part=1, parts=2)]
    yield "the second part alone", [_card(CONTENTS[2:], part=2, parts=2)]
    yield "twice the same file", [_card(CONTENTS), _card(CONTENTS)]
    wrong = bytearray(_card(CONTENTS))
    wrong[wrong.index(b"twotwo")] ^= 1
    yield "with wrong bytes in an object", [bytes(wrong)]


def _cut() -> Iterator[tuple[str, list[bytes]]]:
    raw = _card(CONTENTS)
    index_end = _entries(CONTENTS)[0].end
    for cut in (0, 10, index_end - 1, index_end, index_end + 60, index_end + 120, len(raw) - 23, len(raw) - 1):
        yield f"cut after {cut} bytes", [raw[:cut]]
    yield "with something behind it", [raw + b"more"]
    inner = _card([b"inner"])
    outer = _card([b"first", inner])
    yield "cut behind a card that is one of its objects", [outer[: outer.index(inner) + len(inner)]]


def _lying() -> Iterator[tuple[str, list[bytes]]]:
    index, first, second, empty, last = entries = _entries(CONTENTS)
    lies = {
        "a directory of two names for one place": [index, first, replace(second, offset=first.offset), empty, last],
        "a directory whose files overlap": [index, first, replace(second, offset=second.offset - 2), empty, last],
        "a directory with a gap": [index, second, empty, last],
        "a directory in another order": [index, second, first, empty, last],
        "a size over the next file": [index, replace(first, size=first.size + 40), second, empty, last],
        "a size beyond the file": [index, first, second, empty, replace(last, size=4_000_000_000)],
        "the index twice": [index, replace(first, name=INDEX_NAME), second, empty, last],
        "an object twice": [index, first, second, empty, replace(last, name=first.name)],
        "names that were changed for each other": [
            index, replace(first, name=second.name), replace(second, name=first.name), empty, last
        ],
        "another checksum than the object's own header": [index, replace(first, crc=1), second, empty, last],
        "a name that leads elsewhere": [index, replace(first, name="../../etc/passwd"), second, empty, last],
        "an object in the wrong folder": [index, replace(first, name="objects/00/" + "bb" * 32), second, empty, last],
    }  # fmt: skip
    for name, directory in lies.items():
        yield name, [_laid_out(entries, CONTENTS, directory)]


def _other_forms() -> Iterator[tuple[str, list[bytes]]]:
    """The same card with one field of a header in another form, at its place in the directory's first entry."""
    raw = _card(CONTENTS)
    directory = len(raw) - 22 - sum(len(entry.central()) for entry in _entries(CONTENTS))
    for name, place in (("flags", 8), ("compression", 10), ("a time", 12), ("an extra field", 30), ("a comment", 32)):
        changed = bytearray(raw)
        changed[directory + place] = 8
        yield f"with {name} in its directory", [bytes(changed)]
    changed = bytearray(raw[:-22])
    changed[8] = 8
    yield "cut, with compression in a header", [bytes(changed)]
    for name, place, value in (("a comment", -2, 5), ("more entries", -14, 9), ("another disk", -18, 1)):
        changed = bytearray(raw)
        changed[place] = value
        yield f"with {name} at its end", [bytes(changed)]
    yield "no ZIP at all", [b"\xff\xd8\xff\xe0 a picture of the sea" * 9]
    yield "an index that is no JSON", [_laid_out(*_with_index(b"{"))]
    yield "an index of another form", [_laid_out(*_with_index(b'{"format":"tiffin-card-2"}'))]
    yield "an index with part 0", [_card(CONTENTS, part=0)]


def _card(contents: Sequence[bytes], part: int = 1, parts: int = 1) -> bytes:
    return _laid_out(*_with_index(Index((RELEASE,), part, parts).raw(), contents))


def _entries(contents: Sequence[bytes]) -> list[Entry]:
    return _with_index(Index((RELEASE,), 1, 1).raw(), contents)[0]


def _with_index(index: bytes, contents: Sequence[bytes] = ()) -> tuple[list[Entry], list[bytes]]:
    named = [(INDEX_NAME, index), *((object_name(sha256(raw).hexdigest()), raw) for raw in contents)]
    entries: list[Entry] = []
    for name, raw in named:
        entries.append(Entry(name, len(raw), crc32(raw), entries[-1].end if entries else 0))
    return entries, [raw for _, raw in named]


def _laid_out(entries: Sequence[Entry], contents: Sequence[bytes], directory: Sequence[Entry] | None = None) -> bytes:
    """Files as `entries` say, with a directory that may say something else."""
    index = [Index((RELEASE,), 1, 1).raw()] if len(contents) < len(entries) else []
    raw = b"".join(entry.local() + content for entry, content in zip(entries, [*index, *contents], strict=True))
    central = b"".join(entry.central() for entry in directory or entries)
    return raw + central + End(len(directory or entries), len(central), len(raw)).raw()
