"""Two real servers: an upstream with a course, and a hub that has joined it."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from conflict.rules import LessonState
from server.cli.commands import invite, organisation_of, sign_up
from server.composition import open_database
from server.database import Database
from server.exchanging import open_uplink
from server.hubs.asking.uplink import Round
from server.settings import Settings
from server.shapes.learners import NewLearner
from server.tables import Role, Upstream
from sync.client import Replica
from sync.client.transport import exchange, join
from sync.submissions import Submission
from tests.browser.witness import pytest_runtest_makereport  # noqa: F401  # a hook of pytest's
from tests.offline_bundles.courses import course_folder
from tests.running import RunningServer, until
from tests.server.clock import now_ms

ADMINISTRATOR, TRAINER = ("ada", "an administrator's words"), ("grace", "a trainer's words")


@dataclass
class Pair:
    """`older_code` was made upstream before there was any hub."""

    upstream: RunningServer
    hub: RunningServer
    older_code: str

    def code(self, name: str) -> str:
        """A join code for a new learner of the course, made upstream."""
        return new_code_of(self.upstream, name)

    def trainer(self) -> AbstractContextManager[httpx.Client]:
        """At the hub's own console."""
        return self.hub.signed_in(*TRAINER)

    def administrator(self) -> AbstractContextManager[httpx.Client]:
        return self.upstream.signed_in(*ADMINISTRATOR)

    def sync(self) -> Round:
        """As `tiffin hub sync` does, beside the running hub."""
        settings = Settings(home=self.hub.home)
        with open_database(settings) as database:
            return open_uplink(settings, database).run()


def new_account(server: RunningServer, role: Role, name: str, password: str) -> None:
    with open_database(Settings(home=server.home)) as database:
        sign_up(database, organisation_of(database, "", make=True), name, role, password)


def new_code_of(server: RunningServer, name: str) -> str:
    settings = Settings(home=server.home)
    with open_database(settings) as database:
        new = NewLearner(name=name, language="en", courses=["small"])
        return invite(settings, database, organisation_of(database, ""), new).code


def phone_at(server: RunningServer, code: str) -> Replica:
    with server.client() as client:
        replica = join(client, code, "a phone")
        exchange(client, replica, now_ms())
        return replica


def exchange_at(server: RunningServer, replica: Replica) -> None:
    with server.client() as client:
        exchange(client, replica, now_ms())


def study(phone: Replica, number: int = 1) -> None:
    phone.reach("small", "lecture", LessonState.COMPLETED)
    started = now_ms() // 1000 - 600
    phone.submit(Submission("small", "exam", 1, number, started, started + 60, {"q1": "a"}))


def new_hub(upstream: RunningServer, home: Path, name: str) -> RunningServer:
    hub = RunningServer(home, TIFFIN_UPLINK_SECONDS="86400")
    home.mkdir()
    url, code = upstream.command("hub", "add", name).partition("hub join ")[2].split()[:2]
    hub.command("hub", "join", url, code)
    hub.command("hub", "sync")
    by_hand = last_round(home)
    hub.start()
    until(lambda: last_round(home) != by_hand)  # it goes up by itself once, and must not meet the first test
    return hub


def last_round(home: Path) -> int | None:
    with open_database(Settings(home=home)) as database, database.reading() as session:
        return session.get_one(Upstream, 1).last_uplink_ms


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Tables without a server, one set for all: each test has an organisation of its own in them."""
    with open_database(Settings(home=tmp_path_factory.mktemp("tables"))) as database:
        yield database


@pytest.fixture(scope="session")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("hubs")
    upstream = RunningServer(folder / "upstream")
    upstream.home.mkdir()
    new_account(upstream, Role.ADMINISTRATOR, *ADMINISTRATOR)
    upstream.command("pack", str(course_folder(folder / "course")))
    upstream.command("publish", "small", "1")
    upstream.start()
    code = new_code_of(upstream, "Neema")
    hub = new_hub(upstream, folder / "hub", "Grace's laptop")
    new_account(hub, Role.TRAINER, *TRAINER)
    yield Pair(upstream, hub, code)
    hub.stop()
    upstream.stop()
