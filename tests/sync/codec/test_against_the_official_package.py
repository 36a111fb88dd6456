"""Random histories of several devices: our codec and the official package must read and write the same bytes."""

from random import Random

from automerge import core
from hypothesis import given, settings
from hypothesis import strategies as st

from sync import official
from sync.codec import Document, MissingDependencies, Uint, decode, encode, from_chunk, to_chunk

KEYS = st.sampled_from(["s/a", "s/b", "p/lecture", "n/a/1", "q/exam/q1", "é/水"])
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.integers(0, 2**64 - 1).map(Uint),
    st.floats(allow_nan=False),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30),
    st.binary(max_size=30),
)
PUT = st.tuples(st.just("put"), st.integers(0, 2), KEYS, SCALARS)
DELETE = st.tuples(st.just("delete"), st.integers(0, 2), KEYS, st.none())
COMMIT = st.tuples(st.just("commit"), st.integers(0, 2), st.just(""), st.none())
MEET = st.tuples(st.just("meet"), st.integers(0, 2), st.just(""), st.none())
HISTORIES = st.lists(st.one_of(PUT, DELETE, COMMIT, MEET), max_size=40)


def replicas() -> list[Document]:
    return [Document(bytes([number]) * 16) for number in (7, 3, 9)]


def play(history: list[tuple], phones: list[Document]) -> None:
    for act, which, key, value in history:
        phone, neighbour = phones[which], phones[(which + 1) % 3]
        if act == "put":
            phone.put(key, value)
        elif act == "delete":
            phone.delete(key)
        elif act == "commit":
            phone.commit(1_790_000_000)
        else:
            exchange(phone, neighbour)


def exchange(one: Document, other: Document) -> None:
    for body in other.bodies:
        one.apply(body)
    for body in one.bodies:
        other.apply(body)


@settings(max_examples=300, deadline=None)
@given(HISTORIES)
def test_our_changes_are_the_official_ones(history: list[tuple]) -> None:
    phones = replicas()
    play(history, phones)

    for phone in phones:
        assert official.heads_of(phone.bodies) == phone.heads
        assert official.winners_of(phone.bodies) == {key: phone.survivors(key)[-1].value for key in phone.keys()}


@settings(max_examples=300, deadline=None)
@given(HISTORIES)
def test_replicas_that_have_met_agree_whatever_the_order(history: list[tuple]) -> None:
    phones = replicas()
    play(history, phones)
    for phone in phones:
        phone.commit(1_790_000_001)
    for one, other in ((0, 1), (1, 2), (0, 1), (0, 2)):
        exchange(phones[one], phones[other])

    views = [{key: phone.survivors(key) for key in phone.keys()} for phone in phones]

    assert views[0] == views[1] == views[2]
    assert phones[0].heads == phones[1].heads == phones[2].heads


OFFICIAL_KINDS = {
    bool: core.ScalarType.Boolean,
    int: core.ScalarType.Int,
    float: core.ScalarType.F64,
    str: core.ScalarType.Str,
    bytes: core.ScalarType.Bytes,
    type(None): core.ScalarType.Null,
}
OFFICIAL_SCALARS = SCALARS.filter(lambda value: type(value) in OFFICIAL_KINDS)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.lists(st.tuples(st.integers(0, 2), KEYS, OFFICIAL_SCALARS | st.just(...)), max_size=6), max_size=8))
def test_official_changes_come_out_byte_for_byte(commits: list[list[tuple]]) -> None:
    devices = [core.Document(bytes([number]) * 16) for number in (7, 3, 9)]
    for puts in commits:
        for device in devices:
            write(device, [(key, value) for which, key, value in puts if devices[which] is device])
        devices[0].merge(devices[1])
        devices[2].merge(devices[0])

    for body in official.bodies_in(devices[2].save()):
        assert encode(decode(body)) == body
        assert from_chunk(to_chunk(body)) == body


def write(device: core.Document, puts: list[tuple]) -> None:
    if not puts:
        return
    with device.transaction() as transaction:
        for key, value in puts:
            if value is not ...:
                transaction.put(core.ROOT, key, OFFICIAL_KINDS[type(value)], value)
            elif key in transaction.keys(core.ROOT):
                transaction.delete(core.ROOT, key)


@settings(max_examples=60, deadline=None)
@given(HISTORIES, st.randoms(use_true_random=False))
def test_changes_in_any_order_are_the_same_document(history: list[tuple], rng: Random) -> None:
    """Nothing is applied before what it needs: what comes too early is refused, and comes again."""
    phones = replicas()
    play(history, phones)
    for phone in phones:
        phone.commit(1_790_000_001)
    waiting = list({body: None for phone in phones for body in phone.bodies})
    whole = Document(bytes(16))
    while waiting:
        rng.shuffle(waiting)
        waiting = [body for body in waiting if not taken(whole, body)]

    assert official.heads_of(whole.bodies) == whole.heads
    assert official.winners_of(whole.bodies) == {key: whole.survivors(key)[-1].value for key in whole.keys()}


def taken(document: Document, body: bytes) -> bool:
    try:
        document.apply(body)
    except MissingDependencies:
        return False
    return True
