"""The door holds against requests that are nearly honest, and lets some of them be read."""

from itertools import islice
from pathlib import Path

from tests.fuzz.door import knock, requests

FOUND = Path(__file__).parent.parent / "vectors" / "found"


def test_three_thousand_mutated_requests_are_read_or_refused_and_nothing_else() -> None:
    read = [knock(body) for body in islice(requests(1), 3_000)]

    assert 300 < sum(read) < 3_000


def test_what_once_broke_the_door_no_longer_does() -> None:
    for path in FOUND.glob("*.hex"):
        knock(bytes.fromhex(path.read_text()))
