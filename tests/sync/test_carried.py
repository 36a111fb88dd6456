"""The file that carries exchanges: whatever happens to it on the way, what is whole in it is read."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.carried import CHECK_BYTES, HEAD_BYTES, MAGIC, CarriedReply, Kind, Outcome, read_carried, write_carried
from sync.client import Photographs, Replica, write_requests
from sync.codec.leb import uleb
from sync.errors import Malformed, NotCarried, SyncError, TooLarge, UnsupportedVersion
from sync.identity import DeviceKey
from sync.limits import CARRIED_BYTES_MAX, CARRIED_PART_BYTES_MAX, CARRIED_PARTS_MAX, PICTURE_BYTES_MAX
from sync.pictures import read_part

PARTS = (b"Amina's week", b"x" * 300, b"Grace's week")


@given(st.lists(st.binary(min_size=1, max_size=400), max_size=12), st.sampled_from(Kind))
def test_what_was_written_is_read(parts: list[bytes], kind: Kind) -> None:
    carried = read_carried(write_carried(kind, parts))
    assert (carried.kind, list(carried.parts), carried.damaged, carried.is_whole) == (kind, parts, 0, True)


def test_the_same_parts_give_the_same_bytes_and_these_are_they() -> None:
    """Pinned, so that another client can be written from docs/protocol.md."""
    written = MAGIC + b"\x01\x01" + uleb(3) + sha256(b"one").digest()[:8] + b"one" + b"\x00"
    assert write_carried(Kind.REQUESTS, [b"one"]) == written + sha256(written).digest()


def test_a_file_cut_at_any_byte_yields_every_part_before_the_cut() -> None:
    body = write_carried(Kind.REQUESTS, PARTS)
    ends = [HEAD_BYTES]
    for part in PARTS:
        ends.append(ends[-1] + len(uleb(len(part))) + CHECK_BYTES + len(part))
    for cut in range(HEAD_BYTES, len(body)):
        carried = read_carried(body[:cut])
        assert carried.parts == PARTS[: sum(end <= cut for end in ends[1:])]
        assert (carried.is_whole, carried.damaged) == (False, 0)


def test_a_bit_that_turned_costs_the_part_it_is_in_and_is_told() -> None:
    body = write_carried(Kind.REQUESTS, PARTS)
    first = HEAD_BYTES + 1 + CHECK_BYTES
    for place in range(8 * first, 8 * (first + len(PARTS[0]))):
        damaged = bytearray(body)
        damaged[place // 8] ^= 1 << place % 8
        carried = read_carried(bytes(damaged))
        assert (carried.parts, carried.damaged, carried.is_whole) == (PARTS[1:], 1, False)


@given(st.integers(0, 8 * len(write_carried(Kind.REQUESTS, PARTS)) - 1))
def test_no_turned_bit_makes_a_part_that_was_never_written_or_passes_for_whole(place: int) -> None:
    damaged = bytearray(write_carried(Kind.REQUESTS, PARTS))
    damaged[place // 8] ^= 1 << place % 8
    try:
        carried = read_carried(bytes(damaged))
    except SyncError:
        return
    assert set(carried.parts) <= set(PARTS)
    assert not carried.is_whole


@given(st.binary(max_size=400))
def test_any_bytes_are_answered_with_what_is_whole_or_with_an_error_of_ours(tail: bytes) -> None:
    for body in (tail, MAGIC + tail, MAGIC + b"\x01\x01" + tail):
        try:
            read_carried(body)
        except SyncError as error:
            assert str(error)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", NotCarried),
        (MAGIC, NotCarried),
        (MAGIC.replace(b"\n", b"\r\n") + b"\x01\x01\x00", NotCarried),
        (MAGIC + b"\x02\x01\x00", UnsupportedVersion),
        (MAGIC + b"\x01\x07\x00", NotCarried),
        (MAGIC + bytes(CARRIED_BYTES_MAX), TooLarge),
    ],
)
def test_what_is_no_carried_file_is_named(body: bytes, error: type[SyncError]) -> None:
    with pytest.raises(error):
        read_carried(body)


def test_a_part_over_the_limit_is_neither_written_nor_read() -> None:
    large = bytes(CARRIED_PART_BYTES_MAX + 1)
    with pytest.raises(TooLarge):
        write_carried(Kind.REQUESTS, [large])
    forged = MAGIC + b"\x01\x01" + uleb(len(large)) + sha256(large).digest()[:8] + large
    assert (read_carried(forged).parts, read_carried(forged).damaged) == ((), 1)


def test_more_parts_than_the_limit_are_neither_written_nor_read() -> None:
    with pytest.raises(TooLarge):
        write_carried(Kind.REQUESTS, [b"x"] * (CARRIED_PARTS_MAX + 1))
    one = uleb(1) + sha256(b"x").digest()[:8] + b"x"
    with pytest.raises(TooLarge):
        read_carried(MAGIC + b"\x01\x01" + one * (CARRIED_PARTS_MAX + 1))


@given(
    st.binary(min_size=16, max_size=16),
    st.integers(0, 2**53 - 1),
    st.binary(min_size=8, max_size=60),
    st.sampled_from(Outcome),
)
def test_a_carried_reply_is_read_as_it_was_written(device: bytes, profile: int, body: bytes, outcome: Outcome) -> None:
    reply = CarriedReply(device, profile, sha256(body).digest(), outcome, body)
    assert CarriedReply.read(reply.write()) == reply


@pytest.mark.parametrize("part", [b"", b"x" * 48, b"x" * 16 + b"\x01" + b"y" * 32 + b"\x07", b"\xff" * 80])
def test_a_reply_that_cannot_be_read_says_so(part: bytes) -> None:
    with pytest.raises(Malformed):
        CarriedReply.read(part)


def test_what_finds_no_room_in_a_file_comes_first_in_the_next() -> None:
    album = Photographs(Replica(DeviceKey.generate(), 1))
    names = [bytes.fromhex(album.add(bytes([at]) * 1_000)) for at in range(7)]

    files = [[read_part(part).digest for part in album.parts(room=3 * 1_200)] for _ in range(3)]

    assert files == [names[:3], names[3:6], [names[6], *names[:2]]]


def test_a_whole_photograph_is_a_part_and_more_is_none() -> None:
    album = Photographs(Replica(DeviceKey.generate(), 1))
    album.add(bytes(PICTURE_BYTES_MAX))
    album.add(bytes(PICTURE_BYTES_MAX + 1))
    request, picture, large = read_carried(write_requests([album.replica], 1, [album])).parts
    assert read_part(picture).content == bytes(PICTURE_BYTES_MAX)
    for part in (large, request, b"", b"P", picture[:-1] + b"xx"):
        with pytest.raises(SyncError):
            read_part(part)
