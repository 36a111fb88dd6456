"""A change is taken in the one spelling that `encode` gives it: decoding says so without writing it again."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from sync.codec import DELETED, Change, CodecError, Op, OpId, decode, encode
from sync.codec.columns import read_runs, write_runs
from sync.codec.leb import Reader, sleb, uleb
from tests.sync.codec.test_against_the_official_package import SCALARS

ME, OTHER, THIRD = (bytes([number]) * 16 for number in (5, 3, 9))
PREDS = st.lists(st.builds(OpId, st.integers(1, 99), st.sampled_from([ME, OTHER, THIRD])), max_size=3, unique=True)
OPS = st.builds(
    Op,
    st.sampled_from(["s/a", "s/a", "p/b", "q/水"]),
    st.one_of(SCALARS, st.just(DELETED)),
    PREDS.map(lambda preds: tuple(sorted(preds))),
)
CHANGES = st.builds(
    Change,
    st.just(ME),
    st.integers(1, 300),
    st.just(100),
    st.just(0),
    st.just(()),
    st.lists(OPS, max_size=9).map(tuple),
)


@settings(max_examples=400, deadline=None)
@given(CHANGES)
def test_what_was_encoded_is_decoded_to_the_same(change: Change) -> None:
    assert decode(encode(change)) == change


@settings(max_examples=2_000, deadline=None)
@given(CHANGES, st.data())
def test_whatever_is_taken_would_be_written_the_same(change: Change, data: st.DataObject) -> None:
    body = bytearray(encode(change))
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(20, len(body) - 1))
        body[place] = data.draw(st.one_of(st.integers(0, 255), st.sampled_from(body)))
    try:
        taken = decode(bytes(body))
    except CodecError:
        return
    assert encode(taken) == bytes(body)


RUNS = st.lists(st.tuples(st.sampled_from(["literal", "repeated", "nulls"]), st.lists(st.integers(0, 3), min_size=1)))


@settings(max_examples=2_000, deadline=None)
@given(RUNS)
@example([("literal", [1]), ("literal", [2])])
@example([("literal", [1]), ("repeated", [1, 1])])
@example([("repeated", [1])])
@example([("nulls", [1]), ("nulls", [1])])
def test_a_column_is_canonical_when_it_would_be_written_the_same(runs: list[tuple[str, list[int]]]) -> None:
    raw = b""
    for sort, values in runs:
        if sort == "literal":
            raw += sleb(-len(values)) + b"".join(map(uleb, values))
        elif sort == "repeated":
            raw += sleb(len(values)) + uleb(values[0])
        else:
            raw += b"\x00" + uleb(len(values))
    reader = Reader(raw)
    column = read_runs(reader, reader.ulebs, 10_000)
    assert column.canonical == (write_runs(column.values, uleb) == raw)


@settings(max_examples=2_000, deadline=None)
@given(st.binary(max_size=12))
@example(b"\xc0\x00")
@example(b"\xff\x7f")
@example(b"\x80" * 9 + b"\x01")
@example(b"\x80" * 9 + b"\x7f")
def test_an_integer_is_read_in_its_shortest_form_only(raw: bytes) -> None:
    for read, write in ((Reader.uleb, uleb), (Reader.sleb, sleb)):
        reader = Reader(raw)
        try:
            value = read(reader)
        except CodecError:
            continue
        assert write(value) == raw[: reader.at]
