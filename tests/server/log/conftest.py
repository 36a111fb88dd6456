"""Every test of the log runs on each database that a server may use."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.log.school import School, school


@pytest.fixture(params=["sqlite"])
def here(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[School]:
    with school(f"sqlite:///{tmp_path / 'tiffin.db'}", tmp_path) as opened:
        yield opened
