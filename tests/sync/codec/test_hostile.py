"""Hostile bytes get the answer that is written beside them, and cost little memory on the way to it."""

import tracemalloc
from collections.abc import Callable

import pytest

from sync.carried import read_carried
from sync.client.carrying import replies_in
from sync.codec import CodecError, decode, from_chunk
from sync.errors import SyncError
from sync.events import Batch
from sync.limits import INFLATED_BYTES_MAX
from sync.submissions import Chain
from sync.wire import read_reply, read_request
from tests.vectors.hostile import FILE, Case, bytes_of, change, hostile, written

PEAK_BYTES_MAX = 2 << 20  # far below what any of the claimed counts would take
BOMB_PEAK_BYTES_MAX = 3 * INFLATED_BYTES_MAX  # zlib doubles its buffer, and copies it once, up to the bound

READERS: dict[str, Callable[[bytes], object]] = {
    "changes": decode,
    "chunks": from_chunk,
    "requests": read_request,
    "submissions": Chain.read,
    "events": Batch.read,
    "replies": read_reply,
    "no_files": read_carried,
}
CASES = [
    pytest.param(read, case, id=f"{group}: {case['name']}")
    for group, read in READERS.items()
    for case in hostile()[group]
]


@pytest.mark.parametrize(("read", "case"), CASES)
def test_hostile_bytes_get_their_answer_and_little_memory(read: Callable[[bytes], object], case: Case) -> None:
    raw = bytes_of(case)
    tracemalloc.start()
    try:
        with pytest.raises((CodecError, SyncError)) as refused:
            read(raw)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert type(refused.value).__name__ == case["fault"]
    assert peak < (BOMB_PEAK_BYTES_MAX if "bomb" in case["name"] else PEAK_BYTES_MAX)


@pytest.mark.parametrize("case", hostile()["files"], ids=lambda case: case["name"])
def test_of_a_damaged_file_of_replies_whatever_is_whole_is_read(case: Case) -> None:
    carried = read_carried(bytes_of(case))

    assert carried.is_whole == case["whole"]
    assert len(list(replies_in(carried))) == case["readable"]


def test_the_committed_cases_are_todays() -> None:
    assert FILE.read_text() == written(), "run `python -m tests.vectors.hostile`, and look at what changed"


def test_the_change_from_which_the_hostile_ones_are_made_is_taken() -> None:
    assert decode(change()).ops[0].key == "s/a"
