"""What every test may ask for: the real data, when it lies beside the project, and real servers."""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.services.postgres import new_database, postgres
from tests.services.redis import redis_server
from tests.services.s3 import s3_server
from tests.services.swift import swift_server
from tests.services.tables import migrated

# The same examples each time, and no clock: a test fails because of what it tests.
settings.register_profile("tiffin", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tiffin")
BESIDE_THE_PROJECT = Path(__file__).parent.parent.parent / "shared" / "data"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with long tests come first, the simulation before all, so that in the end no worker waits for another."""
    long = {item.path for item in items if any(map(item.get_closest_marker, ("slow", "browser")))}
    place = {path: at for at, path in enumerate(sorted(long, reverse=True))}
    items.sort(key=lambda item: place.get(item.path, len(place)))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real courses, videos and quizzes that no one here wrote; skipped only where the folder is absent."""
    folder = Path(os.environ.get("TIFFIN_TEST_DATA", BESIDE_THE_PROJECT))
    if not folder.is_dir():
        pytest.skip(f"the real test data is not at {folder}")
    return folder


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[str]:
    with postgres() as url:
        yield url


@pytest.fixture(scope="session")
def postgres_tables(postgres_cluster: str) -> str:
    """The name of a database with the newest tables, to be copied."""
    url = new_database(postgres_cluster, "tables")
    migrated(url.replace("postgresql://", "postgresql+psycopg://"))
    return "tables"


@pytest.fixture
def postgres_url(postgres_cluster: str, postgres_tables: str) -> str:
    """A database of this test's own, with empty tables."""
    return new_database(postgres_cluster, f"tiffin_{secrets.token_hex(6)}", like=postgres_tables)


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    with redis_server() as url:
        yield url


@pytest.fixture(scope="session")
def s3_url() -> Iterator[str]:
    with s3_server() as url:
        yield url


@pytest.fixture(scope="session")
def swift_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with swift_server(tmp_path_factory.mktemp("swift")) as url:
        yield url
