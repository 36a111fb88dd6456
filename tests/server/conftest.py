"""What tests of the server begin with: a school on each database, within this process; or a running server, over HTTP.

The running server is the *edge*: it has one course, a trainer, an administrator, and codes for new learners."""

import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from sync.client import Replica
from sync.client.transport import exchange, join
from tests.offline_bundles.courses import course_folder
from tests.running import RunningServer, running
from tests.server.clock import now_ms
from tests.server.school import School, school

TRAINER, ADMINISTRATOR = ("grace", "a trainer's words"), ("ada", "an administrator's words")


@dataclass
class Edge:
    """The server as its callers meet it."""

    server: RunningServer
    folder: Path

    def client(self) -> httpx.Client:
        return self.server.client()

    def signed_in(self, who: tuple[str, str]) -> AbstractContextManager[httpx.Client]:
        return self.server.signed_in(*who)

    def code(self, name: str) -> str:
        """A join code for a new learner of the course."""
        with self.signed_in(TRAINER) as client:
            new = {"name": name, "language": "en", "courses": ["small"]}
            return str(client.post("/v1/learners", json=new).raise_for_status().json()["invitation"]["code"])

    def phone(self, name: str, code: str | None = None) -> Replica:
        """A phone that has joined, and has heard what was published."""
        with self.client() as client:
            replica = join(client, code or self.code(name), f"{name}'s phone")
            exchange(client, replica, now_ms())
            return replica

    def exchange(self, replica: Replica) -> None:
        with self.client() as client:
            exchange(client, replica, now_ms())


@pytest.fixture(scope="session")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a course, and a home in which it is packed and published."""
    folder = tmp_path_factory.mktemp("packed")
    here = RunningServer(folder / "home")
    here.home.mkdir()
    for (name, password), role in ((TRAINER, "trainer"), (ADMINISTRATOR, "administrator")):
        here.command("account", "add", name, "--role", role, "--password", password)
    here.command("pack", str(course_folder(folder / "course")))
    here.command("publish", "small", "1")
    return folder


@pytest.fixture(scope="module")
def edge(packed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    folder = tmp_path_factory.mktemp("edge") / "edge"
    shutil.copytree(packed, folder)
    with running(folder / "home", TIFFIN_PUSH_ALLOW_LOCAL="true") as server:
        yield Edge(server, folder)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Whoever asks for it is tried on each database that a server may use."""
    if request.param == "postgresql":
        url: str = request.getfixturevalue("postgres_url")
        return url.replace("postgresql://", "postgresql+psycopg://")
    return f"sqlite:///{tmp_path / 'tiffin.db'}"


@pytest.fixture
def here(database_url: str, tmp_path: Path) -> Iterator[School]:
    with school(database_url, tmp_path) as opened:
        yield opened
