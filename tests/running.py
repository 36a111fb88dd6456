"""The real server as a process of its own: started on a free port, stopped, killed, started again on the same home."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import httpx

from tests.forking import Forked, begin, run
from tests.services.ports import free_port

TIFFIN = Path(sys.executable).parent / "tiffin"
# Bounds for what never comes. A cold start on a busy machine of two cores takes some four seconds, all else less.
START_SECONDS_MAX = 120
STOP_SECONDS_MAX = 120
REPLY_SECONDS_MAX = 120
WAIT_SECONDS_MAX = 600
T = TypeVar("T")


def until(true: Callable[[], T]) -> T:
    """What others come to by themselves, and stay with: a server, a worker, a page."""
    deadline = time.monotonic() + WAIT_SECONDS_MAX
    while not (found := true()):
        assert time.monotonic() < deadline, "what was waited for did not come"
        time.sleep(0.05)
    return found


class RunningServer:
    """One life after another of a server with one home folder and one address."""

    def __init__(self, home: Path, *, port: int | None = None, **environment: str) -> None:
        self.home = home
        self.port = port or free_port()
        # Chromium speaks Brotli to localhost by name, as it does to any https origin.
        self.url = f"http://localhost:{self.port}"
        self.environment = {
            **os.environ,
            "TIFFIN_HOME": str(home),
            "TIFFIN_HOST": "127.0.0.1",
            "TIFFIN_PORT": str(self.port),
            "TIFFIN_PUBLIC_URL": self.url,
            **environment,
        }
        self._process: Forked | None = None

    def command(self, *words: str) -> str:
        """Runs `tiffin WORDS` on this home and gives what it printed; its error text when it fails."""
        done = run(words, self.environment)
        assert done.returncode == 0, f"tiffin {' '.join(words)}: {done.stdout}\n{done.stderr}"
        return done.stdout

    def start(self) -> None:
        with (self.home / "server.log").open("ab") as log:
            self._process = begin(("serve",), self.environment, log, log)
        self.wait_until_ready(self._process)

    def wait_until_ready(self, process: "Forked | subprocess.Popen[bytes]") -> None:
        """Returns once `process`, which serves this home, takes requests; fails when it ends or takes too long."""
        deadline = time.monotonic() + START_SECONDS_MAX
        while not self._answers():
            assert process.poll() is None, (self.home / "server.log").read_text(errors="replace")[-4000:]
            assert time.monotonic() < deadline, "the server did not become ready"
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/readyz", timeout=REPLY_SECONDS_MAX).status_code == 200
        except httpx.TransportError:
            return False

    def client(self) -> httpx.Client:
        """Asks as a page of this server does. A browser asks again where the server has just closed what was idle for
        five seconds; here nothing is kept so long."""
        kept = httpx.Limits(keepalive_expiry=3)
        return httpx.Client(base_url=self.url, headers={"origin": self.url}, timeout=REPLY_SECONDS_MAX, limits=kept)

    @contextmanager
    def signed_in(self, name: str, password: str) -> Iterator[httpx.Client]:
        """At a console of this server."""
        with self.client() as client:
            client.post("/v1/sign-in", json={"name": name, "password": password}).raise_for_status()
            yield client

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def stop(self, how: int = signal.SIGTERM) -> None:
        if self._process is None:
            return
        self._process.send_signal(how)
        self._process.wait(STOP_SECONDS_MAX)
        self._process = None

    def kill(self) -> None:
        self.stop(signal.SIGKILL)


@contextmanager
def running(home: Path, **environment: str) -> Iterator[RunningServer]:
    home.mkdir(parents=True, exist_ok=True)
    server = RunningServer(home, **environment)
    server.start()
    try:
        yield server
    finally:
        server.stop()
