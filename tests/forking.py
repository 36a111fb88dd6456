"""`tiffin …` as a process of its own, without the seconds that it takes to load: forked from one that has loaded it.

That one speaks on its standard input, a socket: each message is a command's words, environment and folder, with the
files that it writes to and a socket of its own; there the command's process number comes back, and at its end its exit
code. What is forked is as fresh as one that was started: nothing has run in the process that it comes from.
"""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

ROOT = Path(__file__).parent.parent
MESSAGE_BYTES_MAX = 100_000  # an environment is a few kilobytes
WORD_BYTES_MAX = 20
COMMAND_SECONDS_MAX = 600


@dataclass
class Forked:
    """A command that runs, or ran; used as `subprocess.Popen` is."""

    words: tuple[str, ...]
    pid: int
    _heard: socket.socket
    _code: int | None = field(default=None, init=False)

    def poll(self) -> int | None:
        self._hear(0.0)
        return self._code

    def wait(self, seconds: float) -> int:
        """Raises `subprocess.TimeoutExpired`."""
        self._hear(seconds)
        if self._code is None:
            raise subprocess.TimeoutExpired(self.words, seconds)
        return self._code

    def send_signal(self, which: int) -> None:
        if self.poll() is None:
            with suppress(ProcessLookupError):  # it has just ended, and that is still on its way here
                os.kill(self.pid, which)

    def _hear(self, seconds: float) -> None:
        if self._code is None:
            self._heard.settimeout(seconds)
            try:
                self._code = int(self._heard.recv(WORD_BYTES_MAX))
            except (BlockingIOError, TimeoutError):
                return
            self._heard.close()


def begin(
    words: tuple[str, ...], environment: Mapping[str, str], said: IO[bytes], errors: IO[bytes], cwd: Path = ROOT
) -> Forked:
    """Begins `tiffin WORDS`, which writes to these two files."""
    message = json.dumps([words, dict(environment), str(cwd)]).encode()
    ours, theirs = socket.socketpair(type=socket.SOCK_SEQPACKET)
    with theirs:
        files = [said.fileno(), errors.fileno(), theirs.fileno()]
        socket.send_fds(_loaded(), [message], files)
    return Forked(words, int(ours.recv(WORD_BYTES_MAX)), ours)


def run(words: tuple[str, ...], environment: Mapping[str, str], cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Runs `tiffin WORDS` to its end."""
    with TemporaryFile() as said, TemporaryFile() as errors:
        code = begin(words, environment, said, errors, cwd).wait(COMMAND_SECONDS_MAX)
        return subprocess.CompletedProcess(words, code, _read(said), _read(errors))


def _read(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode()


@cache
def _loaded() -> socket.socket:
    """The other end of the process that has loaded everything; it ends with this one."""
    ours, theirs = socket.socketpair(type=socket.SOCK_SEQPACKET)
    with theirs:
        subprocess.Popen(
            [sys.executable, "-m", "tests.forking"], stdin=theirs.fileno(), stdout=subprocess.DEVNULL, cwd=ROOT
        )
    return ours


# The program.


def _serve(asked: socket.socket) -> bool:
    """Whether this is a command's process; the one that forks returns when nobody asks any more."""
    while True:
        message, files, *_ = socket.recv_fds(asked, MESSAGE_BYTES_MAX, 3)
        if not message:
            return False
        if os.fork() == 0:
            asked.close()
            return _begins(message, *files)
        for file in files:
            os.close(file)


def _begins(message: bytes, said: int, errors: int, heard: int) -> bool:
    """Forks once more: one is the command, the other waits for it and tells its end."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    child = os.fork()
    if child == 0:
        os.close(heard)
        words, environment, folder = json.loads(message)
        _become(words, environment, Path(folder), said, errors)
        return True
    os.close(said)
    os.close(errors)
    with socket.socket(fileno=heard) as telling:
        telling.send(str(child).encode())
        telling.send(str(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])).encode())
    os._exit(0)


def _become(words: list[str], environment: dict[str, str], folder: Path, said: int, errors: int) -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    for file, at in ((nothing, 0), (said, 1), (errors, 2)):
        os.dup2(file, at)
        os.close(file)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.argv = ["tiffin", *words]


if __name__ == "__main__":
    import boto3  # noqa: F401  # what commands load when they need it
    import dbos  # noqa: F401
    from sqlalchemy.orm import configure_mappers

    from server.cli import main
    from server.cli.listing import NAMES, command_line

    command_line(called=NAMES)
    configure_mappers()

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # whoever waited for a command is waited for by nobody
    if _serve(socket.socket(fileno=0)):
        main()
