"""Writes the hostile bytes that both languages must refuse, each with the class of the answer.

    python -m tests.vectors.hostile

The faults are written down beside the cases, not taken from the code: a test holds the code to them. Bytes are
hexadecimal. The app reads only the changes among them.
"""

import json
import zlib
from collections.abc import Iterator
from pathlib import Path

from sync.codec import to_chunk
from sync.codec.leb import sleb, uleb
from sync.limits import INFLATED_BYTES_MAX

FILE = Path(__file__).parent / "hostile.json"
ACTOR, OTHER, LATER = b"\x07" * 16, b"\x03" * 16, b"\x09" * 16
HUGE = 2**50  # what a count may claim: whoever makes room for it first is lost
Case = dict[str, str]

COLUMNS = {0x15: b"\x7f\x03s/a", 0x34: b"\x01", 0x42: b"\x7f\x01", 0x56: b"\x7f\x14", 0x57: b"\x05", 0x70: b"\x7f\x00"}


def sized(raw: bytes) -> bytes:
    return uleb(len(raw)) + raw


def change(
    *,
    deps: bytes = b"\0",
    actor: bytes = sized(ACTOR),
    seq: bytes = b"\x01",
    start: bytes = b"\x01",
    message: bytes = b"\0",
    others: bytes = b"\0",
    columns: list[tuple[int, bytes]] | None = None,
    behind: bytes = b"",
    **replaced: bytes,
) -> bytes:
    """A change that puts 5 at `s/a`, with parts of it replaced; `c42=` replaces the column 0x42."""
    kept = COLUMNS | {int(name[1:], 16): raw for name, raw in replaced.items()}
    pairs = sorted(kept.items()) if columns is None else columns
    head = deps + actor + seq + start + b"\0" + message + others + uleb(len(pairs))
    return head + b"".join(uleb(spec) + uleb(len(raw)) for spec, raw in pairs) + b"".join(r for _, r in pairs) + behind


def changes() -> Iterator[tuple[str, str, bytes]]:
    good, pairs = change(), sorted(COLUMNS.items())
    two = uleb(2) + b"\x01" * 32
    yield "nothing at all", "Truncated", b""
    yield "cut in the last column", "Truncated", good[:-1]
    yield "a byte behind the columns", "Malformed", change(behind=b"\0")
    yield "a number in more bytes than it needs", "Malformed", change(seq=b"\x81\x00")
    yield "a number of eleven bytes", "Malformed", change(seq=b"\xff" * 10 + b"\x01")
    yield "sequence 0", "Malformed", change(seq=b"\0")
    yield "a first operation 0", "Malformed", change(start=b"\0")
    yield "a first operation past 2^53", "Malformed", change(start=uleb(2**53))
    yield "dependencies not in order", "Malformed", change(deps=two + b"\0" * 32)
    yield "the same dependency twice", "Malformed", change(deps=two + b"\x01" * 32)
    yield "65 dependencies", "OverLimit", change(deps=uleb(65))
    yield "2^50 dependencies", "OverLimit", change(deps=uleb(HUGE))
    yield "an actor of 65 bytes", "OverLimit", change(actor=sized(b"\1" * 65))
    yield "an actor that claims 2^50 bytes", "OverLimit", change(actor=uleb(HUGE))
    yield "2^50 other actors", "OverLimit", change(others=uleb(HUGE))
    yield "an actor nobody names", "Malformed", change(others=uleb(1) + sized(OTHER))
    yield "other actors not in order", "Malformed", change(others=uleb(2) + sized(LATER) + sized(OTHER))
    yield "a message of 2^50 bytes", "OverLimit", change(message=uleb(HUGE))
    yield "a message that is not UTF-8", "Malformed", change(message=sized(b"\xff"))
    yield "a column twice", "Malformed", change(columns=[*pairs, pairs[-1]])
    yield "columns in another order", "Malformed", change(columns=pairs[::-1])
    yield "an empty column", "Malformed", change(c71=b"")
    yield "an unknown column", "OutsideModel", change(c80=b"\0")
    yield "an object's column", "OutsideModel", change(c01=b"\x7f\0")
    yield "2^50 operations", "OverLimit", change(c42=sleb(HUGE) + b"\x01")
    yield "2^50 keys", "OverLimit", change(c15=sleb(HUGE) + b"\x03s/a")
    yield "2^50 missing keys", "OverLimit", change(c15=b"\0" + uleb(HUGE))
    yield "2^50 insertions", "OverLimit", change(c34=uleb(HUGE))
    yield "2^50 predecessors", "OverLimit", change(c70=b"\x7f" + uleb(HUGE))
    yield "a run of one", "Malformed", change(c42=b"\x01\x01")
    yield "an empty run", "Malformed", change(c42=b"\0\0")
    yield "making a map", "OutsideModel", change(c42=b"\x7f\0")
    yield "making a list", "OutsideModel", change(c42=b"\x7f\x02")
    yield "making a text", "OutsideModel", change(c42=b"\x7f\x04")
    yield "incrementing", "OutsideModel", change(c42=b"\x7f\x05")
    yield "a mark", "OutsideModel", change(c42=b"\x7f\x07")
    yield "an insertion into a list", "OutsideModel", change(c34=b"\0\x01")
    yield "an operation without a key", "OutsideModel", change(c15=b"\0\x01")
    yield "a counter", "OutsideModel", change(c56=b"\x7f\x18")
    yield "a value of an unknown type", "OutsideModel", change(c56=b"\x7f\x1f")
    yield "a value of 2^46 bytes", "OverLimit", change(c56=b"\x7f" + uleb(HUGE | 6))
    yield "a key of 257 bytes", "OverLimit", change(c15=b"\x7f" + sized(b"k" * 257))
    yield "a key that is not UTF-8", "Malformed", change(c15=b"\x7f\x01\xff")
    yield "a key with half a character", "Malformed", change(c15=b"\x7f\x03\xed\xa0\x80")
    yield "a value with half a character", "Malformed", change(c56=b"\x7f\x36", c57=b"\xed\xa0\x80")
    yield "a predecessor nobody wrote", "Malformed", change(c70=b"\x7f\x01", c71=b"\x7f\x05", c73=b"\x7f\x01")
    yield "a predecessor below 0", "Malformed", change(c70=b"\x7f\x01", c71=b"\x7f\0", c73=b"\x7f\x7f")
    yield "a predecessor that is itself", "Malformed", change(c70=b"\x7f\x01", c71=b"\x7f\0", c73=b"\x7f\x01")


