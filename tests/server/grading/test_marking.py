"""The machine's grading of one submission: what its record says of the time, as far as it can be believed."""

import json
from typing import Any

import pytest

from server.grading.marking import graded
from server.grading.source import Quiz
from server.tables import LogEntry
from sync.submissions import Submission
from sync.wire import FrameKind

CLOSED = Quiz(
    {
        "closes": 1_790_001_000,
        "questions": [{"id": "q1", "kind": "free_text", "points": 3}, {"id": "q2", "kind": "numeric", "points": 1}],
    },
    {"q1": {"rubric": []}, "q2": {"answer": "1"}},
)
IN_TIME, TOO_LATE = [1_790_000_000_000, 600_000], [1_790_000_900_000, 600_000]


def marked(anchor: Any) -> Any:
    """A record that ended in time by its own clock, and arrived a week later."""
    fields = {
        "course": "c",
        "activity": "exam",
        "release": 1,
        "number": 1,
        "started": 1_790_000_000,
        "ended": 1_790_000_600,
        "answers": {"q1": "Because.", "q2": "1"},
    }
    body = json.dumps(fields if anchor is None else {**fields, "anchor": anchor}).encode()
    entry = LogEntry(
        organisation_id="o",
        learner_id="l",
        kind=FrameKind.SUBMISSIONS,
        hash=b"h",
        body=body,
        received_ms=1_790_600_000_000,
    )
    return graded(entry, Submission.read(body), CLOSED)  # type: ignore[arg-type]  # a row by another name


@pytest.mark.parametrize(
    ("anchor", "reason"),
    [
        (IN_TIME, ""),
        (TOO_LATE, "late"),
        (None, "time_unproven"),
        ([0, 600_000], "time_unproven"),
        ([1_790_000_000_000, -1], "time_unproven"),
        ([1e300, 0], "time_unproven"),
        ("now", "time_unproven"),
        ([True, True], "time_unproven"),
        ([2**60, 0], "time_unproven"),
    ],
)
def test_an_anchor_is_believed_where_it_is_one(anchor: Any, reason: str) -> None:
    assert marked(anchor).reason == reason


def test_what_a_person_must_read_is_noted_beside_what_the_machine_found() -> None:
    row = marked(IN_TIME)
    assert [(mark.item.points, mark.item.waits) for mark in row.questions] == [(0, True), (1000, False)]
    assert (row.score, row.score_max) == (1000, 4000)
