"""Every test of the log runs on each database that a server may use."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.log.school import School, school


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgresql":
        url: str = request.getfixturevalue("postgres_url")
        return url.replace("postgresql://", "postgresql+psycopg://")
    return f"sqlite:///{tmp_path / 'tiffin.db'}"


@pytest.fixture
def here(database_url: str, tmp_path: Path) -> Iterator[School]:
    with school(database_url, tmp_path) as opened:
        yield opened
