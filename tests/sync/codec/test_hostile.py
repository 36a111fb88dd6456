"""Hostile bytes get the answer that is written beside them, and cost little memory on the way to it."""

import tracemalloc
from collections.abc import Callable

import pytest

from sync.codec import CodecError, decode, from_chunk
from sync.errors import SyncError
from sync.events import Batch
from sync.limits import INFLATED_BYTES_MAX
from sync.submissions import Chain
from sync.wire import read_request
from tests.vectors.hostile import FILE, change, hostile, written

PEAK_BYTES_MAX = 2 << 20  # far below what any of the claimed counts would take
BOMB_PEAK_BYTES_MAX = 3 * INFLATED_BYTES_MAX  # zlib doubles its buffer, and copies it once, up to the bound

READERS: dict[str, Callable[[bytes], object]] = {
    "changes": decode,
    "chunks": from_chunk,
    "requests": read_request,
    "submissions": Chain.read,
    "events": Batch.read,
}
CASES = [
    pytest.param(READERS[group], bytes.fromhex(case["bytes"]), case["fault"], id=f"{group}: {case['name']}")
    for group, cases in hostile().items()
    for case in cases
]


@pytest.mark.parametrize(("read", "raw", "fault"), CASES)
def test_hostile_bytes_get_their_answer_and_little_memory(
    read: Callable[[bytes], object], raw: bytes, fault: str, request: pytest.FixtureRequest
) -> None:
    tracemalloc.start()
    try:
        with pytest.raises((CodecError, SyncError)) as refused:
            read(raw)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert type(refused.value).__name__ == fault
    assert peak < (BOMB_PEAK_BYTES_MAX if "bomb" in request.node.name else PEAK_BYTES_MAX)


def test_the_committed_cases_are_todays() -> None:
    assert FILE.read_text() == written(), "run `python -m tests.vectors.hostile`, and look at what changed"


def test_the_change_from_which_the_hostile_ones_are_made_is_taken() -> None:
    assert decode(change()).ops[0].key == "s/a"
