"""Writes the vectors that the server's Python and the phone's TypeScript both run.

    python -m tests.vectors.make

Bytes are hexadecimal. Everything comes from seeded histories and from cases written out below, so the same files come
out each time; a test holds the committed ones to that.
"""

import json
import random
from hashlib import sha256
from math import inf, isnan, nan
from pathlib import Path
from typing import Any

from conflict.clock import Stamp, bounded, receive, tick, write_stamp
from conflict.intervals import INTERVALS_MAX, read_intervals, total_seconds, union, write_intervals
from conflict.packed import write_number
from conflict.rules import Survivor, fold
from server.consumers.values import stored
from sync.codec import CodecError, Deleted, Document, Scalar, Timestamp, Uint, change_hash, decode, write_scalar
from sync.events import Batch, Event, Verb
from sync.exchange import write_change
from sync.identity import join_statement
from sync.submissions import Chain, next_hash
from sync.wire import Frame, FrameKind, FrameVerdict, Header, Reply, Verdict, items_of, statement, write_reply
from tests.vectors.attempts import attempts
from tests.vectors.cards import cards
from tests.vectors.grading import grading

HERE = Path(__file__).parent
SEED = 20_261_121
HISTORIES = 24
VALUES: tuple[Scalar, ...] = (
    None,
    True,
    False,
    0,
    1,
    -1,
    64,
    -65,
    2**31,
    -(2**40),
    2**53 - 1,
    2**53,
    -(2**63),
    0.5,
    1.0,
    -0.0,
    nan,
    inf,
    Uint(0),
    Uint(2**64 - 1),
    Timestamp(-1),
    Timestamp(1_790_000_000_123),
    "",
    "ماء",
    "水😀\ufeff",
    b"",
    b"\x00\xff",
)
EXACT = 2**53 - 1  # what a phone's numbers hold


def all_vectors() -> dict[str, Any]:
    return {
        "changes": changes(),
        "folds": folds(),
        "clock": clock(),
        "intervals": intervals(),
        "grading": grading(),
        "attempts": attempts(),
        "wire": wire(),
        "cards": cards(),
    }


def main() -> None:
    for name, vectors in all_vectors().items():
        (HERE / f"{name}.json").write_text(written(vectors))


def written(vectors: Any) -> str:
    return json.dumps(vectors, ensure_ascii=False, indent=1) + "\n"


def plain(value: Scalar | Deleted) -> Any:
    """A value as JSON: bytes as {"hex": …}, a deletion as {"deleted": true}; what a phone keeps as it came, since its
    numbers would write it otherwise, as {"type": …, "hex": …}; infinity, which JSON lacks, by its name."""
    if isinstance(value, Deleted):
        return {"deleted": True}
    if isinstance(value, bytes):
        return {"hex": value.hex()}
    if _is_kept(value):
        kind, raw = write_scalar(value)
        return {"type": int(kind), "hex": raw.hex()}
    return {"number": "Infinity"} if value == inf else value


def _is_kept(value: Scalar) -> bool:
    if isinstance(value, float):
        return isnan(value) or (value.is_integer() and abs(value) <= EXACT)
    return isinstance(value, (Uint, Timestamp)) or (isinstance(value, int) and abs(value) > EXACT)


def changes() -> dict[str, Any]:
    """Histories of two and three replicas that meet now and then, and bodies that no decoder may take."""
    rng = random.Random(SEED)
    histories = [history(rng) for _ in range(HISTORIES)]
    return {"histories": histories, "malformed": malformed(rng, bytes.fromhex(histories[0]["changes"][-1]["body"]))}


