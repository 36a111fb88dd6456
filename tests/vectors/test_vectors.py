"""The committed vectors are what the server's code makes today; the phone's tests run the same files."""

import json
from pathlib import Path

import pytest

from sync.codec import Document, decode, encode
from tests.vectors.make import all_vectors, written

HERE = Path(__file__).parent


@pytest.mark.parametrize("name", sorted(all_vectors()))
def test_the_committed_vectors_are_todays(name: str) -> None:
    committed = (HERE / f"{name}.json").read_text()
    assert committed == written(all_vectors()[name]), "run `python -m tests.vectors.make`, and look at what changed"


def test_every_change_is_written_again_to_the_same_bytes() -> None:
    for history in json.loads((HERE / "changes.json").read_text())["histories"]:
        for change in history["changes"]:
            body = bytes.fromhex(change["body"])
            assert encode(decode(body)) == body


def test_a_replica_that_gets_the_changes_alone_holds_the_same_survivors() -> None:
    for history in json.loads((HERE / "changes.json").read_text())["histories"]:
        replica = Document(bytes(16), (bytes.fromhex(change["body"]) for change in history["changes"]))
        assert [head.hex() for head in replica.heads] == history["heads"]
        assert {key: len(replica.survivors(key)) for key in replica.keys()} == {
            key: len(survivors) for key, survivors in history["survivors"].items()
        }
