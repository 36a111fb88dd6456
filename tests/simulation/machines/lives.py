"""Real lives of the real server: a process is forked for each, and killed at the operation it is told.

Run as a program this is the parent of those lives: it has imported everything, so that each costs a fork. It speaks
lines: `life FOLDER OPERATION`, then `request BASE64` or `compact` until `end`, each after the answer to the one before:
`ready`, `reply BASE64`, `refused`, `compacted` and, when a life is over, `over SIGNAL OPERATIONS`.
"""

import asyncio
import base64
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from server.database import Database
from server.exchange.service import ExchangeService
from server.log.compacting import Sweep
from sync.errors import SyncError
from tests.server.school import OneQuiz
from tests.simulation.machines.disk import Disk, plugged_in
from tests.simulation.machines.phones import Lost
from tests.simulation.machines.server import DATABASE

LINE_BYTES_MAX = 1 << 20
NEVER = -1
ROOT = Path(__file__).parent.parent.parent.parent


class Lives:
    """The other end of the pipe: begins lives, and carries requests to them."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.is_over = True
        self.signal = self.operations = 0

    def begin(self, folder: Path, operation: int = NEVER) -> None:
        """The next life on this folder; it is killed before that operation on its disk, counted from 0."""
        self._say(f"life {folder} {operation}")
        self.is_over = False
        self._hear()

    def carry(self, request: bytes) -> bytes:
        """Raises `Lost` when the server dies of it."""
        if not self.is_over:
            self._say(f"request {base64.b64encode(request).decode()}")
            match self._hear():
                case ["reply", reply]:
                    return base64.b64decode(reply)
        raise Lost("the server is gone")

    def compact(self) -> bool:
        """Has all history packed; False when the server dies of it."""
        self._say("compact")
        return self._hear() == ["compacted"]

    def end(self) -> None:
        """It stops in good order, if it still lives."""
        if not self.is_over:
            self._say("end")
            self._hear()

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def _hear(self) -> list[str]:
        assert self._process.stdout is not None
        words = self._process.stdout.readline().split()
        if words and words[0] == "over":
            self.is_over, self.signal, self.operations = True, int(words[1]), int(words[2])
        return words


@contextmanager
def lives() -> Iterator[Lives]:
    command = [sys.executable, "-m", "tests.simulation.machines.lives"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        yield Lives(process)
        assert process.stdin is not None
        process.stdin.close()


# The program.


def _lines() -> Iterator[list[str]]:
    """Unbuffered, since a parent and its child read the same pipe in turns; nobody sends ahead."""
    line = b""
    while chunk := os.read(sys.stdin.fileno(), LINE_BYTES_MAX):
        line += chunk
        if line.endswith(b"\n"):
            yield line.decode().split()
            line = b""


def _say(*words: str) -> None:
    os.write(sys.stdout.fileno(), (" ".join(words) + "\n").encode())


def _live(folder: Path, last: int) -> int:
    """One life, to its end or to its last operation. Gives how many operations it had."""
    with plugged_in(folder, syncs=True) as disk:
        disk.before = lambda *_: os.kill(os.getpid(), signal.SIGKILL) or 0 if disk.operations == last else 0  # type: ignore[func-returns-value]
        _serve(folder, disk)
        return disk.operations


def _serve(folder: Path, disk: Disk) -> None:
    database = Database(f"sqlite:///{folder / DATABASE}")
    service = ExchangeService(database.engine, analytics=folder / "analytics", quizzes=OneQuiz())
    service.start()
    _say("ready")
    for words in _lines():
        if words[0] == "end":
            asyncio.run(service.settled())
            break
        if words[0] == "compact":
            list(service.compact(Sweep(kept_ms=0, bytes_min=1)))
            _say("compacted")
            continue
        try:
            reply = asyncio.run(service.exchange(base64.b64decode(words[1])))
            _say("reply", base64.b64encode(reply).decode())
        except SyncError:
            _say("refused")
    service.stop()
    database.close()


def main() -> None:
    for words in _lines():
        told, tell = os.pipe()
        child = os.fork()
        if child == 0:
            os.write(tell, str(_live(Path(words[1]), int(words[2]))).encode())
            os._exit(0)
        os.close(tell)
        _, status = os.waitpid(child, 0)
        operations = os.read(told, 64).decode() or words[2]
        os.close(told)
        _say("over", str(os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0), operations)


if __name__ == "__main__":
    main()
