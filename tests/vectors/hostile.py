"""Writes the hostile bytes that both languages must refuse, each with the class of the answer.

    python -m tests.vectors.hostile

The faults are written down beside the cases, not taken from the code: a test holds the code to them. Bytes are
hexadecimal. The app reads the changes, the replies and the carried files among them: what it, too, gets from others.

Of a carried file damage is told, not raised: in `files` stands how many replies can be read, and whether it is whole.
"""

import json
import zlib
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from sync.carried import CHECK_BYTES, MAGIC
from sync.codec import DOOR, to_chunk
from sync.codec.leb import sleb, uleb
from sync.codec.scalars import TIMESTAMP_MS_MAX, TIMESTAMP_MS_MIN
from sync.limits import (
    CARRIED_BYTES_MAX,
    FRAME_BYTES_MAX,
    INFLATED_BYTES_MAX,
    RECORD_BYTES_MAX,
    REPLY_READ_BYTES_MAX,
    REQUEST_BYTES_MAX,
)

FILE = Path(__file__).parent / "hostile.json"
ACTOR, OTHER, LATER = b"\x07" * 16, b"\x03" * 16, b"\x09" * 16
HUGE = 2**50  # what a count may claim: whoever makes room for it first is lost
Case = dict[str, Any]


class Long(NamedTuple):
    """`first`, and behind it `again` so many times: what is over a bound of many bytes needs little room here."""

    first: bytes
    again: bytes
    times: int


Cases = Iterator[tuple[str, str, bytes | Long]]

COLUMNS = {0x15: b"\x7f\x03s/a", 0x34: b"\x01", 0x42: b"\x7f\x01", 0x56: b"\x7f\x14", 0x57: b"\x05", 0x70: b"\x7f\x00"}


def sized(raw: bytes) -> bytes:
    return uleb(len(raw)) + raw


def change(
    *,
    deps: bytes = b"\0",
    actor: bytes = sized(ACTOR),
    seq: bytes = b"\x01",
    start: bytes = b"\x01",
    time: bytes = b"\0",
    message: bytes = b"\0",
    others: bytes = b"\0",
    columns: list[tuple[int, bytes]] | None = None,
    behind: bytes = b"",
    **replaced: bytes,
) -> bytes:
    """A change that puts 5 at `s/a`, with parts of it replaced; `c42=` replaces the column 0x42."""
    kept = COLUMNS | {int(name[1:], 16): raw for name, raw in replaced.items()}
    pairs = sorted(kept.items()) if columns is None else columns
    head = deps + actor + seq + start + time + message + others + uleb(len(pairs))
    return head + b"".join(uleb(spec) + uleb(len(raw)) for spec, raw in pairs) + b"".join(r for _, r in pairs) + behind


