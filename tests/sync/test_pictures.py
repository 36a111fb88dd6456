"""A piece of a photograph on the wire: who brings it, which it is, and what is too much."""

from dataclasses import replace

import pytest

from sync.errors import Malformed, SyncError, TooLarge, Truncated, UnsupportedVersion
from sync.identity import DeviceKey, verify
from sync.limits import PICTURE_BYTES_MAX, PIECE_BYTES_MAX
from sync.pictures import Piece, piece_of, read_piece

KEY = DeviceKey.generate()
PIECE = piece_of(KEY, 3, bytes(range(256)) * 300, 40_000)


def test_a_piece_says_who_brings_it_and_its_signature_holds_for_every_other_piece() -> None:
    again = read_piece(PIECE.write())
    assert again == PIECE
    verify(KEY.public_key, replace(again, at=0, content=b"").signature, again.signed)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", Truncated),
        (PIECE.write()[:90], Truncated),
        (b"\x07" + PIECE.write()[1:], UnsupportedVersion),
        (replace(PIECE, length=0, at=0, content=b"").write(), TooLarge),
        (replace(PIECE, length=PICTURE_BYTES_MAX + 1).write(), TooLarge),
        (replace(PIECE, content=bytes(PIECE_BYTES_MAX + 1)).write(), TooLarge),
        (replace(PIECE, length=40_001, content=b"12").write(), Malformed),
        (replace(PIECE, at=2**80).write(), Malformed),
    ],
    ids=range(8),  # the bytes are others in each process, and would be the tests' names
)
def test_what_is_too_much_or_cut_is_refused_by_name(body: bytes, error: type[SyncError]) -> None:
    with pytest.raises(error):
        read_piece(body)


def test_an_empty_piece_asks() -> None:
    asked: Piece = replace(PIECE, at=0, content=b"")
    assert read_piece(asked.write()) == asked