def history(rng: random.Random) -> dict[str, Any]:
    replicas = [Document(rng.randbytes(16)) for _ in range(rng.choice((2, 3)))]
    made: list[dict[str, Any]] = []
    for step in range(12):
        replica = rng.choice(replicas)
        for _ in range(rng.randrange(1, 5)):
            key = rng.choice(("s/a", "p/a", "n/a/1", "n/ب/1", "q/x/1", " ", "n/水😀/1"))
            if rng.random() < 0.2:
                replica.delete(key)
            else:
                replica.put(key, rng.choice(VALUES))
        body = replica.commit(1_790_000_000 + step)
        if body:
            made.append(described(body, replicas.index(replica)))
        if rng.random() < 0.4:
            one, other = rng.sample(replicas, 2)
            for each in one.since(other.heads):
                other.apply(each)
    whole = replicas[0]
    for replica in replicas[1:]:
        for each in replica.since(whole.heads):
            whole.apply(each)
    survivors = {
        key: [[one.op.counter, one.op.actor.hex(), plain(one.value)] for one in whole.survivors(key)]
        for key in whole.keys()
    }
    return {"changes": made, "heads": [head.hex() for head in whole.heads], "survivors": survivors}


def described(body: bytes, replica: int) -> dict[str, Any]:
    change = decode(body)
    return {
        "replica": replica,
        "body": body.hex(),
        "hash": change_hash(body).hex(),
        "actor": change.actor.hex(),
        "seq": change.seq,
        "start_op": change.start_op,
        "time": change.time,
        "deps": [dep.hex() for dep in change.deps],
        "ops": [
            {"key": op.key, "value": plain(op.value), "pred": [[pred.counter, pred.actor.hex()] for pred in op.pred]}
            for op in change.ops
        ],
    }


def malformed(rng: random.Random, body: bytes) -> list[dict[str, str]]:
    """Every cut of a change, and many changed bytes of it: those that are refused, each with its kind of fault."""
    cut = [body[:end] for end in range(len(body))]
    changed = []
    for _ in range(300):
        forged = bytearray(body)
        forged[rng.randrange(len(body))] = rng.randrange(256)
        changed.append(bytes(forged))
    cases = {}
    for case in (*cut, *changed):
        try:
            decode(case)
        except CodecError as error:
            cases[case.hex()] = type(error).__name__
    return [{"body": case, "fault": fault} for case, fault in cases.items()]


def folds() -> list[dict[str, Any]]:
    one, two, three = (bytes([place]) * 16 for place in (1, 2, 3))

    def position(seconds: int, counter: int, place: int) -> bytes:
        return write_stamp(Stamp(seconds, counter)) + write_number(place)

    def answer(seconds: int, value: Any) -> bytes:
        return write_stamp(Stamp(seconds, 0)) + json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()

    cases: list[tuple[str, list[tuple[int, bytes, Any]]]] = [
        ("s/lecture", []),
        ("s/lecture", [(1, one, 1)]),
        ("s/lecture", [(1, one, 2), (2, two, 1)]),
        ("s/lecture", [(1, one, 3), (2, two, "completed"), (3, three, 1)]),
        ("p/lecture", [(1, one, position(100, 0, 70)), (9, two, position(99, 5, 40))]),
        ("p/lecture", [(1, one, position(100, 0, 70)), (1, two, position(100, 0, 40))]),
        ("p/lecture", [(1, one, b"\x80"), (2, two, position(1, 1, 5) + b"\x00")]),
        ("w/lecture", [(1, one, write_intervals([(0, 60)])), (1, two, write_intervals([(40, 120), (200, 210)]))]),
        ("b/lecture/42", [(1, one, True), (2, two, False)]),
        ("n/lecture/1", [(2, two, "ask Grace"), (1, one, "boil")]),
        ("n/lecture/1", [(1, one, "same"), (2, two, "same")]),
        ("n/lecture/1", [(1, one, "x" * 4_001), (2, two, "ملاحظة")]),
        ("q/exam/q1", [(1, one, answer(5, "a")), (2, two, answer(6, ["a", "c"])), (3, three, b"\x01\x00{")]),
        ("x/unknown", [(1, one, "low"), (7, two, "high")]),
        ("s/lecture", [(1, one, 2), (2, two, True)]),  # which is 1 to some computers, and no state to a reader
        ("x/unknown", [(1, one, 1), (2, two, True)]),
        ("w/lecture", [(1, one, write_intervals([(0, 60)])), (1, two, write_intervals([(60, 120)]))]),
        ("w/lecture", [(1, one, write_intervals((3 * n, 3 * n + 1) for n in range(INTERVALS_MAX + 1)))]),
        ("q/exam/q1", [(1, one, write_stamp(Stamp(9, 0)) + b'"\\ud800"'), (2, two, answer(6, "a"))]),
    ]
    return [folded(key, [Survivor(*survivor) for survivor in survivors]) for key, survivors in cases]


