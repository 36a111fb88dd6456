"""A server is ready while it works off a crowd, and not when what follows the log has stopped."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from server.database import Database
from server.health import UNREAD_SECONDS_MAX, Health
from server.tables.ids import now_ms

MINUTE_MS = 60_000


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(f"sqlite:///{tmp_path / 'tiffin.db'}")
    opened.migrate()
    yield opened
    opened.close()


def ready(database: Database, folder: Path, unread_since_ms: dict[str, int]) -> tuple[bool, str]:
    health = Health(database, folder, 0, lambda: unread_since_ms, None)
    found = health.check()
    return found.ready, next(check.detail for check in found.checks if check.name == "consumers")


def test_a_server_that_works_off_a_crowd_is_ready(database: Database, tmp_path: Path) -> None:
    came = now_ms()
    is_ready, detail = ready(database, tmp_path, {"grades": came - 10 * MINUTE_MS, "events": came})
    assert is_ready
    assert detail.startswith("grades is 6")


def test_a_server_whose_grades_stopped_long_ago_is_not(database: Database, tmp_path: Path) -> None:
    stopped = now_ms() - UNREAD_SECONDS_MAX * 1000 - MINUTE_MS
    is_ready, detail = ready(database, tmp_path, {"grades": stopped, "events": now_ms()})
    assert not is_ready
    assert detail.startswith("grades")


def test_a_server_that_has_read_all_is_ready(database: Database, tmp_path: Path) -> None:
    assert ready(database, tmp_path, {}) == (True, "")
