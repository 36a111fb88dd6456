"""Changes that were read lately are not read again, and never take more room than they may."""

import pytest

from sync.codec import Change, Op, encode
from sync.codec.errors import CodecError
from sync.codec.recent import BYTES_OF_AN_OPERATION, OF_A_CHANGE, OF_ONE_MAX, Recent

ACTOR = bytes(range(16))


def change(seq: int, operations: int = 1, text: str = "") -> bytes:
    ops = tuple(Op(f"key/{place:04}", text) for place in range(operations))
    return encode(Change(ACTOR, seq, seq * 2_000, 0, (), ops))


def test_a_change_is_read_once() -> None:
    recent = Recent()
    assert recent.columns(change(1)) is recent.columns(change(1))


def test_the_oldest_make_room() -> None:
    recent = Recent(operations_max=10 * (OF_A_CHANGE + 1))
    first = recent.columns(change(1))
    for seq in range(2, 100):
        recent.columns(change(seq))
    assert len(recent) == 10
    assert recent.columns(change(1)) is not first


def test_what_is_large_drives_nothing_out() -> None:
    recent, large = Recent(), change(1, OF_ONE_MAX)
    assert recent.columns(large) is not recent.columns(large)
    assert not len(recent)


def test_long_texts_count_as_what_they_take() -> None:
    recent = Recent(operations_max=1_000)
    for seq in range(1, 20):
        recent.columns(change(seq, 1, "x" * 16_000))
    assert len(recent) == 1_000 // (OF_A_CHANGE + 1 + 16_000 // BYTES_OF_AN_OPERATION)


def test_what_cannot_be_read_is_refused_each_time() -> None:
    recent = Recent()
    for _ in range(2):
        with pytest.raises(CodecError):
            recent.columns(b"nothing")
