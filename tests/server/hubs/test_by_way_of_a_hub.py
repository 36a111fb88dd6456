"""A classroom without a network: phones meet a hub, the hub meets its upstream."""

import pytest

from conflict.rules import LessonState
from sync.client import Replica
from sync.submissions import Submission
from tests.server.clock import now_ms
from tests.server.hubs.conftest import Pair, exchange_at, phone_at

pytestmark = pytest.mark.slow


def study(phone: Replica) -> None:
    phone.reach("small", "lecture", LessonState.COMPLETED)
    started = now_ms() // 1000 - 600
    phone.submit(Submission("small", "exam", 1, 1, started, started + 60, {"q1": "a"}))


def test_work_goes_up_and_its_grade_comes_down(pair: Pair) -> None:
    code = pair.code("Amina")
    pair.sync()
    phone = phone_at(pair.hub, code)
    study(phone)
    exchange_at(pair.hub, phone)

    said = pair.sync()
    exchange_at(pair.hub, phone)

    assert "1 joined" in said
    assert phone.outbox.is_empty
    assert [grade["state"] for grade in phone.grades] == ["graded"]
    assert phone.releases["small"]["number"] == 1
