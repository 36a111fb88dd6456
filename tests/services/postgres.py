"""PostgreSQL from the distribution's packages: a cluster in a temporary folder, one database for each test."""

import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

from tests.running import START_SECONDS_MAX
from tests.services.ports import free_port

USER = "postgres"


def programs() -> Path:
    """Where the newest version's programs lie; the distribution keeps them out of PATH."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    return versions[-1] if versions else Path(shutil.which("initdb") or "/usr/bin/initdb").parent


@contextmanager
def postgres() -> Iterator[str]:
    """The address of a running cluster, postgresql://…/ without a database. PostgreSQL refuses to run as root."""
    as_user = {"user": USER, "group": pwd.getpwnam(USER).pw_gid} if os.geteuid() == 0 else {}
    with TemporaryDirectory(prefix="tiffin-postgres-") as folder:
        if as_user:
            shutil.chown(folder, USER)
        with _cluster(Path(folder), as_user) as url:
            yield url


@contextmanager
def _cluster(folder: Path, as_user: Mapping[str, str | int]) -> Iterator[str]:
    """Not in pytest's own folder: each run of pytest that begins shuts that to all but its user."""
    data, port = folder / "data", free_port()
    make = [programs() / "initdb", "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8", "--no-sync"]
    subprocess.run(make, check=True, capture_output=True, cwd=folder, **as_user)  # type: ignore[call-overload]
    run = [programs() / "postgres", "-D", data, "-h", "127.0.0.1", "-p", str(port), "-k", folder, "-F"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(run, stdout=log, stderr=log, cwd=folder, **as_user)  # type: ignore[call-overload]
    try:
        url = f"postgresql://{USER}@127.0.0.1:{port}/"
        wait_for(url, process, folder / "log")
        yield url
    finally:
        process.send_signal(signal.SIGINT)  # its stop that waits for no client
        process.wait(START_SECONDS_MAX)


def wait_for(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS_MAX
    while True:
        try:
            psycopg.connect(url + "postgres").close()
            return
        except psycopg.OperationalError:
            assert process.poll() is None and time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)


def new_database(url: str, name: str, like: str = "template1") -> str:
    """Makes a database, empty or a copy of another; gives its address."""
    with psycopg.connect(url + "postgres", autocommit=True) as connection:
        connection.execute(f'create database "{name}" template "{like}"')
    return url + name