def changes() -> Cases:
    good, pairs = change(), sorted(COLUMNS.items())
    two = uleb(2) + b"\x01" * 32
    yield "nothing at all", "Truncated", b""
    yield "65537 bytes", "OverLimit", Long(b"", b"\0", DOOR.body_bytes + 1)
    yield "cut in the last column", "Truncated", good[:-1]
    yield "a byte behind the columns", "Malformed", change(behind=b"\0")
    yield "a number in more bytes than it needs", "Malformed", change(seq=b"\x81\x00")
    yield "a number of eleven bytes", "Malformed", change(seq=b"\xff" * 10 + b"\x01")
    yield "sequence 0", "Malformed", change(seq=b"\0")
    yield "a first operation 0", "Malformed", change(start=b"\0")
    yield "a first operation past 2^53", "Malformed", change(start=uleb(2**53))
    yield "dependencies not in order", "Malformed", change(deps=two + b"\0" * 32)
    yield "the same dependency twice", "Malformed", change(deps=two + b"\x01" * 32)
    yield "a first operation past 2^32", "Malformed", change(start=uleb(2**32))
    yield "a last operation past 2^32", "Malformed", change(start=uleb(2**32 - 1))
    yield "a time past 2^53", "Malformed", change(time=sleb(2**53))
    yield "a time before -2^53", "Malformed", change(time=sleb(-(2**53)))
    yield "a sequence past 2^32", "Malformed", change(seq=uleb(2**32))
    yield "65 dependencies", "OverLimit", change(deps=uleb(65))
    yield "2^50 dependencies", "OverLimit", change(deps=uleb(HUGE))
    yield "an actor of 65 bytes", "OverLimit", change(actor=sized(b"\1" * 65))
    yield "an actor that claims 2^50 bytes", "OverLimit", change(actor=uleb(HUGE))
    each = b"".join(sized(bytes((number, *ACTOR[1:]))) for number in range(DOOR.actors + 2) if number != ACTOR[0])
    yield "65 other actors", "OverLimit", change(others=uleb(DOOR.actors + 1) + each)
    yield "another actor of 65 bytes", "OverLimit", change(others=uleb(1) + sized(b"\1" * 65))
    yield "2^50 other actors", "OverLimit", change(others=uleb(HUGE))
    yield "an actor nobody names", "Malformed", change(others=uleb(1) + sized(OTHER))
    yield "other actors not in order", "Malformed", change(others=uleb(2) + sized(LATER) + sized(OTHER))
    yield "a message of 257 bytes", "OverLimit", change(message=sized(b"m" * 257))
    yield "a message with NUL", "OutsideModel", change(message=sized(b"a\0b"))
    yield "a message of 2^50 bytes", "OverLimit", change(message=uleb(HUGE))
    yield "a message that is not UTF-8", "Malformed", change(message=sized(b"\xff"))
    yield "a column twice", "Malformed", change(columns=[*pairs, pairs[-1]])
    yield "columns in another order", "Malformed", change(columns=pairs[::-1])
    yield "an empty column", "Malformed", change(c71=b"")
    yield "an unknown column", "OutsideModel", change(c80=b"\0")
    yield "an object's column", "OutsideModel", change(c01=b"\x7f\0")
    yield "nine columns", "OverLimit", change(columns=[*pairs, *pairs[:3]])
    yield "a column that claims 2^50 bytes", "Truncated", change(columns=[])[:-1] + uleb(1) + b"\x15" + uleb(HUGE)
    yield "4097 operations", "OverLimit", change(c42=sleb(DOOR.operations + 1) + b"\x01")
    yield "2^50 operations", "OverLimit", change(c42=sleb(HUGE) + b"\x01")
    yield "2^50 keys", "OverLimit", change(c15=sleb(HUGE) + b"\x03s/a")
    yield "2^50 missing keys", "OverLimit", change(c15=b"\0" + uleb(HUGE))
    yield "2^50 insertions", "OverLimit", change(c34=uleb(HUGE))
    yield "16385 predecessors", "OverLimit", change(c70=b"\x7f" + uleb(DOOR.predecessors + 1))
    yield "2^50 values", "OverLimit", change(c56=sleb(HUGE) + b"\x14")
    yield "2^50 predecessors of nothing", "OverLimit", change(c73=sleb(HUGE) + b"\x01")
    yield "2^50 predecessors", "OverLimit", change(c70=b"\x7f" + uleb(HUGE))
    yield "a run of one", "Malformed", change(c42=b"\x01\x01")
    yield "an empty run", "Malformed", change(c42=b"\0\0")
    yield "a number among many in more bytes than it needs", "Malformed", change(c56=b"\x7f\x94\x00")
    yield "a deletion with a value", "Malformed", change(c42=b"\x7f\x03")
    yield "making a map", "OutsideModel", change(c42=b"\x7f\0")
    yield "making a list", "OutsideModel", change(c42=b"\x7f\x02")
    yield "making a text", "OutsideModel", change(c42=b"\x7f\x04")
    yield "incrementing", "OutsideModel", change(c42=b"\x7f\x05")
    yield "a mark", "OutsideModel", change(c42=b"\x7f\x07")
    yield "an insertion into a list", "OutsideModel", change(c34=b"\0\x01")
    yield "an operation without a key", "OutsideModel", change(c15=b"\0\x01")
    yield "a counter", "OutsideModel", change(c56=b"\x7f\x18")
    yield "a value of an unknown type", "OutsideModel", change(c56=b"\x7f\x1f")
    for signed, last in ((0, b"\x02"), (1, b"\x3f"), (1, b"\x40")):
        name = f"{'a signed' if signed else 'an unsigned'} value of more than 64 bits, {last.hex()}"
        yield name, "Malformed", change(c56=b"\x7f" + uleb(10 << 4 | 3 + signed), c57=b"\xff" * 9 + last)
    yield "a value of 2^46 bytes", "OverLimit", change(c56=b"\x7f" + uleb(HUGE | 6))
    yield "a value of 16385 bytes", "OverLimit", change(c56=b"\x7f" + uleb((DOOR.value_bytes + 1) << 4 | 6))
    for name, milliseconds in (
        ("9999, its last day", TIMESTAMP_MS_MAX + 1),
        ("1, its first day", TIMESTAMP_MS_MIN - 1),
        ("292278994", 2**63 - 1),
    ):
        raw = sleb(milliseconds)
        yield f"a time in the year {name}", "OutsideModel", change(c56=b"\x7f" + uleb(len(raw) << 4 | 9), c57=raw)
    yield "a key with NUL", "OutsideModel", change(c15=b"\x7f\x03s\0a")
    yield "a value with NUL", "OutsideModel", change(c56=b"\x7f\x36", c57=b"a\0b")
    yield "a key that claims 2^50 bytes", "OverLimit", change(c15=b"\x7f" + uleb(HUGE))
    yield "a key of 257 bytes", "OverLimit", change(c15=b"\x7f" + sized(b"k" * 257))
    yield "a key that is not UTF-8", "Malformed", change(c15=b"\x7f\x01\xff")
    yield "a key with half a character", "Malformed", change(c15=b"\x7f\x03\xed\xa0\x80")
    yield "a value with half a character", "Malformed", change(c56=b"\x7f\x36", c57=b"\xed\xa0\x80")
    yield "a predecessor nobody wrote", "Malformed", change(c70=b"\x7f\x01", c71=b"\x7f\x05", c73=b"\x7f\x01")
    yield "a predecessor below 0", "Malformed", change(c70=b"\x7f\x01", c71=b"\x7f\0", c73=b"\x7f\x7f")
    two_of = {"start": b"\x09", "c70": b"\x7f\x02", "c71": b"\x02\0"}
    yield "predecessors not in order", "Malformed", change(**two_of, c73=b"\x7e\x02\x7f")
    yield "the same predecessor twice", "Malformed", change(**two_of, c73=b"\x7e\x02\x00")
    yield "a predecessor that is itself", "Malformed", change(c70=b"\x7f\x01", c71=b"\x7f\0", c73=b"\x7f\x01")


