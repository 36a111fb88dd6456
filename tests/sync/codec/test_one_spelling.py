"""A change is taken in the one spelling that `encode` gives it: decoding says so without writing it again."""

from collections.abc import Iterator
from random import Random

import pytest

from sync.codec import DELETED, DOOR, Change, CodecError, Op, OpId, decode, encode
from sync.codec.columns import read_runs, write_runs
from sync.codec.leb import Reader, sleb, uleb
from tests.sync.codec.histories import KEYS, some_value

ME, OTHER, THIRD = (bytes([number]) * 16 for number in (5, 3, 9))
START_MAX = 100


def some_change(rng: Random) -> Change:
    ops = tuple(some_op(rng) for _ in range(rng.randrange(9)))
    deps = sorted(rng.randbytes(32) for _ in range(rng.choice((0, 0, 1, 2))))
    message = rng.choice(("", "", "by file"))
    return Change(ME, rng.randrange(1, 300), START_MAX, rng.choice((0, -1, 2**40)), tuple(deps), ops, message)


def some_op(rng: Random) -> Op:
    preds = {OpId(rng.randrange(1, START_MAX), rng.choice((ME, OTHER, THIRD))) for _ in range(rng.randrange(3))}
    return Op(rng.choice(KEYS), rng.choice((DELETED, some_value(rng))), tuple(sorted(preds)))


def forged(rng: Random, body: bytes) -> bytes:
    """Up to three bytes of it made others: some at random, some that stand elsewhere in it."""
    out = bytearray(body)
    for _ in range(rng.randrange(1, 4)):
        out[rng.randrange(len(out))] = rng.choice((rng.randrange(256), rng.choice(body)))
    return bytes(out)


def test_what_was_encoded_is_decoded_to_the_same() -> None:
    for seed in range(2_000):
        body = encode(some_change(Random(seed)))
        assert encode(decode(body)) == body, f"seed {seed}"


def test_whatever_is_taken_would_be_written_the_same() -> None:
    taken = 0
    for seed in range(10_000):
        rng = Random(seed)
        body = forged(rng, encode(some_change(rng)))
        try:
            change = decode(body)
        except CodecError:
            continue
        taken += 1
        assert encode(change) == body, f"seed {seed}"
    assert taken > 500


RUNS = [
    [("literal", [1]), ("literal", [2])],
    [("literal", [1]), ("repeated", [1, 1])],
    [("repeated", [1])],
    [("nulls", [1]), ("nulls", [1])],
]


def some_runs(rng: Random) -> Iterator[tuple[str, list[int]]]:
    for _ in range(rng.randrange(5)):
        yield rng.choice(("literal", "repeated", "nulls")), [rng.randrange(4) for _ in range(rng.randrange(1, 4))]


def test_a_column_is_canonical_when_it_would_be_written_the_same() -> None:
    for runs in (*RUNS, *(list(some_runs(Random(seed))) for seed in range(5_000))):
        reader = Reader(spelt(runs))
        column = read_runs(reader, reader.ulebs, 10_000)
        assert column.canonical == (write_runs(column.values, uleb) == spelt(runs)), runs


def spelt(runs: list[tuple[str, list[int]]]) -> bytes:
    raw = b""
    for sort, values in runs:
        if sort == "literal":
            raw += sleb(-len(values)) + b"".join(map(uleb, values))
        elif sort == "repeated":
            raw += sleb(len(values)) + uleb(values[0])
        else:
            raw += b"\x00" + uleb(len(values))
    return raw


@pytest.mark.parametrize("edge", [b"\xc0\x00", b"\xff\x7f", b"\x80" * 9 + b"\x01", b"\x80" * 9 + b"\x7f"])
def test_an_integer_is_read_in_its_shortest_form_only(edge: bytes) -> None:
    rng = Random(edge)
    for raw in (edge, *(rng.randbytes(rng.randrange(1, 13)) for _ in range(2_000))):
        for read, write in ((Reader.uleb, uleb), (Reader.sleb, sleb)):
            reader = Reader(raw)
            try:
                value = read(reader)
            except CodecError:
                continue
            assert write(value) == raw[: reader.at]


def test_a_change_at_every_limit_is_taken() -> None:
    """What the phones are told that the door takes, it takes."""
    deps = tuple(number.to_bytes(32) for number in range(DOOR.dependencies))
    preds = tuple(sorted(OpId(1, bytes([number])) for number in range(DOOR.actors)))
    wide = Op("k" * DOOR.key_bytes, "v" * DOOR.value_bytes, preds)
    many = tuple(Op("k", None) for _ in range(DOOR.operations - 1))
    change = Change(b"a" * DOOR.actor_bytes, 1, 2, 0, deps, (wide, *many), "m" * DOOR.message_bytes)
    assert decode(encode(change)) == change
