"""One process serves a home with SQLite; the next is told which one does, and what to do."""

import os
from pathlib import Path

import pytest

from server.errors import SetupError
from server.serving.lock import serving, unserved
from server.settings import Settings
from tests.running import RunningServer
from tests.server.cli.test_command_line import refused
from tests.services.ports import free_port

IN_POSTGRESQL = "postgresql://nobody@127.0.0.1:1/none"


@pytest.fixture
def home(tmp_path: Path) -> RunningServer:
    here = RunningServer(tmp_path / "home")
    here.home.mkdir()
    return here


@pytest.mark.slow
@pytest.mark.parametrize("command", ["serve", "demo"])
def test_the_second_is_refused_before_it_does_anything(home: RunningServer, command: str) -> None:
    with serving(Settings(home=home.home, public_url="https://first.example.org")):
        said = refused(home, command, TIFFIN_PORT=str(free_port()))
        assert not (home.home / "tiffin.db").exists()
    assert f"{home.home} is served already by process {os.getpid()}, at https://first.example.org." in said
    assert "stop that one first" in said
    assert "TIFFIN_HOME=" in said


@pytest.mark.slow
def test_a_server_that_was_killed_holds_nothing_and_commands_work_beside_a_running_one(home: RunningServer) -> None:
    settings = Settings(home=home.home)
    home.start()
    try:
        with pytest.raises(SetupError, match=f"by process {home.pid}, at {home.url}"), serving(settings):
            pass
        home.command("backup", str(home.home.parent))
        home.kill()
        with serving(settings):
            pass
    finally:
        home.stop()


@pytest.mark.slow
def test_a_home_that_is_served_does_not_become_a_hub(home: RunningServer) -> None:
    with serving(Settings(home=home.home)):
        said = refused(home, "hub", "join", "http://127.0.0.1:1", "ABCD-EFGH")
    assert f"is served by process {os.getpid()}" in said
    assert "Stop it first, join, then start it again" in said


def test_beside_postgresql_several_serve_and_none_while_it_becomes_a_hub(home: RunningServer) -> None:
    settings = Settings(home=home.home, database_url=IN_POSTGRESQL)
    served = pytest.raises(SetupError, match=r"is served\. Stop it")
    becomes_a_hub = pytest.raises(SetupError, match="or becomes a hub just now")
    with serving(settings), serving(settings), served, unserved(settings.home, "Stop it."):
        pass
    with unserved(settings.home, "Stop it."), becomes_a_hub, serving(settings):
        pass