def chunks() -> Cases:
    good = to_chunk(change())
    yield "no chunk", "Malformed", b"\0" + good[1:]
    yield "another checksum", "Malformed", good[:4] + b"\0\0\0\0" + good[8:]
    yield "a document chunk", "OutsideModel", good[:8] + b"\0" + good[9:]
    yield "a deflated chunk", "OutsideModel", good[:8] + b"\x02" + good[9:]
    yield "a cut chunk", "Truncated", good[:-1]
    yield "a byte behind the chunk", "Malformed", good + b"\0"
    yield "a chunk that claims 2^50 bytes", "Truncated", good[:9] + uleb(HUGE)


def requests() -> Cases:
    bomb = deflated(bytes(INFLATED_BYTES_MAX * 2))
    plain, header = b"\x01\x00" + bytes(64), bytes(16) + b"\x01\0" + bytes(8) + bytes(5)
    yield "nothing at all", "Truncated", b""
    yield "a megabyte and a byte", "TooLarge", Long(b"\x01\0", b"\0", REQUEST_BYTES_MAX - 1)
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
    yield "an inflate bomb that is cut", "TooLarge", b"\x01\x01" + bytes(64) + bomb[:-3]
    yield "DEFLATE that is cut", "Truncated", b"\x01\x01" + bytes(64) + deflated(header)[:-1]
    yield "bytes behind the DEFLATE", "Malformed", b"\x01\x01" + bytes(64) + deflated(header) + b"\0"
    yield "a frame of 262145 bytes", "TooLarge", plain + header + b"\x02" + uleb((256 << 10) + 1)
    yield "a cursor past 2^53", "Malformed", plain + header[:26] + uleb(2**53) + header[27:]
    yield "a frame only servers send", "Malformed", plain + header + b"\x10\0"
    yield "4097 frames", "TooLarge", plain + header + b"\x02\0" * 4097


def deflated(payload: bytes) -> bytes:
    squeezer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return squeezer.compress(payload) + squeezer.flush()