def folded(key: str, survivors: list[Survivor]) -> dict[str, Any]:
    result = fold(key, survivors)
    return {
        "key": key,
        "survivors": [[one.counter, one.actor.hex(), plain(one.value)] for one in survivors],
        "value": stored(result.value),
        "rule": result.rule,
        "version": result.version,
        "settled": result.settled,
    }


def clock() -> dict[str, Any]:
    rng = random.Random(SEED)
    stamps = [Stamp(rng.randrange(5), rng.randrange(3)) for _ in range(8)]
    ticks = [(last, wall) for last in stamps for wall in (0, 2, 9)]
    meetings = [(last, seen, wall) for last in stamps for seen in stamps for wall in (0, 3, 9)]
    walls = [(0, 100), (100, 100), (150, 100), (100 + 500 * 86_400, 100)]
    return {
        "tick": [[list(last), wall, list(tick(last, wall))] for last, wall in ticks],
        "receive": [[list(last), list(seen), wall, list(receive(last, seen, wall))] for last, seen, wall in meetings],
        "bounded": [[wall, anchor, bounded(wall, anchor)] for wall, anchor in walls],
        "written": [[list(stamp), write_stamp(stamp).hex()] for stamp in (*stamps, Stamp(1_790_000_000, 300))],
    }


def intervals() -> list[dict[str, Any]]:
    rng = random.Random(SEED)
    cases = [[(rng.randrange(300), rng.randrange(300)) for _ in range(rng.randrange(8))] for _ in range(40)]
    return [
        {
            "intervals": [list(pair) for pair in case],
            "union": [list(pair) for pair in union(case)],
            "seconds": total_seconds(case),
            "packed": write_intervals(case).hex(),
            "read": [list(pair) for pair in read_intervals(write_intervals(case))],
        }
        for case in cases
    ]


def wire() -> dict[str, Any]:
    rng = random.Random(SEED)
    records = [json.dumps({"course": "c", "number": number}).encode() for number in range(3)]
    chain = Chain(0, bytes(32), tuple(records))
    later = Chain(1, chain.hashes[0], tuple(records[1:]))
    body = bytes.fromhex(changes()["histories"][0]["changes"][0]["body"])
    events = (Event(Verb.OPENED, "lecture", 1_790_000_000, 0), Event(Verb.PLAYED, "lecture", 1_790_000_030, 25))
    frames = (
        Frame(FrameKind.SUBMISSIONS, later.write()),
        Frame(FrameKind.MILESTONES, write_change("water-and-health", body)),
        Frame(FrameKind.EVENTS, Batch(17, "ماء", events).write()),
    )
    header = Header(rng.randbytes(16), 300, rng.randbytes(8), 2**40, 1_790_000_000_123)
    verdicts = (FrameVerdict(1, Verdict.PARKED, "missing_dependencies"), FrameVerdict(2, Verdict.LATER, "busy"))
    grade = Frame(FrameKind.GRADE, json.dumps({"score": 4000, "padding": "x" * 400}).encode())
    reply = Reply(rng.randbytes(8), 77, 1_790_000_001_000, 30, True, verdicts, (frames[1], grade))
    return {
        "records": [record.hex() for record in records],
        "hashes": [name.hex() for name in chain.hashes],
        "first_hash": next_hash(bytes(32), records[0]).hex(),
        "chain_from_1": later.write().hex(),
        "events": frames[2].content.hex(),
        "change": frames[1].content.hex(),
        "change_body": body.hex(),
        "header": header.write().hex(),
        "statement_sha256": sha256(statement(header.write(), items_of(frames))).hexdigest(),
        "join_statement": join_statement("K7QM2XHP").hex(),
        "reply": write_reply(reply).hex(),
        "reply_epoch": reply.epoch.hex(),
        "device": header.device.hex(),
        "epoch": header.epoch.hex(),
    }


if __name__ == "__main__":
    main()
