"""Migrations make exactly the tables that the code describes, on each database."""

import secrets
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlmodel import SQLModel

import server.tables  # noqa: F401  # fills the metadata
from server.database import Database
from tests.services.postgres import new_database


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'tiffin.db'}"
    empty = new_database(request.getfixturevalue("postgres_cluster"), f"empty_{secrets.token_hex(6)}")
    return empty.replace("postgresql://", "postgresql+psycopg://")


def test_migrations_make_the_tables_of_the_models(url: str) -> None:
    database = Database(url)
    database.migrate()
    with database.engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), SQLModel.metadata)
    database.close()
    assert differences == []


def test_migrating_again_changes_nothing(url: str) -> None:
    database = Database(url)
    database.migrate()
    database.migrate()
    assert database.is_at_head()
    database.close()