def replies() -> Cases:
    """What a hostile or broken server may answer. Kinds of frames that one side knows and the other does not are none
    of these, since an older phone passes them over; nor are bytes behind the DEFLATE, which not all browsers refuse."""
    plain, head = b"\x01\x00", b"e" * 8 + b"\x07\x01\x00\x00"
    none = head + b"\0"
    yield "nothing at all", "Truncated", b""
    good = b"\x07" + sized(bytes(1_000))  # a frame as any other: nothing but the bound refuses them all
    yield "more than a megabyte", "TooLarge", Long(plain + none, good, REPLY_READ_BYTES_MAX // len(good) + 1)
    yield "version 2", "UnsupportedVersion", b"\x02\0" + none
    yield "an unknown encoding", "Malformed", b"\x01\x07" + none
    yield "an epoch that is cut", "Truncated", plain + none[:7]
    yield "a head that is cut", "Truncated", plain + none[:-1]
    yield "a cursor past 2^53", "Malformed", plain + b"e" * 8 + uleb(2**53) + b"\x01\0\0\0"
    yield "a time past 2^53", "Malformed", plain + b"e" * 8 + b"\x07" + uleb(2**53) + b"\0\0\0"
    yield "a number in more bytes than it needs", "Malformed", plain + b"e" * 8 + b"\x80\0\x01\0\0\0"
    yield "an inflate bomb", "TooLarge", b"\x01\x01" + deflated(bytes(INFLATED_BYTES_MAX * 2))
    large = b"\x07" + sized(bytes(FRAME_BYTES_MAX))
    of_frames = deflated(none + large * (INFLATED_BYTES_MAX // len(large) + 1))
    yield "an inflate bomb of good frames", "TooLarge", b"\x01\x01" + of_frames
    yield "no DEFLATE", "Malformed", b"\x01\x01\xff\xff"
    yield "DEFLATE that is cut", "Truncated", b"\x01\x01" + deflated(none)[:-1]
    yield "4097 verdicts", "Malformed", plain + head + uleb(4097)
    yield "2^50 verdicts", "Malformed", plain + head + uleb(HUGE)
    yield "a verdict 0", "Malformed", plain + head + b"\x01\0\0\0"
    yield "a verdict 5", "Malformed", plain + head + b"\x01\0\x05\0"
    yield "a verdict that is cut", "Truncated", plain + head + b"\x01\0"
    yield "a verdict on frame 2^53", "Malformed", plain + head + b"\x01" + uleb(2**53) + b"\x01\0"
    yield "a reason of 65 bytes", "Malformed", plain + head + b"\x01\0\x01" + sized(b"r" * 65)
    yield "a reason that claims 2^50 bytes", "Malformed", plain + head + b"\x01\0\x01" + uleb(HUGE)
    yield "a reason that is no text", "Malformed", plain + head + b"\x01\0\x01" + sized(b"\xff")
    yield "a frame that claims 2^50 bytes", "TooLarge", plain + none + b"\x02" + uleb(HUGE)
    yield "a frame of 262145 bytes", "TooLarge", plain + none + b"\x02" + uleb((256 << 10) + 1)
    yield "a frame that is cut", "Truncated", plain + none + b"\x02\x05ab"
    yield "4097 frames", "TooLarge", plain + none + b"\x02\0" * 4097


def files() -> Iterator[dict[str, Any]]:
    """Carried files of replies, as a damaged card or a stranger hands them in, with what is still read of them."""
    good, end = b"d" * 16 + b"\x01" + b"r" * 32 + b"\0", b"\0"
    head = MAGIC + b"\x01\x02"

    def case(name: str, body: bytes, readable: int, *, whole: bool = False) -> dict[str, Any]:
        return {"name": name, "readable": readable, "whole": whole, "bytes": body.hex()}

    def closed(*parts: bytes) -> bytes:
        body = head + b"".join(parts) + end
        return body + sha256(body).digest()

    yield case("two replies", closed(part(good), part(good)), 2, whole=True)
    yield case("no reply at all", closed(), 0, whole=True)
    yield case("nothing behind the head", head, 0)
    yield case("no end", head + part(good), 1)
    yield case("another digest at the end", (head + part(good) + end) + bytes(32), 1)
    yield case("bytes behind the end", closed(part(good)) + b"\0", 1)
    yield case("a part that is not what it was", closed(part(good), part(good, check=b"x"), part(good)), 2)
    yield case("a part that claims 2^50 bytes", head + part(good) + uleb(HUGE) + bytes(CHECK_BYTES) + good, 1)
    yield case("a length of eleven bytes", head + part(good) + b"\xff" * 11, 1)
    yield case("a length in more bytes than it needs", head + part(good) + b"\x80\0", 1)
    yield case("a part too short for a reply", closed(part(good), part(good[:-1]), part(good)), 2, whole=True)
    yield case("a part of one byte", closed(part(b"d"), part(good)), 1, whole=True)
    yield case("a profile past 2^53", closed(part(good[:16] + uleb(2**53) + good[17:]), part(good)), 1, whole=True)
    yield case("a profile that never ends", closed(part(good[:16] + b"\xff" * 11 + good), part(good)), 1, whole=True)
    kept = good[:-1] + b"\x02" + b"e" * 8 + b"kept"
    yield case("an outcome 3", closed(part(good[:-1] + b"\x03"), part(good)), 1, whole=True)
    yield case("a photograph's word", closed(part(kept), part(good)), 2, whole=True)
    yield case("a photograph's epoch that is cut", closed(part(kept[:57]), part(good)), 1, whole=True)
    yield case("a photograph's code of 65 bytes", closed(part(kept[:58] + b"x" * 65), part(good)), 1, whole=True)
    yield case("a refusal's code of 65 bytes", closed(part(good[:-1] + b"\x01" + b"x" * 65)), 0, whole=True)


def part(body: bytes, *, check: bytes = b"") -> bytes:
    return uleb(len(body)) + (check or sha256(body).digest()).ljust(CHECK_BYTES, b"\0")[:CHECK_BYTES] + body


def no_files() -> Cases:
    """What is no carried file for either side."""
    yield "nothing at all", "NotCarried", b""
    yield "a picture", "NotCarried", b"\x89PNG\r\n\x1a\n" + bytes(20)
    yield "a magic with a carriage return", "NotCarried", MAGIC.replace(b"\n", b"\r\n") + b"\x01\x02\0"
    yield "a magic alone", "NotCarried", MAGIC
    yield "a version 2", "UnsupportedVersion", MAGIC + b"\x02\x02\0"
    yield "a kind 3", "NotCarried", MAGIC + b"\x01\x03\0"
    yield "32 megabytes and a byte", "TooLarge", Long(MAGIC + b"\x01\x02", b"\0", CARRIED_BYTES_MAX - 9)


def submissions() -> Cases:
    yield "nothing at all", "Malformed", b""
    yield "a cut hash", "Malformed", b"\x01" + bytes(31)
    yield "a place past 2^53", "Malformed", uleb(2**53) + bytes(32) + b"\x02{}"
    yield "a place past 2^64", "Malformed", b"\xff" * 10 + b"\x01" + bytes(32)
    yield "a record that claims 2^50 bytes", "TooLarge", b"\0" + uleb(HUGE)
    yield "a record of 65537 bytes", "TooLarge", Long(b"\0" + uleb(RECORD_BYTES_MAX + 1), b"x", RECORD_BYTES_MAX + 1)
    yield "a cut record", "Malformed", b"\0\x05ab"
    yield "501 records", "TooLarge", b"\0" + b"\x01x" * 501


def events() -> Cases:
    row = b'{"first":%s,"course":"c","activities":["a"],"rows":[%s]}'
    for name, first, rows in (
        ("NaN", b"NaN", b""),
        ("a first below 0", b"-1", b""),
        ("a first that is true", b"true", b""),
        ("an unknown verb", b"0", b"[9,0,0,0]"),
        ("an activity that is not there", b"0", b"[1,1,0,0]"),
        ("a time before 1970", b"0", b"[1,0,-1,0]"),
        ("a row that is too short", b"0", b"[1,0,0]"),
        ("an activity before the first", b"0", b"[1,-1,0,0]"),
        ("4097 rows", b"0", b",".join([b"[1,0,0,0]"] * 4_097)),
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
        "replies": replies(),
        "no_files": no_files(),
    }
    refused = {group: [_case(*case) for case in cases] for group, cases in groups.items()}
    return refused | {"files": list(files())}


def _case(name: str, fault: str, raw: bytes | Long) -> Case:
    long = {"again": raw.again.hex(), "times": raw.times} if isinstance(raw, Long) else {}
    return {"name": name, "fault": fault, "bytes": (raw.first if isinstance(raw, Long) else raw).hex()} | long


def bytes_of(case: Case) -> bytes:
    return bytes.fromhex(case["bytes"]) + bytes.fromhex(case.get("again", "")) * case.get("times", 0)


def written() -> str:
    return json.dumps(hostile(), indent=1) + "\n"


if __name__ == "__main__":
    FILE.write_text(written())
