"""What is taken for a JSON object at the door, and what is refused there so that no table meets it."""

import json

import pytest

from sync.admission import read_change
from sync.codec import CodecError, Op, decode, encode
from sync.codec.change import Change
from sync.codec.leb import uleb
from sync.errors import Malformed
from sync.limits import JSON_DEPTH_MAX
from sync.submissions import read_object


@pytest.mark.parametrize(
    "raw",
    [
        rb'{"a":"\u0000"}',
        rb'{"\u0000":1}',
        rb'{"a":["x",{"b":"\ud800"}]}',
        rb'{"a":"\udc00\ud800"}',
        b'{"a":"\xed\xa0\x80"}',
        b'{"a":NaN}',
        b'{"a":-Infinity}',
        b'{"a":1e999}',
        '{"a":1}'.encode("utf-16"),
        b'{"a":"\x00"}',
    ],
)
def test_what_no_table_can_hold_is_refused(raw: bytes) -> None:
    with pytest.raises(Malformed, match="status"):
        read_object(raw, "a status")


@pytest.mark.parametrize("text", ["\\u0000", '"[[[[[[[[[[[[', "水\U0001f4a7", "]]]]]]]]]]]]", "\\"])
def test_a_text_that_only_looks_dangerous_is_taken(text: str) -> None:
    assert read_object(json.dumps({"a": text}).encode(), "a status") == {"a": text}
    assert read_object(json.dumps({"a": text}, ensure_ascii=False).encode(), "a status") == {"a": text}


def test_depth_is_bounded_before_anything_is_parsed() -> None:
    deepest = JSON_DEPTH_MAX - 1
    assert read_object(b'{"a":' + b"[" * deepest + b"]" * deepest + b"}", "it")
    for raw in (b'{"a":' + b"[" * 100_000, b'{"z":"]]]]]]]]]]]]]]","a":' + b"[" * 9 + b"]" * 9 + b"}"):
        with pytest.raises(Malformed, match="deeper"):
            read_object(raw, "it")


@pytest.mark.parametrize("op", [Op("n/a\0", "text"), Op("n/a", "te\0xt")])
def test_a_change_with_nul_in_a_text_is_refused(op: Op) -> None:
    body = encode(Change(bytes(16), 1, 1, 0, (), (op,)))
    with pytest.raises(CodecError, match="NUL"):
        decode(body)


def test_a_course_with_nul_in_its_name_is_refused() -> None:
    with pytest.raises(CodecError, match="NUL"):
        read_change(uleb(2) + b"a\0")
