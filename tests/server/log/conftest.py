"""Every test of the log runs on each database that a server may use."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.log.school import School, school


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
def here(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[School]:
    url = f"sqlite:///{tmp_path / 'tiffin.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url").replace("postgresql://", "postgresql+psycopg://")
    with school(url, tmp_path) as opened:
        yield opened