def chunks() -> Iterator[tuple[str, str, bytes]]:
    good = to_chunk(change())
    yield "no chunk", "Malformed", b"\0" + good[1:]
    yield "another checksum", "Malformed", good[:4] + b"\0\0\0\0" + good[8:]
    yield "a document chunk", "OutsideModel", good[:8] + b"\0" + good[9:]
    yield "a deflated chunk", "OutsideModel", good[:8] + b"\x02" + good[9:]
    yield "a cut chunk", "Truncated", good[:-1]
    yield "a byte behind the chunk", "Malformed", good + b"\0"
    yield "a chunk that claims 2^50 bytes", "Truncated", good[:9] + uleb(HUGE)


def requests() -> Iterator[tuple[str, str, bytes]]:
    squeezer = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = squeezer.compress(bytes(INFLATED_BYTES_MAX * 2)) + squeezer.flush()
    plain, header = b"\x01\x00" + bytes(64), bytes(16) + b"\x01\0" + bytes(8) + bytes(5)
    yield "nothing at all", "Truncated", b""
    yield "version 2", "UnsupportedVersion", b"\x02" + plain[1:] + header
    yield "an unknown encoding", "Malformed", b"\x01\x07" + bytes(64) + header
    yield "a cut header", "Truncated", plain + header[:-1]
    yield "an inflate bomb", "TooLarge", b"\x01\x01" + bytes(64) + bomb
    yield "no DEFLATE", "Malformed", b"\x01\x01" + bytes(64) + b"\xff\xff"
    yield "a profile past 2^53", "Malformed", plain + bytes(16) + uleb(2**53) + header[17:]
    yield "a frame that claims 2^50 bytes", "TooLarge", plain + header + b"\x02" + uleb(HUGE)
    yield "a frame that is cut", "Truncated", plain + header + b"\x02\x05ab"
    yield "an unknown kind of frame", "Malformed", plain + header + b"\x63\0"
    yield "frames not in order", "Malformed", plain + header + b"\x04\0\x02\0"
    yield "a frame only servers send", "Malformed", plain + header + b"\x10\0"
    yield "4097 frames", "TooLarge", plain + header + b"\x02\0" * 4097


def submissions() -> Iterator[tuple[str, str, bytes]]:
    yield "nothing at all", "Malformed", b""
    yield "a cut hash", "Malformed", b"\x01" + bytes(31)
    yield "a record that claims 2^50 bytes", "TooLarge", b"\0" + uleb(HUGE)
    yield "a cut record", "Malformed", b"\0\x05ab"
    yield "501 records", "TooLarge", b"\0" + b"\x01x" * 501


def events() -> Iterator[tuple[str, str, bytes]]:
    row = b'{"first":%s,"course":"c","activities":["a"],"rows":[%s]}'
    for name, first, rows in (
        ("NaN", b"NaN", b""),
        ("a first below 0", b"-1", b""),
        ("a first that is true", b"true", b""),
        ("an unknown verb", b"0", b"[9,0,0,0]"),
        ("an activity that is not there", b"0", b"[1,1,0,0]"),
        ("a time before 1970", b"0", b"[1,0,-1,0]"),
        ("a row that is too short", b"0", b"[1,0,0]"),
    ):
        yield name, "Malformed", row % (first, rows)
    yield "no JSON", "Malformed", b"{"
    yield "nested too deep", "Malformed", b"[" * 5000
    yield "not UTF-8", "Malformed", b'{"course":"\xff"}'
    yield "NUL", "Malformed", (row % (b"0", b"")).replace(b'"c"', b'"\\u0000"')
    yield "half a character", "Malformed", (row % (b"0", b"")).replace(b'"c"', b'"\\ud800"')


def hostile() -> dict[str, list[Case]]:
    groups = {
        "changes": changes(),
        "chunks": chunks(),
        "requests": requests(),
        "submissions": submissions(),
        "events": events(),
    }
    return {
        group: [{"name": name, "fault": fault, "bytes": raw.hex()} for name, fault, raw in cases]
        for group, cases in groups.items()
    }


def written() -> str:
    return json.dumps(hostile(), indent=1) + "\n"


if __name__ == "__main__":
    FILE.write_text(written())
