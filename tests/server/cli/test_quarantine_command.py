"""`tiffin quarantine` beside a running server."""

import json
import stat
from pathlib import Path

import pytest

from sync.client.transport import post
from sync.codec import Timestamp
from sync.codec.change import TIME_MAX
from sync.codec.scalars import TIMESTAMP_MS_MAX
from sync.events import Event, Verb
from sync.official import winners_of
from sync.submissions import SECONDS_MAX, Submission
from sync.wire import FrameKind, Verdict
from tests.server.cli.test_command_line import refused
from tests.server.conftest import ADMINISTRATOR, Edge

pytestmark = pytest.mark.slow

PAGES = (
    *("/v1/overview", "/v1/devices", "/v1/conflicts", "/v1/quarantine", "/v1/activity/daily", "/v1/reviews"),
    *("/v1/courses/small/results", "/v1/xapi/statements"),
)


def test_what_is_in_quarantine_is_listed_shown_tried_again_and_exported(edge: Edge, tmp_path: Path) -> None:
    phone = edge.phone("Amina")
    phone.note("no-such-course", "page", "n1", "Boil for one minute")
    edge.exchange(phone)
    command = edge.server.command

    said = command("quarantine", "list")
    number = said.split()[0]
    shown = command("quarantine", "show", number)
    tried = command("quarantine", "release", number)
    file = tmp_path / "quarantine.jsonl"
    command("quarantine", "export", str(file))

    assert "Amina, Amina's phone" in said
    assert "progress no-such-course" in said
    assert "unknown_course" in said
    assert "Boil for one minute" in shown
    assert tried.strip() == f"{number} stays: unknown_course"
    [item] = [json.loads(line) for line in file.read_text().splitlines()]
    assert item["reason"] == "unknown_course"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "no item in quarantine of number 999" in refused(edge.server, "quarantine", "show", "999")
    assert "--all" in refused(edge.server, "quarantine", "release")


def test_times_that_no_calendar_holds_stop_at_the_door_and_every_page_still_opens(edge: Edge) -> None:
    """A clock may say anything: the last times that are taken, and the first that are not."""
    phone = edge.phone("Zuhra")
    last = SECONDS_MAX
    phone.submit(Submission("small", "exam", 1, 1, last, last, {"q1": "a"}))
    phone.submit(Submission("small", "exam", 1, 2, last + 1, last + 1, {"q1": "a"}))
    phone.happened("small", Event(Verb.READ, "page", last, last))
    phone.document("small", FrameKind.PROGRESS).put("n/page/n1", Timestamp(TIMESTAMP_MS_MAX))
    kept = phone.request(TIME_MAX)
    with edge.client() as client:
        assert phone.accept(post(client, kept)).verdicts == ()
        phone.document("small", FrameKind.PROGRESS).put("n/page/n2", Timestamp(TIMESTAMP_MS_MAX + 1))
        [verdict] = phone.accept(post(client, phone.request(TIME_MAX))).verdicts
    assert (verdict.verdict, verdict.reason) == (Verdict.QUARANTINED, "malformed")

    edge.server.command("quarantine", "list")
    with edge.signed_in(ADMINISTRATOR) as client:
        learner = next(one["id"] for one in client.get("/v1/learners").json()["items"] if one["name"] == "Zuhra")
        shown = [client.get(path) for path in (f"/v1/learners/{learner}", *PAGES)]
    assert [page.status_code for page in shown] == [200] * len(shown)
    attempts = [one for course in shown[0].json()["courses"] for one in course["attempts"]]
    assert max(one["ended_ms"] for one in attempts) == 1000 * last
    assert winners_of(phone.document("small", FrameKind.PROGRESS).bodies[:1]) == {
        "n/page/n1": Timestamp(TIMESTAMP_MS_MAX)
    }
