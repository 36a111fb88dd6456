"""Two real servers: an upstream with a course, and a hub that has joined it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from server.cli.commands import invite, organisation_of
from server.composition import open_database, open_uplink
from server.hubs.uplink import Round
from server.settings import Settings
from server.shapes.learners import NewLearner
from sync.client import Replica
from sync.client.transport import exchange, join
from tests.offline_bundles.courses import course_folder
from tests.running import RunningServer
from tests.server.clock import now_ms

ADMINISTRATOR = ("ada", "an administrator's words")


@dataclass
class Pair:
    upstream: RunningServer
    hub: RunningServer

    def code(self, name: str) -> str:
        """A join code for a new learner of the course, made upstream."""
        settings = Settings(home=self.upstream.home)
        with open_database(settings) as database:
            new = NewLearner(name=name, language="en", courses=["small"])
            return invite(settings, database, organisation_of(database, ""), new).code

    @contextmanager
    def administrator(self) -> Iterator[httpx.Client]:
        name, password = ADMINISTRATOR
        with httpx.Client(base_url=self.upstream.url, headers={"origin": self.upstream.url}) as client:
            client.post("/v1/sign-in", json={"name": name, "password": password}).raise_for_status()
            yield client

    def sync(self) -> Round:
        """As `tiffin hub sync` does, beside the running hub."""
        settings = Settings(home=self.hub.home)
        with open_database(settings) as database:
            return open_uplink(settings, database).run()


def phone_at(server: RunningServer, code: str) -> Replica:
    with httpx.Client(base_url=server.url) as client:
        replica = join(client, code, "a phone")
        exchange(client, replica, now_ms())
        return replica


def exchange_at(server: RunningServer, replica: Replica) -> None:
    with httpx.Client(base_url=server.url) as client:
        exchange(client, replica, now_ms())


def new_hub(upstream: RunningServer, home: Path, name: str) -> RunningServer:
    hub = RunningServer(home, TIFFIN_UPLINK_SECONDS="86400")
    home.mkdir()
    url, code = upstream.command("hub", "add", name).partition("hub join ")[2].split()[:2]
    hub.command("hub", "join", url, code)
    hub.command("hub", "sync")
    hub.start()
    return hub


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("hubs")
    upstream = RunningServer(folder / "upstream")
    upstream.home.mkdir()
    name, password = ADMINISTRATOR
    upstream.command("account", "add", name, "--role", "administrator", "--password", password)
    upstream.command("pack", str(course_folder(folder / "course")))
    upstream.command("publish", "small", "1")
    upstream.start()
    hub = new_hub(upstream, folder / "hub", "Grace's laptop")
    yield Pair(upstream, hub)
    hub.stop()
    upstream.stop()
