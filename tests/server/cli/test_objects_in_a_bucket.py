"""The commands where objects are in S3: each does what it does with a folder, or says why not."""

import socket
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from offline_bundles.stores.s3 import S3Store
from tests.forking import run
from tests.offline_bundles.courses import course_folder
from tests.running import RunningServer
from tests.services.ports import free_port
from tests.services.s3 import ACCESS, new_bucket, s3_server

pytestmark = pytest.mark.servers


class Town:
    """A home whose objects are in a bucket of its own."""

    def __init__(self, folder: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.store: S3Store = new_bucket(url, monkeypatch)
        bucket = f"s3://{self.store.bucket}"
        self.server = RunningServer(folder / "home", TIFFIN_OBJECTS_URL=bucket, TIFFIN_OBJECTS_ENDPOINT=url, **ACCESS)
        self.server.home.mkdir(parents=True)
        self.does("account", "add", "ada", "--role", "administrator", "--password", "an administrator's words")

    def does(self, *words: str) -> str:
        return self.server.command(*words)

    def refuses(self, *words: str, **environment: str) -> str:
        done = run(words, self.server.environment | environment)
        assert done.returncode == 1
        assert "Traceback" not in done.stderr
        return done.stderr


@pytest.fixture
def town(tmp_path: Path, s3_url: str, monkeypatch: pytest.MonkeyPatch) -> Town:
    return Town(tmp_path / "town", s3_url, monkeypatch)


def test_a_course_goes_through_every_command(town: Town, tmp_path: Path) -> None:
    course, card = str(course_folder(tmp_path / "course")), str(tmp_path / "card.zip")
    town.does("pack", course)
    town.does("publish", "small", "1")
    held = sorted(town.store.digests())
    assert held
    assert not (town.server.home / "objects").exists()
    town.does("pack", course)
    town.does("verify", "small", "1")
    town.does("export", "small", "--to", card)
    assert town.does("collect").startswith("0 objects")
    for digest in held:
        town.store.client.delete_object(**town.store._name(digest))
    assert "missing" in town.refuses("verify", "small", "1")
    town.does("take", card)
    assert sorted(town.store.digests()) == held
    town.does("verify", "small", "1")


def test_rotten_bytes_are_named_and_not_exported(town: Town, tmp_path: Path) -> None:
    folder = course_folder(tmp_path / "course")
    town.does("pack", str(folder))
    town.does("publish", "small", "1")
    victim = max(town.store.digests(), key=town.store.size)
    town.store.client.put_object(**town.store._name(victim), Body=b"?" * town.store.size(victim))
    assert victim[:12] in town.refuses("verify", "small", "1")
    assert victim[:12] in town.refuses("export", "small", "--to", str(tmp_path / "card.zip"))


def test_a_backup_says_that_the_bucket_is_not_in_it(town: Town, tmp_path: Path) -> None:
    assert "NOT in this file" in town.does("backup", str(tmp_path / "backup.zip"))


def test_a_bucket_that_cannot_be_used_is_said_in_a_sentence(town: Town, tmp_path: Path) -> None:
    course = str(course_folder(tmp_path / "course"))
    nobody = f"http://127.0.0.1:{free_port()}"
    assert "cannot be reached" in town.refuses("pack", course, TIFFIN_OBJECTS_ENDPOINT=nobody)
    assert "refuses" in town.refuses("pack", course, TIFFIN_OBJECTS_URL="s3://no-such-bucket")
    assert "TIFFIN_OBJECTS_URL" in town.refuses("pack", course, TIFFIN_OBJECTS_URL="no address")


def readiness(town: Town) -> tuple[int, bool]:
    """The status of `/readyz`, and what it says of the bucket."""
    with town.server.client() as client:
        reply = client.get("/readyz")
    return reply.status_code, {check["name"]: check["ok"] for check in reply.json()["checks"]}["bucket"]


def test_a_server_whose_bucket_is_gone_or_silent_says_that_it_is_not_ready(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ExitStack() as ending:
        with s3_server() as url:
            town = Town(tmp_path / "town", url, monkeypatch)
            town.server.start()
            ending.callback(town.server.stop)
            while readiness(town) != (200, True):  # the bucket is given two seconds to answer
                pass
        while readiness(town) == (200, True):  # what was found stands for a second
            pass
        assert readiness(town) == (503, False)
        with socket.create_server(("127.0.0.1", urlsplit(url).port or 0)) as silent:
            silent.setblocking(False)
            while not asked(silent):
                assert readiness(town) == (503, False)
        with town.server.client() as client:
            assert client.get("/livez").status_code == 200


def asked(silent: socket.socket) -> bool:
    """Whether someone came by, and waited for an answer that never came."""
    try:
        silent.accept()[0].close()
    except BlockingIOError:
        return False
    return True
