"""What the commands say: what they did, or in a sentence what is wrong. Each runs as a process of its own."""

import errno
import signal
import socket
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from shutil import copytree

import pytest

from server.cli.failing import in_words
from server.cli.serving import misspelt
from sync.client.transport import exchange, join
from tests.forking import run
from tests.offline_bundles.courses import course_folder
from tests.running import STOP_SECONDS_MAX, TIFFIN, RunningServer
from tests.server.clock import now_ms

pytestmark = pytest.mark.slow  # each command is a process that loads the whole server


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> RunningServer:
    """A home folder with an organisation; nothing runs."""
    here = RunningServer(tmp_path_factory.mktemp("home"))
    here.command("account", "add", "ada", "--role", "administrator")
    return here


def refused(here: RunningServer, *words: str, **environment: str) -> str:
    """What a command that must fail says."""
    done = run(words, here.environment | environment)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def test_a_course_is_packed_published_and_verified(home: RunningServer, tmp_path: Path) -> None:
    folder = course_folder(tmp_path / "course")
    assert "Release 1 of small is packed" in home.command("pack", str(folder))
    assert "nothing has changed" in home.command("pack", str(folder))
    assert "is published" in home.command("publish", "small", "1")
    assert "every byte as it was signed" in home.command("verify", "small", "1")
    change_a_byte_of_the_largest(home.home / "objects")
    assert "not what was signed" in refused(home, "verify", "small", "1")


def change_a_byte_of_the_largest(objects: Path) -> None:
    largest = max(objects.glob("??/*"), key=lambda path: path.stat().st_size)
    content = bytearray(largest.read_bytes())
    content[-1] ^= 1
    largest.write_bytes(content)


def test_a_learner_gets_a_code_and_its_qr(home: RunningServer) -> None:
    said = home.command("learner", "add", "Amina", "--language", "ar")
    assert f"{home.url}/#/join/" in said
    assert "█" in said


def test_a_password_is_made_when_none_is_given(home: RunningServer) -> None:
    assert "with the password" in home.command("account", "add", "grace")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["pack", "nowhere"], "course.yaml"),
        (["publish", "none", "1"], "no release 1 of none"),
        (["verify", "none", "1"], "no release 1 of none"),
        (["learner", "add", "Amina", "--course", "none"], "There is no course none here"),
        (["learner", "add", ""], "name: String should have at least 1 character"),
        (["account", "add", "ada"], "Choose another name"),
        (["account", "add", "eve", "--role", "learner"], "tiffin learner add"),
        (["learner", "add", "Amina", "--organisation", "Elsewhere"], "there are: Tiffin"),
        (["restore", "nowhere.tar"], "nowhere.tar is not there"),
        (["carry", "show", "docs"], "docs is a folder. Name a file"),
        (["verify", "docs"], "docs is no unpacked card: card.json is not in it"),
        (["hub", "join", "tiffin.example.org", "CODE"], "Write it whole: https://"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(home: RunningServer, words: list[str], says: str) -> None:
    assert says in refused(home, *words)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("TIFFIN_PORT", "eighty", "TIFFIN_PORT: Input should be a valid integer"),
        ("TIFFIN_REDIS_URL", "localhost", "TIFFIN_REDIS_URL"),
        ("TIFFIN_PUBLIC_URL", "learn.example.org", "TIFFIN_PUBLIC_URL"),
        ("TIFFIN_LOG_LEVEL", "LOUD", "TIFFIN_LOG_LEVEL: It does not fit. DEBUG, INFO"),
        ("TIFFIN_OBJECTS_URL", "bucket", "TIFFIN_OBJECTS_URL: It does not fit. s3://BUCKET/PREFIX"),
        ("TIFFIN_DATABASE_URL", "here", "TIFFIN_DATABASE_URL"),
        ("TIFFIN_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none", "The database does not answer"),
    ],
)
def test_a_setting_that_does_not_fit_is_named(home: RunningServer, name: str, value: str, says: str) -> None:
    assert says in refused(home, "serve", **{name: value})


def test_a_home_that_is_a_file_is_named(home: RunningServer, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert str(tmp_path / "file") in refused(home, "serve", TIFFIN_HOME=str(tmp_path / "file"))


def test_a_file_in_the_databases_place_is_said(home: RunningServer, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "tiffin.db").write_text("no database at all " * 100)
    assert "not a database" in refused(home, "serve", TIFFIN_HOME=str(tmp_path / "other"))


def test_a_database_of_a_newer_version_is_said(home: RunningServer, tmp_path: Path) -> None:
    newer = copytree(home.home, tmp_path / "newer")
    with closing(sqlite3.connect(newer / "tiffin.db")) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    assert "A newer version made this database" in refused(home, "key", "show", TIFFIN_HOME=str(newer))


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "The disk has no room"),
        (OSError(errno.EDQUOT, "Disk quota exceeded", "card.zip"), "The disk has no room for card.zip"),
        (OSError(errno.EROFS, "Read-only file system", "card.zip"), "card.zip lies on a disk that takes no writing"),
        (PermissionError(errno.EACCES, "Permission denied", "keys"), "keys may not be read or written by you"),
        (sqlite3.OperationalError("database or disk is full"), "database or disk is full. Look whether"),
        (KeyError("ours"), ""),
    ],
)
def test_what_a_disk_refuses_is_said_and_a_fault_of_ours_is_not(error: Exception, says: str) -> None:
    assert says in in_words(error) and bool(says) == bool(in_words(error))


def test_a_slip_in_a_settings_name_is_told_and_other_names_are_not() -> None:
    assert list(misspelt(["TIFFIN_PROT", "TIFFIN_PORT", "TIFFIN_TEST_DATA", "PATH"])) == [
        ("TIFFIN_PROT", "TIFFIN_PORT")
    ]


def test_a_taken_port_is_said_before_anything_starts(home: RunningServer) -> None:
    with socket.create_server(("127.0.0.1", home.port)):
        assert f"Cannot listen on 127.0.0.1, port {home.port}" in refused(home, "serve")


def test_the_demo_tells_its_story_twice_and_keeps_its_people(tmp_path: Path) -> None:
    folder = course_folder(tmp_path / "course")
    here = RunningServer(tmp_path / "home")
    here.home.mkdir()
    first = tell(here, folder)
    again = tell(here, folder)
    assert signed_in(first) == signed_in(again)
    assert code_in(first) != code_in(again)


def tell(here: RunningServer, folder: Path) -> list[str]:
    """Runs the demo until a phone has joined with its code and heard of its course, then stops it with Ctrl-C."""
    log = here.home / "server.log"
    with (
        log.open("wb") as said,
        subprocess.Popen([TIFFIN, "demo", str(folder)], env=here.environment, stdout=said, stderr=said) as demo,
    ):
        here.wait_until_ready(demo)
        told = log.read_text().splitlines()
        with here.client() as client:
            phone = join(client, code_in(told), "phone")
            exchange(client, phone, now_ms())
        assert phone.releases["small"]["number"] == 1
        demo.send_signal(signal.SIGINT)
        demo.wait(STOP_SECONDS_MAX)
    assert (demo.returncode, "Traceback" in log.read_text()) == (0, False), log.read_text()
    return told


def code_in(said: list[str]) -> str:
    return next(line.partition("the code ")[2][:9] for line in said if "joins with the code" in line)


def signed_in(said: list[str]) -> list[str]:
    return [line for line in said if "password" in line]
